/**
 * The permissions a key can hold, each with the sentence shown where a key is made. Reading, spending and changing are
 * kept apart so that a dashboard's key can never send and a sender's key can never cancel what others scheduled.
 */
export const scopes = {
  'account:read': 'See the account: its name, balance and settings.',
  'sms:read': 'Read SMS history and receipts, and ask what a message would cost.',
  'sms:send': 'Send SMS, which spends credit.',
  'sms:write': 'Cancel scheduled SMS and mark receipts as read.',
  'statistics:read': 'Read counts and totals per day.',
} as const;

export type Scope = keyof typeof scopes;
