/** What a rule for inbound messages can do, each with what `action_address` means to it. */
export const inboundActions = {
  AUTO_REPLY: 'Answer the handset with body, or with action_address where there is no body.',
  EMAIL_USER: "Mail the text to the account's main user; action_address is not used.",
  EMAIL_FIXED: 'Mail the text to the address in action_address.',
  URL: 'Push the text to the URL in action_address, as webhook_type says.',
  SMS: 'Forward the text to the numbers in action_address, separated by commas.',
  POLL: 'Keep the text readable in GET /v3/sms/inbound until it is marked as read; action_address is not used.',
  GROUP_SMS: 'Forward the text to the contacts of the list whose id is in action_address.',
  MOVE_CONTACT: 'Move the contact who wrote to the list in action_address.',
  CREATE_CONTACT: 'Make the handset a contact of the list in action_address.',
  CREATE_CONTACT_PLUS_EMAIL: 'The same, with the email address in the text.',
  CREATE_CONTACT_PLUS_NAME_EMAIL: 'The same, with the name and the email address in the text.',
  CREATE_CONTACT_PLUS_NAME: 'The same, with the name in the text.',
  SMPP: 'Hand the text to the SMPP client whose system_id is in action_address.',
  NONE: 'Nothing; action_address is not used.',
} as const;

export type InboundAction = keyof typeof inboundActions;

/** What a rule for delivery receipts can do. */
export const receiptActions = {
  POLL: 'Keep receipts readable in GET /v3/sms/receipts until they are marked as read; action_address is not used.',
  URL: 'Push the receipt to the URL in action_address, as a form.',
  EMAIL: 'Mail the receipt to the address in action_address.',
} as const;

export type ReceiptAction = keyof typeof receiptActions;
