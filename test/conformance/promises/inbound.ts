import { from } from '../promise.ts';

/** Messages from handsets, and the calls about them and about rules. */
export const inbound = {
  ...from('ARCHITECTURE.md#the-life-of-a-message', {
    'inbound:kept':
      'A message from a handset is kept once and whole for its account, with what it answers, and told of as an event.',
    'inbound:once': 'Whoever reads, dies or fails in between: no message is kept twice or not at all.',
    'inbound:repeated': 'A part that its centre sends again, after the whole was read, makes no second message.',
  }),
  ...from('ClickSend v3: SMS inbound and test calls', {
    'inbound:list':
      'Kept messages stand in the list until they are marked as read, once each, oldest first, with pages.',
    'inbound:search': 'The list is searched and sorted by each of its fields.',
    'inbound:bounded': 'An account that marks nothing as read pays for 10,000 messages with each poll, and no more.',
    'inbound:reply': 'The first answer to a message can be asked for, read or not.',
    'inbound:read': 'All are marked as read, or those before a time, or one; how many is answered for one.',
    'inbound:test': 'A test message is pushed to a URL as a real one, or stands in the list.',
    'receipts:test': 'A test receipt is pushed to a URL as a real one, or only shown.',
    'receipts:price': 'A receipt says what its message costs.',
  }),
  ...from('ClickSend v3: automations', {
    'rules:inbound-calls':
      'Inbound rules are made, listed, searched, changed in part and deleted, with all fourteen actions.',
    'rules:receipt-calls': 'Receipt rules are made, listed, searched, changed in part and deleted.',
    'rules:checked': 'A rule that could not act is refused, and the answer names every field that is wrong.',
    'rules:order': 'Rules are asked in the order of their positions; a new one comes last.',
    'rules:limit': 'An account has 200 rules of a kind at most, also when two are made at once.',
    'rules:own': 'No account reads, changes or deletes a rule of another, or names its lists.',
  }),
  ...from('ClickSend v3: official Node SDK, unmodified but for its host', {
    'sdk:sms-inbound': 'smsInboundGet',
    'sdk:sms-inbound-test': 'smsInboundPost',
    'sdk:sms-inbound-read': 'smsInboundReadPut',
    'sdk:sms-inbound-read-one': 'smsInboundReadByMessageIdPut',
    'sdk:inbound-rules': 'smsInboundAutomationsGet',
    'sdk:inbound-rule': 'smsInboundAutomationGet',
    'sdk:inbound-rule-create': 'smsInboundAutomationPost',
    'sdk:inbound-rule-update': 'smsInboundAutomationPut',
    'sdk:inbound-rule-delete': 'smsInboundAutomationDelete',
    'sdk:sms-receipts-test': 'smsReceiptsPost',
    'sdk:receipt-rules': 'smsDeliveryReceiptAutomationsGet',
    'sdk:receipt-rule': 'smsDeliveryReceiptAutomationGet',
    'sdk:receipt-rule-create': 'smsDeliveryReceiptAutomationPost',
    'sdk:receipt-rule-update': 'smsDeliveryReceiptAutomationPut',
    'sdk:receipt-rule-delete': 'smsDeliveryReceiptAutomationDelete',
  }),
} as const;
