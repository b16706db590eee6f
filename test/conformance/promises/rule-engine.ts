import { from } from '../promise.ts';

/** What rules do with texts from handsets and with receipts. */
export const ruleEngine = {
  ...from('ClickSend v3: automations', {
    'rules:matching':
      'A rule is for a number or all; its term is found whatever the case, the width and the alphabet’s own rules.',
    'rules:none':
      'Rules are asked in order, every one that matches acts, and NONE keeps those behind it from being asked.',
    'rules:auto-reply': 'AUTO_REPLY answers from the number the handset wrote to, with body or else action_address.',
    'rules:email':
      'EMAIL_USER and EMAIL_FIXED mail the text to the account’s address, or to the one in action_address.',
    'rules:url': 'URL pushes the text in the encoding webhook_type names.',
    'rules:sms': 'SMS forwards to every number of action_address, never back to who wrote.',
    'rules:group-sms':
      'GROUP_SMS forwards to each contact of the list, once each, and not to who wrote or has opted out.',
    'rules:move-contact': 'MOVE_CONTACT moves who wrote from the list of the message answered to the one named.',
    'rules:create-contact':
      'CREATE_CONTACT makes who wrote a contact, with the name and the address found in the text; nobody stands twice in a list.',
    'rules:poll': 'POLL makes the text readable until it is marked as read.',
    'rules:smpp': 'SMPP hands the text to the customer’s SMPP client.',
    'rules:opted-out': 'Who writes STOP gets no answer and is put on no list; the account still hears of it.',
    'rules:receipts':
      'A receipt rule is told of each final state of a message of its channel, once: of all, of failures only, or of successes only.',
  }),
  ...from('docs/rules.md', {
    'rules:once': 'What a rule does is done exactly once, whatever dies in between; a push is queued exactly once.',
    'rules:failure': 'What cannot be done is listed with its reason, and holds up nothing else.',
    'rules:shown': 'GET /automations/sms/inbound/{id}/actions shows what a rule did, newest first.',
    'rules:alerts': 'Of what somebody must look at the account’s main user gets one mail, and no flood of them.',
    'rules:fair': 'However much the rules of one account have to do, those of another have their turn soon.',
    'rules:ceilings':
      'Within an hour a rule sends no more than it may, however many write, and the rules of an account mail no more than they may.',
    'rules:barred': 'For a banned or inactive account rules do nothing but keep its texts readable.',
  }),
} as const;
