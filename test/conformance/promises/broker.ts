import { from } from '../promise.ts';

/** The tool broker's API under /api/v3 and /api/v3.1. */
export const broker = {
  ...from('Broker API v3 and v3.1: every call', {
    'broker:auth':
      'A project’s or an agent’s key in x-api-key or Authorization: Bearer opens it; none, two or a wrong one is 401.',
    'broker:bounded':
      'Large bodies are read one of an account and two in all at once, and a key has 32 calls under way; the rest are 503 unread, and small ones go on.',
    'broker:slips':
      'A field that is misspelt where its right name is missing is refused by name; other unknown fields are let be.',
    'broker:envelope':
      'Every failure stands in the broker’s error envelope: wrong types, broken, deep and huge bodies, and unknown routes as well.',
    'broker:lists':
      'A limit of 9,999 is clamped and never refused; a cursor leads on to the rest, and a forged one opens nothing.',
    'broker:agents':
      'What an agent may not run is neither listed nor found; it sees its own connections only, and changes none.',
  }),
  ...from('Broker API v3 and v3.1: tools', {
    'broker:toolkit': 'The toolkit is listed and shown with every field that clients ask for, under both prefixes.',
    'broker:tools':
      'Tools are found by toolkit, slug in any case, tag, importance, auth config and words; unknown versions are 404.',
    'broker:schemas':
      'Every tool passes what clients ask of its schemas, since one that does not breaks the whole list.',
  }),
  ...from('Broker API v3 and v3.1: connections', {
    'broker:auth-configs':
      'An auth config is made, listed (enabled ones first), changed, disabled and deleted; the managed one is the account’s default.',
    'broker:connect':
      'Credentials are tried when they are given: right → ACTIVE, wrong → FAILED with the reason; without any there is a link.',
    'broker:accounts':
      'Connections are filtered by user, auth config, status and id; renamed, rotated, disabled, revoked and deleted.',
    'broker:secrets': 'A password is shown as dots, whatever is asked.',
    'broker:foreign': 'What is another account’s is 404, on every call.',
  }),
  ...from('Broker API v3 and v3.1: executions', {
    'broker:execute':
      'Business failures are 200 with successful: false; data is an object, error is there, text or null.',
    'broker:no-connection': 'A user without a connection is code 1803.',
    'broker:no-retry': 'Every failed execution says x-should-retry: false, and none is 409 or 429.',
    'broker:credentials': 'Credentials and free text in an execution are refused by name.',
    'broker:logs': 'Executions are found by tool, user, connection, run, status and time; an agent finds its own only.',
    'broker:not-served': 'Sessions, uploads and what else is not served are refused with what to do instead.',
    'broker:lost-response': 'An answer lost on its way makes the client ask again, and nothing is sent twice.',
  }),
  ...from('The broker’s SDK, unmodified but for its address', {
    'broker-sdk:tools':
      'Versions 0.17.0 and 0.8.1 read toolkits and tools, also through their OpenAI provider, without one warning.',
    'broker-sdk:execute':
      'They execute tools, directly and through the provider, and know a missing tool and connection by type.',
    'broker-sdk:connect': 'They connect with credentials and by a link whose page is filled in, and wait for it.',
    'broker-sdk:lifecycle': 'They list, disable, enable, refresh, revoke and delete connections and auth configs.',
  }),
} as const;
