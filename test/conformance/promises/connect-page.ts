import { from } from '../promise.ts';

/** The hosted page on which somebody connects an account, for an application that asked. */
export const connectPage = {
  ...from('Composio v3: hosted connect page', {
    'connect:asks': 'The page says who asks for what, which host the credentials go to, and when the link expires.',
    'connect:policy': 'It runs no script, loads nothing, stands in no frame, is cached and indexed nowhere.',
    'connect:accessible':
      'Fields, faults and buttons have names, a fault has the focus, and colours contrast in light and dark.',
    'connect:query':
      'Nothing of the query or of forwarded headers is used: callback, state, target and host are stored.',
    'connect:bound': 'A link opens for the browser that opened it first, by a cookie of this link and page alone.',
    'connect:previews': 'Previews, prefetches and scanners do not bind a link to themselves.',
    'connect:success':
      'Right credentials connect once, and lead to the callback with status, connected_account_id and state, or to a page that says so.',
    'connect:wrong':
      'Wrong credentials are told apart from a host that does not answer; five wrong tries close the link; no password comes back.',
    'connect:cancel': 'Cancelling closes the link, fails the connection and tells the callback.',
    'connect:gone': 'Unknown, expired, used and closed links each have a page; malformed and unknown ones are alike.',
    'connect:guessing': 'Wrong tokens are slowed down by address.',
    'connect:forged': 'A form that was not drawn for this browser and link changes nothing.',
  }),
} as const;
