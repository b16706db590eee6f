import type { InboundAction } from '@veredus/contract/rule-actions';
import { z } from 'zod';
import { action } from '../action.ts';
import { filledText, flag, isEmail, isWebUrl } from '../fields.ts';
import { hints } from '../hints.ts';
import { wire } from '../wire.ts';

/** What each action does, with what action_address means to it. */
const does: Readonly<Record<InboundAction, string>> = {
  AUTO_REPLY: 'answer the sender with the text in action_address',
  EMAIL_USER: "mail the message to the account's main user",
  EMAIL_FIXED: 'mail it to the email address in action_address',
  URL: 'push it to the URL in action_address',
  SMS: 'forward it to the numbers in action_address, separated by commas',
  POLL: 'keep it to be read by CLICKSEND_GET_SMS_INBOUND',
  GROUP_SMS: 'forward it to every contact of the list whose id is in action_address',
  MOVE_CONTACT: 'move the contact who wrote to the list whose id is in action_address',
  CREATE_CONTACT: 'add the sender to the list whose id is in action_address',
  CREATE_CONTACT_PLUS_EMAIL: 'the same, with the email address found in the text',
  CREATE_CONTACT_PLUS_NAME_EMAIL: 'the same, with name and email address found in the text',
  CREATE_CONTACT_PLUS_NAME: 'the same, with the name found in the text',
  SMPP: 'hand it to the SMPP client whose system_id is in action_address',
  NONE: 'do nothing',
};

const names = Object.keys(does) as [InboundAction, ...InboundAction[]];
const NUMBER = /^(\*|\+?\d{3,15})$/;

/** What the address of an action must look like, where it can be told here. */
const addresses: Partial<Record<InboundAction, { fits(address: string): boolean; words: string }>> = {
  EMAIL_FIXED: { fits: isEmail, words: 'must be the email address to write to, as ana@example.com.' },
  URL: { fits: isWebUrl, words: 'must be the URL to push to, beginning with http:// or https://.' },
  ...Object.fromEntries(
    names
      .filter((name) => name.startsWith('CREATE_CONTACT') || name === 'MOVE_CONTACT' || name === 'GROUP_SMS')
      .map((name) => [name, { fits: (address: string) => /^\d+$/.test(address), words: 'must be the id of a list.' }]),
  ),
};
const needNothing: ReadonlySet<InboundAction> = new Set(['EMAIL_USER', 'POLL', 'NONE']);

type Rule = {
  action: InboundAction;
  action_address: string;
  message_search_type: number;
  message_search_term?: string | undefined;
};

function checkRule(rule: Rule, context: z.core.$RefinementCtx): void {
  const address = rule.action_address.trim();
  const wanted = addresses[rule.action];
  const missing = address === '' && !needNothing.has(rule.action);
  if (wanted !== undefined && !wanted.fits(address)) {
    context.addIssue({
      code: 'custom',
      path: ['action_address'],
      message: `${wanted.words} That is where action ${rule.action} acts.`,
    });
  } else if (missing) {
    const message = `must not be empty for action ${rule.action}, which does this: ${does[rule.action]}.`;
    context.addIssue({ code: 'custom', path: ['action_address'], message });
  }
  if (rule.message_search_type !== 0 && (rule.message_search_term ?? '').trim() === '') {
    const message = `is required for message_search_type ${rule.message_search_type}: give the text to look for, or take type 0 for any message.`;
    context.addIssue({ code: 'custom', path: ['message_search_term'], message });
  }
}

export const createInboundRule = action({
  slug: 'CLICKSEND_CREATE_AUTOMATIONS_SMS_INBOUND',
  title: 'Create a rule for incoming SMS messages',
  description:
    'Creates a rule that acts on its own whenever an SMS message comes in: it can answer, forward, push to a URL, add or move a contact, or keep messages to be listed (POLL). It acts for every such message from now on, until it is disabled; AUTO_REPLY, SMS and GROUP_SMS send messages, which cost money each time. Repeating the call makes a second rule that acts as well. Answers inbound_rule_id. Asks about the text by message_search_type and message_search_term.',
  input: z
    .strictObject({
      action: z.enum(names).describe(`What is done. ${names.map((name) => `${name}: ${does[name]}.`).join(' ')}`),
      enabled: flag().describe('1 = the rule acts, 0 = it is kept but does nothing.'),
      rule_name: filledText().describe('The name the rule is found by.'),
      action_address: z
        .string()
        .describe(
          'What the action needs: an email address for EMAIL_FIXED, a URL for URL, numbers for SMS, a list_id for GROUP_SMS, MOVE_CONTACT and CREATE_CONTACT…, the text of the answer for AUTO_REPLY. "" for POLL, EMAIL_USER and NONE.',
        ),
      dedicated_number: z
        .string()
        .overwrite((text) => text.replace(/[\s().-]/g, ''))
        .regex(NUMBER, 'must be a number of the account in international form, as +61422222222, or * for all of them.')
        .describe('The number of the account that was written to, as +61422222222; * = every number.'),
      message_search_type: z
        .int()
        .min(0, 'must be 0, 1, 2 or 3.')
        .max(3, 'must be 0, 1, 2 or 3.')
        .describe(
          'Which messages: 0 = every message, 1 = those that start with message_search_term, 2 = that contain it, 3 = that do not contain it.',
        ),
      message_search_term: z
        .string()
        .optional()
        .describe('The text to look for. Required unless message_search_type is 0.'),
      webhook_type: z
        .enum(['post', 'get', 'json'])
        .optional()
        .describe('For action URL, how it is pushed: post (a form), get (a query) or json. Default post.'),
    })
    .superRefine(checkRule),
  hints: hints.addsWithOutside,
  spends: true,
  topics: ['sms', 'inbound', 'automations', 'rules'],
  endpoint: wire('inboundRuleCreate'),
  operation: (input) => ({ body: input }),
});
