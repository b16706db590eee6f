import { describe, expect, test } from 'vitest';
import { verifies } from '../../../test/conformance/promises.ts';
import type { Action } from './action.ts';
import { findAction } from './catalogue.ts';
import { good } from './fixtures/arguments.ts';
import { readArguments } from './read-arguments.ts';

const known = (slug: string): Action => {
  const action = findAction(`CLICKSEND_${slug}`);
  if (action === null) throw new Error(`no ${slug}`);
  return action;
};

const message = { to: '+61411111111', body: 'Bread is ready.' };
const letter = good.CREATE_POST_LETTERS_SEND!;
const rule = good.CREATE_AUTOMATIONS_SMS_INBOUND!;
const id = { list_id: 1 };

describe('what models write beside the type', () => {
  test.each([
    ['GET_LISTS', { page: '2', limit: ' 50 ' }, { page: 2, limit: 50 }],
    ['GET_LISTS', { page: null, limit: '' }, {}],
    ['GET_LISTS', null, {}],
    ['GET_LISTS', undefined, {}],
    ['GET_LISTS', '{"page": 3}', { page: 3 }],
    ['DELETE_LISTS', { list_id: '428' }, { list_id: 428 }],
    ['CREATE_SMS_SEND', { messages: JSON.stringify([message]) }, { messages: [message] }],
    [
      'CREATE_SMS_SEND',
      { messages: [{ ...message, to: '+61 (411) 111-111', from: null, custom_string: 8841 }] },
      { messages: [{ ...message, custom_string: '8841' }] },
    ],
    [
      'CREATE_SMS_SEND',
      { messages: [{ ...message, country: 'au', schedule: '1790000000' }] },
      { messages: [{ ...message, country: 'AU', schedule: 1790000000 }] },
    ],
    [
      'CREATE_POST_LETTERS_SEND',
      { ...letter, colour: 'true', duplex: false, priority_post: '1' },
      { ...letter, colour: 1, duplex: 0, priority_post: 1 },
    ],
    [
      'CREATE_AUTOMATIONS_SMS_INBOUND',
      {
        ...rule,
        action: 'move_contact',
        action_address: 428,
        enabled: true,
        webhook_type: 'JSON',
        message_search_term: null,
      },
      { ...rule, action: 'MOVE_CONTACT', action_address: '428', enabled: 1, webhook_type: 'json' },
    ],
  ])(verifies('tools:tolerance', '%s reads %j as it was meant'), (slug, raw, input) => {
    expect(readArguments(known(slug), raw)).toEqual({ ok: true, input });
  });

  test(verifies('tools:tolerance', 'true is no page, and an address of nothing stays nothing'), () => {
    expect(readArguments(known('GET_LISTS'), { page: true }).ok).toBe(false);
    expect(
      readArguments(known('CREATE_AUTOMATIONS_SMS_INBOUND'), { ...rule, action: 'POLL', action_address: '' }).ok,
    ).toBe(true);
    expect(readArguments(known('UPDATE_LISTS_CONTACTS'), { ...id, contact_id: 2, email: '' })).toMatchObject({
      ok: true,
      input: { email: '' },
    });
  });
});
