import { from } from '../promise.ts';

/** Credentials of people at a target: kept, tried, used and ended. */
export const connections = {
  ...from('design: connections and targets; Composio v3: connected accounts', {
    'connections:vault':
      'Credentials are sealed under a key of their own; a row that is changed, or copied to another account or connection, does not open.',
    'connections:rotation':
      'The vault’s key rotates without losing a connection, wherever it dies; a lost secret key makes connections EXPIRED, and nothing crashes.',
    'connections:quiet': 'A password stands in no column but the sealed one, and in no answer, log or error.',
    'connections:verified':
      'Credentials are tried at the target when they come; wrong ones and a target nobody reaches are told apart.',
    'connections:states':
      'States follow one graph; a disabled ACTIVE connection is shown as INACTIVE and runs nothing.',
    'connections:rotate-credentials':
      'New credentials take the place of the old only when the target says they are right.',
    'connections:health':
      'Connections are checked every six hours and after a 401; wrong credentials expire one, an unreachable target does not.',
    'connections:foreign': 'Another account’s connection, auth config or link is not there, whatever is asked.',
    'connections:choice':
      'A connection that is not ACTIVE, disabled, not the user’s, or not allowed for the action is not used, and the refusal says why.',
    'connections:bounds':
      'An account has 1,000 connections and 100 auth configs at most, also when they are made at once.',
    'connections:default-config': 'Each target has one auth config made by itself, however many ask for it at once.',
    'connections:links':
      'A link is good for one success, five wrong tries and ten minutes, in the browser that opened it first, also when it is submitted twice at once.',
    'connections:callbacks':
      'A callback is http or https, without credentials, on an allowed host; anything else is refused.',
    'connections:audit': 'What happens to a connection stands in the audit log, with who did it.',
    'connections:local':
      'This server as a target takes the credentials and permissions of its API; keys of agents are refused; wrong passwords there lock out nobody.',
    'connections:cloud':
      'The cloud is called over checked TLS, once; what may have been done is told apart from what was not; nothing waits for longer than 45 s.',
  }),
} as const;
