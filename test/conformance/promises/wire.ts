import { from } from '../promise.ts';

/** What a client of ClickSend's REST API v3 may rely on. */
export const wire = {
  ...from('ClickSend v3: transport, envelope and errors', {
    'wire:envelope':
      'Every answer is {http_code, response_code, response_msg, data}; http_code is a number equal to the status.',
    'wire:errors': 'One exhaustive table says which status, response_code and sentence each refusal gets.',
    'wire:tolerance':
      'A misspelt JSON content type, an empty body on PUT, a trailing slash and a chunked body are taken.',
    'wire:body-limits': 'Each route has a body limit; above it the answer is 413.',
    'wire:openapi': '/openapi.json and /docs are made from the schemas that validate.',
    'wire:routes': 'Each endpoint of the contract has a handler, or the server does not compile.',
    'wire:client': 'The typed client is made from the same table and reads every answer.',
  }),
  ...from('ClickSend v3: search, sort, dates and pages', {
    'search:q': '`q` and `order_by` take every stored column of the row.',
    'search:operator': 'Several `field:value` pairs are joined by AND, or by OR when asked; a field may come twice.',
    'search:synonyms': '`date` and `timestamp` mean the same.',
    'search:unknown-field': 'An unknown field is 400 and the answer names the allowed ones.',
    'search:plus': 'In a phone number, a space that a decoder made of `+` counts as `+`.',
    'page:limit': '`limit` above 100 is clamped; pages carry totals and addresses of their neighbours.',
  }),
  ...from('ClickSend v3: official Node SDK, unmodified but for its host', {
    'sdk:sms-send': 'smsSendPost',
    'sdk:sms-price': 'smsPricePost',
    'sdk:sms-history': 'smsHistoryGet',
    'sdk:sms-history-export': 'smsHistoryExportGet, and its file can be fetched',
    'sdk:sms-receipts': 'smsReceiptsGet',
    'sdk:sms-receipt': 'smsReceiptsByMessageIdGet',
    'sdk:sms-receipts-read': 'smsReceiptsReadPut',
    'sdk:sms-cancel': 'smsCancelByMessageIdPut',
    'sdk:sms-cancel-all': 'smsCancelAllPut',
    'sdk:account': 'accountGet',
    'sdk:statistics': 'statisticsSmsGet',
    'sdk:countries': 'countriesGet',
  }),
  ...from('ClickSend v3: SMS', {
    'sms:thousand': 'One call takes up to 1,000 messages, and each has its own id, price and status inside a 200.',
    'sms:too-many': 'More than 1,000 messages are TOO_MANY_RECIPIENTS.',
    'sms:per-item': 'A message that cannot be sent gets its own status and harms no neighbour.',
    'sms:recipient': "A local number is read with the message's country or the account's; an answer carries E.164.",
    'sms:sender':
      'Shared, dedicated, alpha (3 to 11 characters) and own-number senders are taken; others are INVALID_SENDER_ID.',
    'sms:senders':
      "A message without a sender gets the one chosen for its recipient's country; a bad choice is INVALID_SENDER_ID for it.",
    'sms:links':
      "StopMsg.me/xxxxx becomes the recipient's own opt-out link, counted and priced as it is sent, or the text is refused.",
    'sms:shorten-urls': "With shorten_urls the first URL of a text becomes a short link of the recipient's own.",
    'sms:schedule': 'A message waits up to 4 calendar months; a past time means now; beyond is INVALID_SCHEDULE.',
    'sms:schedule-unit': 'Milliseconds or text as schedule are refused with the right value shown.',
    'sms:custom-string': 'custom_string comes back in the answer, the history and the receipt.',
    'sms:too-long': 'A text over the part limit is refused for that message, unless the account allows truncation.',
    'sms:throttle': 'The same body to the same recipient a moment ago is THROTTLED.',
    'sms:cancel': 'A scheduled message can be cancelled until it is claimed, and its money is released.',
    'sms:cancel-all': 'Cancel all takes every scheduled message, or those with one custom_string.',
    'sms:history': 'History filters by status, dates and any stored column, and pages without gaps or repeats.',
    'sms:export': 'The history export is a CSV of the same filter.',
    'sms:receipts': 'Receipts can be listed, fetched by message, and marked read up to a time.',
    'sms:statistics': 'Statistics count what was sent, delivered and failed, and agree with history.',
    'sms:default-rules': 'A new account has one POLL receipt rule and one POLL inbound rule, and may delete them.',
    'countries:public': 'The list of countries needs no credentials.',
  }),
} as const;
