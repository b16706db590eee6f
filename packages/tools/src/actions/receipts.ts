import { z } from 'zod';
import { action } from '../action.ts';
import { given, limit, page, uuid } from '../fields.ts';
import { hints } from '../hints.ts';
import { wire } from '../wire.ts';

export const getSmsReceipts = action({
  slug: 'CLICKSEND_GET_SMS_RECEIPTS',
  title: 'List unread SMS delivery receipts',
  description:
    'Lists delivery receipts of SMS messages that nobody has marked as read: when and how each delivery ended, with status code and error text. Only accounts with a delivery report rule whose action is POLL collect receipts here; without one the list stays empty, and CLICKSEND_GET_SMS_HISTORY tells the same of every message. Reading does not remove receipts.',
  input: z.strictObject({ page: page(), limit: limit(1) }),
  hints: hints.reads,
  spends: false,
  topics: ['sms', 'receipts', 'delivery'],
  endpoint: wire('smsReceipts'),
  operation: (query) => ({ query: given(query) }),
});

export const getSmsReceipt = action({
  slug: 'CLICKSEND_SMS_RECEIPTS_BY_MESSAGE_ID_GET',
  title: 'Get the delivery receipt of one SMS message',
  description:
    'Gets the delivery receipt of one SMS message by its message_id: status code, text and time. Use it to see whether a certain message arrived. NOT_FOUND means that there is no receipt: the message may still be on its way, or the id may be wrong; CLICKSEND_GET_SMS_HISTORY with q "message_id:…" tells which.',
  input: z.strictObject({
    message_id: uuid().describe('The message_id that sending answered, as 3B0E5C1A-77D2-4A0B-9B7C-5F0E6C2D1A90.'),
  }),
  hints: hints.reads,
  spends: false,
  topics: ['sms', 'receipts', 'delivery'],
  endpoint: wire('smsReceipt'),
  operation: ({ message_id }) => ({ params: { message_id } }),
});
