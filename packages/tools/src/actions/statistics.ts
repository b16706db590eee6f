import { z } from 'zod';
import { action } from '../action.ts';
import { hints } from '../hints.ts';
import { wire } from '../wire.ts';

export const getSmsStatistics = action({
  slug: 'CLICKSEND_GET_STATISTICS_SMS',
  title: 'Get SMS statistics of the last 30 days',
  description:
    'Gets the SMS figures of the account for the last 30 days, in all and by day: messages sent and what they cost, messages received, and messages that failed. Takes no arguments. For single messages use CLICKSEND_GET_SMS_HISTORY, for one campaign CLICKSEND_GET_SMS_CAMPAIGNS3.',
  input: z.strictObject({}),
  hints: hints.reads,
  spends: false,
  topics: ['sms', 'statistics'],
  endpoint: wire('smsStatistics'),
  operation: () => ({}),
});
