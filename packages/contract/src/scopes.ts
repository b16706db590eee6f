/**
 * The permissions a key can hold, each with the sentence shown where a key is made. Reading, spending and changing are
 * kept apart so that a dashboard's key can never send and a sender's key can never cancel what others scheduled.
 */
export const scopes = {
  'account:read': 'See the account: its name, balance and settings.',
  'sms:read': 'Read SMS history and receipts, and ask what a message would cost.',
  'sms:send': 'Send SMS, which spends credit.',
  'sms:write': 'Cancel scheduled SMS, mark receipts as read, and change templates.',
  'contacts:read': 'Read lists and contacts, and export them.',
  'contacts:write': 'Make, change, import and delete lists and contacts.',
  'campaigns:read': 'See campaigns, whom they write to, what became of them, and what one would cost.',
  'campaigns:send': 'Launch and schedule campaigns, which spends credit.',
  'campaigns:write': 'Pause, resume and cancel campaigns.',
  'files:write': 'Upload files.',
  'optouts:read': 'See who opted out, and the proof of it.',
  'optouts:write': 'Record and lift opt-outs.',
  'statistics:read': 'Read counts and totals per day.',
} as const;

export type Scope = keyof typeof scopes;
