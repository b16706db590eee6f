/**
 * The permissions a key can hold, each with the sentence shown where a key is made. Reading, spending and changing are
 * kept apart so that a dashboard's key can never send and a sender's key can never cancel what others scheduled.
 */
export const scopes = {
  'account:read': 'See the account: its name, balance and settings.',
  'sms:read': 'Read SMS history, receipts and inbound messages, and ask what a message would cost.',
  'sms:send': 'Send SMS, which spends credit.',
  'sms:write': 'Cancel scheduled SMS, mark receipts and inbound messages as read, and change templates.',
  'contacts:read': 'Read lists and contacts, and export them.',
  'contacts:write': 'Make, change, import and delete lists and contacts.',
  'campaigns:read': 'See campaigns, whom they write to, what became of them, and what one would cost.',
  'campaigns:send': 'Launch and schedule campaigns, which spends credit.',
  'campaigns:write': 'Pause, resume and cancel campaigns.',
  'files:write': 'Upload files.',
  'optouts:read': 'See who opted out, and the proof of it.',
  'optouts:write': 'Record and lift opt-outs.',
  'rules:read': 'See rules for inbound messages and receipts, and what they did.',
  'rules:write': 'Make, change and delete rules, which may forward messages and spend credit.',
  'webhooks:read': 'See webhook endpoints and the log of what was sent to them.',
  'webhooks:write': 'Change webhook endpoints, see and rotate their signing keys, send again, and push test events.',
  'events:read': 'Follow what happens to the account as it happens.',
  'agents:read': 'See agents, their connections, what they did, and the audit log.',
  'agents:write': 'Make, change and end agents, their keys and their connections.',
  'statistics:read': 'Read counts and totals per day.',
} as const;

export type Scope = keyof typeof scopes;
