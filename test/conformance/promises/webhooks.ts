import { from } from '../promise.ts';

/** Events pushed to customers' servers. */
export const webhooks = from('docs/webhooks.md', {
  'webhooks:body': "An event's body is ClickSend's: form-encoded, JSON, or terms of a GET, with nothing of ours in it.",
  'webhooks:signed': 'Every attempt is signed as Standard Webhooks 1.0 says; the official library verifies it.',
  'webhooks:rotation': 'After a change of the key both sign for a day, and then the new one alone.',
  'webhooks:id': 'The webhook-id of a delivery is the same at every attempt, replays included.',
  'webhooks:schedule': 'Ten attempts over 75.6 hours with jitter; only 2xx is success; Retry-After is kept to.',
  'webhooks:gone': '410 disables the endpoint at once, and its people are told.',
  'webhooks:breaker': 'After five failures in a row one probe at a time is sent, until one succeeds.',
  'webhooks:disabled':
    'An endpoint is disabled only after a whole schedule without a success, and its people are told.',
  'webhooks:replay': 'What was dead or delivered can be sent again, with its id and its bytes.',
  'webhooks:log': 'Every attempt is kept with its request and what came back, each to 4 kB, and how long it took.',
  'webhooks:guarded': 'Every attempt goes through the guard of URLs, since names may move.',
  'webhooks:limits':
    'An account has so many endpoints and no more, makes so many test calls a minute, and idle endpoints are forgotten.',
  'webhooks:fair':
    'However many endpoints an account has, and however they hang, the events of others find their places.',
  'webhooks:nodes': 'Nodes share the work; what a killed one held is tried again, with the same id.',
  'webhooks:depth': 'Pushes say how many pushes led to them, and the API refuses a third.',
  'webhooks:api':
    'Endpoints, deliveries and keys can be seen and changed by the account they belong to, and by no other.',
});
