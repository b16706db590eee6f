import { type Endpoints, endpoints } from '@veredus/contract/endpoints';
import { inboundRuleSearch, RULES_PER_ACCOUNT } from '@veredus/contract/endpoints/inbound-rules';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount } from '../db/db.ts';
import { FORWARDED_TO, INBOUND_ACTIONS } from './actions.ts';
import {
  changeInboundRule,
  createInboundRule,
  listInboundRules,
  readInboundRule,
  removeInboundRule,
} from './inbound-rules.ts';
import { countRulesLocked, findInboundRules, insertInboundRule } from './store.ts';

const clock = handClock();
let own: TestDatabase;
let caller: Caller;
let stranger: Caller;
let listId: number;
let optOutList: number;
let theirList: number;
const parts = () => ({
  db: own.db,
  clock,
  publicUrl: () => 'https://msg.example.test',
  allowUrls: [{ host: 'localhost', port: 9000 }],
});
const query = async (text: string, ...values: unknown[]) => (await own.db.enginePool.query(text, values)).rows;

beforeAll(async () => {
  own = await openTestDatabase();
  [caller, stranger] = [await callerOf('bakehouse'), await callerOf('stranger')];
  [listId, theirList] = [await listOf(caller), await listOf(stranger)];
  const [optOut] = await query('select list_id from lists where account_id = $1 and is_opt_out', caller.accountId);
  optOutList = optOut.list_id;
  for (const [who, name] of [
    [caller, 'crm-1'],
    [stranger, 'theirs'],
  ] as const) {
    await query(
      `insert into esmes (system_id, account_id, user_id, password_hash, created_at) values ($1, $2, $3, '', 0)`,
      ...[name, who.accountId, who.userId],
    );
  }
});
afterAll(() => own.close());
beforeEach(() => query('delete from inbound_rules'));

async function callerOf(name: string): Promise<Caller> {
  return { ...(await addAccount(own.db, name)), username: name, account: { country: 'AU' } } as unknown as Caller;
}

async function listOf(who: Caller): Promise<number> {
  const [list] = await query(
    `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'L', 'L', 0) returning list_id`,
    who.accountId,
  );
  return list.list_id;
}

type CallOf = 'inboundRules' | 'inboundRuleCreate' | 'inboundRuleUpdate';

/** As the wire reads it; a refused call throws its fields. */
function reading<K extends CallOf>(id: K, raw: { query?: unknown; body?: unknown; params?: unknown }) {
  const read = readCall<Endpoints[K]>(endpoints[id], raw);
  if (!read.ok) throw Object.assign(new Error('refused'), { kind: 'bad-request', fields: read.fields });
  return read.call;
}

const SPOKEN = { rule_name: 'Kept', dedicated_number: '*', message_search_type: 0, action: 'POLL', enabled: 1 };

async function make(fields: object = {}, who = caller) {
  const { body } = reading('inboundRuleCreate', { body: { ...SPOKEN, ...fields } });
  const { data } = await createInboundRule(parts(), who, body);
  endpoints.inboundRuleCreate.data.parse(data);
  return data;
}
async function change(id: number, fields: object, who = caller) {
  const { body } = reading('inboundRuleUpdate', { params: { inbound_rule_id: String(id) }, body: fields });
  return (await changeInboundRule(parts(), who, id, body)).data;
}
async function list(terms: Record<string, string> = {}, who = caller) {
  const { data } = await listInboundRules(parts(), who, reading('inboundRules', { query: terms }).query);
  endpoints.inboundRules.data.parse(data);
  return data;
}
const names = async (terms: Record<string, string> = {}, who = caller) =>
  (await list(terms, who)).data.map((rule) => rule.rule_name);
const read = async (id: number, who = caller) => (await readInboundRule(parts(), who, id)).data;

describe('a rule for messages from handsets', () => {
  test(verifies('rules:inbound-calls', 'is made as the contract shows it'), async () => {
    const made = await make({
      rule_name: ' Replies to CRM ',
      message_search_term: null,
      action: 'URL',
      action_address: 'https://crm.example.test/hooks/sms',
      webhook_type: 'json',
    });
    expect(made).toEqual({
      inbound_rule_id: expect.any(Number),
      sms_inbound_rule_id: made.inbound_rule_id,
      rule_name: 'Replies to CRM',
      dedicated_number: '*',
      message_search_type: 0,
      message_search_term: null,
      action: 'URL',
      action_address: 'https://crm.example.test/hooks/sms',
      body: null,
      enabled: 1,
      webhook_type: 'json',
      position: 1,
    });
    expect(await read(made.inbound_rule_id)).toEqual(made);
  });

  const addresses: Record<string, { action_address?: unknown; body?: string; kept?: string }> = {
    AUTO_REPLY: { body: 'Thanks, (First Name)!' },
    EMAIL_USER: { action_address: '' },
    EMAIL_FIXED: { action_address: ' ana@example.com ', kept: 'ana@example.com' },
    URL: { action_address: 'https://crm.example.test/' },
    SMS: { action_address: '0400 000 001, +61400000002,+61400000001', kept: '+61400000001,+61400000002' },
    POLL: { action_address: null, kept: '' },
    SMPP: { action_address: 'crm-1' },
    NONE: {},
  };
  test.each(INBOUND_ACTIONS)(
    verifies('rules:inbound-calls', 'seed:CREATE_AUTOMATIONS_SMS_INBOUND', 'can do %s'),
    async (action) => {
      const { kept, ...fields } = addresses[action] ?? { action_address: listId, kept: String(listId) };
      const made = await make({ ...fields, action: action.toLowerCase() });
      expect(made).toMatchObject({ action, action_address: kept ?? fields.action_address ?? '' });
      expect(made.webhook_type).toBe(action === 'URL' ? 'post' : null);
      expect(made.body).toBe(fields.body ?? null);
      expect(await read(made.inbound_rule_id)).toEqual(made);
    },
  );

  test('is read as clients write it', async () => {
    const made = await make({ enabled: '0', message_search_type: '2', message_search_term: 'Order', position: '7' });
    expect(made).toMatchObject({ enabled: 0, message_search_type: 2, message_search_term: 'Order', position: 7 });
    expect((await make({ enabled: true, account_id: stranger.accountId })).enabled).toBe(1);
    expect(await names({}, stranger)).toEqual([]);
    expect(await make({ action: 'AUTO_REPLY', action_address: 'Thanks!' })).toMatchObject({
      action_address: 'Thanks!',
      body: null,
    });
    expect((await make({ rule_name: 'a\u0000b\ud800' })).rule_name).toBe('a\ufffdb\ufffd');
    expect(
      (await make({ webhook_type: '', action: 'URL', action_address: 'http://localhost:9000/' })).webhook_type,
    ).toBe('post');
  });

  test.each([
    ['0422 222 222', '+61422222222'],
    ['+61 422 222 222', '+61422222222'],
    [' 61422222222', '+61422222222'],
    ['19900', '19900'],
    [' * ', '*'],
  ])('is for the number %j as %s', async (dedicated_number, kept) => {
    expect((await make({ dedicated_number })).dedicated_number).toBe(kept);
  });

  test(verifies('rules:inbound-calls', 'is changed in part and deleted'), async () => {
    const made = await make({ action: 'URL', action_address: 'https://crm.example.test/', webhook_type: 'get' });
    const id = made.inbound_rule_id;
    expect(await change(id, { rule_name: 'Renamed', enabled: 0 })).toEqual({
      ...made,
      rule_name: 'Renamed',
      enabled: 0,
    });
    expect(await change(id, { message_search_type: 1, message_search_term: 'order' })).toMatchObject({
      rule_name: 'Renamed',
      message_search_term: 'order',
    });
    await expect(change(id, { message_search_term: null })).rejects.toMatchObject({ kind: 'bad-request' });
    expect(await change(id, { message_search_type: 0, message_search_term: null })).toMatchObject({
      message_search_term: null,
      action_address: 'https://crm.example.test/',
      webhook_type: 'get',
    });
    expect(await change(id, {})).toMatchObject({ rule_name: 'Renamed', enabled: 0 });
    // Its address meant something to the former action alone.
    await expect(change(id, { action: 'EMAIL_FIXED' })).rejects.toMatchObject({
      fields: { action_address: expect.stringContaining('email') },
    });
    expect(await change(id, { action: 'POLL' })).toMatchObject({ action_address: '', webhook_type: null });
    expect((await removeInboundRule(parts(), caller, id)).data).toEqual([]);
    await expect(removeInboundRule(parts(), caller, id)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(read(id)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(change(id, { rule_name: 'x' })).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('made by the platform itself can be changed', async () => {
    await query(
      `insert into inbound_rules (account_id, rule_name, action) values ($1, 'Poll', 'poll')`,
      caller.accountId,
    );
    const [poll] = (await list()).data;
    expect(poll).toMatchObject({ action: 'POLL', position: 0, webhook_type: null });
    expect(await change(poll!.inbound_rule_id, { enabled: 0 })).toEqual({ ...poll, enabled: 0 });
  });
});

describe('a rule that could not act', () => {
  const many = Array.from({ length: FORWARDED_TO + 1 }, (_, i) => `+614000000${10 + i}`).join(',');
  test.each<[object, string]>([
    [{ rule_name: undefined }, 'rule_name'],
    [{ rule_name: ' ' }, 'rule_name'],
    [{ rule_name: 'x'.repeat(256) }, 'rule_name'],
    [{ dedicated_number: undefined }, 'dedicated_number'],
    [{ dedicated_number: '' }, 'dedicated_number'],
    [{ dedicated_number: 'BAKEHOUSE' }, 'dedicated_number'],
    [{ message_search_type: undefined }, 'message_search_type'],
    [{ message_search_type: 4 }, 'message_search_type'],
    [{ message_search_type: 1.5 }, 'message_search_type'],
    [{ message_search_type: 1 }, 'message_search_term'],
    [{ message_search_type: 3, message_search_term: ' ' }, 'message_search_term'],
    [{ message_search_type: 2, message_search_term: 'x'.repeat(161) }, 'message_search_term'],
    [{ action: undefined }, 'action'],
    [{ action: 'FORWARD' }, 'action'],
    [{ action: '__proto__' }, 'action'],
    [{ enabled: undefined }, 'enabled'],
    [{ enabled: 2 }, 'enabled'],
    [{ position: -1 }, 'position'],
    [{ action: 'AUTO_REPLY' }, 'body'],
    [{ action: 'AUTO_REPLY', body: 'x'.repeat(1_601) }, 'body'],
    [{ action: 'AUTO_REPLY', action_address: 'x'.repeat(1_601) }, 'action_address'],
    [{ action: 'EMAIL_FIXED' }, 'action_address'],
    [{ action: 'EMAIL_FIXED', action_address: 'ana' }, 'action_address'],
    [{ action: 'URL' }, 'action_address'],
    [{ action: 'URL', action_address: 'crm' }, 'action_address'],
    [{ action: 'URL', action_address: 'http://127.0.0.1/' }, 'action_address'],
    [{ action: 'URL', action_address: 'http://localhost:9001/' }, 'action_address'],
    [{ action: 'URL', action_address: 'https://user:secret@crm.example.test/' }, 'action_address'],
    [{ action: 'URL', action_address: 'https://crm.example.test/', webhook_type: 'xml' }, 'webhook_type'],
    [{ action: 'SMS', action_address: ', ,' }, 'action_address'],
    [{ action: 'SMS', action_address: '+61400000001, nobody' }, 'action_address'],
    [{ action: 'SMS', action_address: many }, 'action_address'],
    [{ action: 'GROUP_SMS', action_address: 'Regulars' }, 'action_address'],
    [{ action: 'GROUP_SMS', action_address: '2147483648' }, 'action_address'],
    [{ action: 'SMPP', action_address: 'a name too long for it' }, 'action_address'],
    [{ action: 'SMPP', action_address: 'nobody' }, 'action_address'],
    [{ action: 'SMPP', action_address: 'theirs' }, 'action_address'],
  ])(verifies('rules:checked', '%j is refused, and %s named'), async (fields, field) => {
    const refusal = await make(fields).catch((error) => error);
    expect(refusal).toMatchObject({ kind: 'bad-request', fields: { [field]: expect.stringMatching(`^${field} `) } });
    expect(Object.keys(refusal.fields)).toEqual([field]);
    expect(await names()).toEqual([]);
  });

  test(verifies('rules:checked', 'is told all that is wrong with it at once'), async () => {
    const wrong = { dedicated_number: 'x', message_search_type: 1, action: 'URL', action_address: '' };
    await expect(make(wrong)).rejects.toMatchObject({
      fields: {
        dedicated_number: expect.any(String),
        message_search_term: expect.any(String),
        action_address: expect.any(String),
      },
    });
  });

  test(verifies('rules:checked', 'stays as it was where a change would make it one'), async () => {
    const made = await make({ action: 'EMAIL_FIXED', action_address: 'ana@example.com' });
    await expect(change(made.inbound_rule_id, { rule_name: 'New', action_address: 'ana' })).rejects.toMatchObject({
      kind: 'bad-request',
    });
    expect(await read(made.inbound_rule_id)).toEqual(made);
  });

  test('names no list of another, and fills the Opt-Out list by none', async () => {
    const fields = (action: string, action_address: number) => make({ action, action_address });
    for (const action of INBOUND_ACTIONS.filter((name) => /CONTACT|GROUP/.test(name))) {
      const refused = { fields: { action_address: expect.stringContaining('no list of this account') } };
      await expect(fields(action, theirList)).rejects.toMatchObject(refused);
      await expect(fields(action, 2_000_000_000)).rejects.toMatchObject(refused);
      if (action === 'GROUP_SMS') await fields(action, optOutList);
      else
        await expect(fields(action, optOutList)).rejects.toMatchObject({
          fields: { action_address: expect.stringContaining('Opt-Out') },
        });
    }
  });
});

test(
  verifies('rules:checked', 'a rule whose list is gone can be renamed and switched off, and not on again'),
  async () => {
    const gone = await listOf(caller);
    const { inbound_rule_id: id } = await make({ action: 'GROUP_SMS', action_address: gone });
    await query('delete from lists where list_id = $1', gone);
    expect(await change(id, { rule_name: 'Renamed' })).toMatchObject({
      rule_name: 'Renamed',
      action_address: String(gone),
    });
    const whole = { ...SPOKEN, action: 'GROUP_SMS', action_address: String(gone), enabled: 0 };
    expect(await change(id, whole)).toMatchObject({ enabled: 0, action_address: String(gone) });
    const refused = { fields: { action_address: expect.stringContaining('no list') } };
    await expect(change(id, { enabled: 1 })).rejects.toMatchObject(refused);
    await expect(change(id, { action: 'MOVE_CONTACT', action_address: gone })).rejects.toMatchObject(refused);
    expect(await change(id, { action_address: listId, enabled: 1 })).toMatchObject({ enabled: 1 });
  },
);

describe('the list of rules', () => {
  test(verifies('rules:order', 'stands in the order they are asked in, a new one behind all others'), async () => {
    for (const rule_name of ['a', 'b']) await make({ rule_name });
    await make({ rule_name: 'late', position: 90 });
    await make({ rule_name: 'last' });
    const first = await make({ rule_name: 'first', position: 0 });
    await make({ rule_name: 'same', position: 1 });
    expect(await names()).toEqual(['first', 'a', 'same', 'b', 'late', 'last']);
    await change(first.inbound_rule_id, { position: 1_000 });
    expect((await names()).at(-1)).toBe('first');
  });

  test(verifies('rules:inbound-calls', 'is paged and searched'), async () => {
    for (let i = 0; i < 5; i++) await make({ rule_name: `Rule ${i}`, enabled: i % 2 });
    await make({ rule_name: 'CANARY' }, stranger);
    const data = await list({ q: 'rule_name:RULE', limit: '2', page: '2' });
    expect(data.data.map((rule) => rule.rule_name)).toEqual(['Rule 2', 'Rule 3']);
    expect(data).toMatchObject({ total: 5, last_page: 3, from: 3, to: 4 });
    const url = 'https://msg.example.test/v3/automations/sms/inbound';
    expect(data.next_page_url).toBe(`${url}?q=rule_name%3ARULE&limit=2&page=3`);
    expect(data).toMatchObject({ path: url, last_page_url: `${url}?q=rule_name%3ARULE&limit=2&page=3` });
    expect(data.links.find(({ active }) => active)?.page).toBe(2);
    expect(await names({ q: 'enabled:1' })).toEqual(['Rule 1', 'Rule 3']);
    expect(await names({ q: 'enabled:1,rule_name:4', operator: 'OR' })).toEqual(['Rule 1', 'Rule 3', 'Rule 4']);
    for (const q of ['inbound_rule_id:1x', 'action:%', `rule_name:' or true --`, 'rule_name:\u0000']) {
      expect(await names({ q }), q).toEqual([]);
    }
    await expect(list({ q: 'account_id:1' })).rejects.toMatchObject({ fields: { q: expect.any(String) } });
  });

  test.each(inboundRuleSearch.fields)('can be sorted by %s', async (field) => {
    const url = { action: 'URL', action_address: 'https://crm.example.test/' };
    await make({ rule_name: 'b', message_search_type: 2, message_search_term: 'z', position: 3 });
    await make({ rule_name: 'a', ...url, dedicated_number: '+61422222222', position: 9, enabled: 0 });
    await make({ rule_name: 'c', action: 'AUTO_REPLY', body: 'Thanks', position: 1 });
    const up = (await list({ order_by: `${field}:asc` })).data.map((rule) => rule[field]);
    const values = up.filter((value) => value !== null);
    expect(values).toEqual([...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    expect(up).toHaveLength(3);
    expect((await list({ order_by: `${field}:desc`, limit: '1' })).data).toHaveLength(1);
  });
});

test(verifies('rules:own', 'no account reads, changes or deletes a rule of another'), async () => {
  const { inbound_rule_id: id } = await make({ rule_name: 'CANARY' }, stranger);
  const notFound = { kind: 'not-found', message: `There is no rule ${id} in this account.` };
  await expect(read(id)).rejects.toMatchObject(notFound);
  await expect(change(id, { rule_name: 'mine' })).rejects.toMatchObject(notFound);
  await expect(removeInboundRule(parts(), caller, id)).rejects.toMatchObject(notFound);
  expect(await names()).toEqual([]);
  expect((await read(id, stranger)).rule_name).toBe('CANARY');
});

const ALL = { q: [], operator: 'AND', order_by: { field: 'position', direction: 'asc' } } as const;

test(verifies('rules:limit', 'two at once cannot both be the last that fits'), async () => {
  await query(
    `insert into inbound_rules (account_id, rule_name, action) select $1, 'Poll', 'POLL' from generate_series(2, $2::integer)`,
    ...[caller.accountId, RULES_PER_ACCOUNT],
  );
  const { accountId } = caller;
  const waits = async () =>
    (await query(`select from pg_locks where locktype = 'advisory' and not granted`)).length > 0;
  let second: Promise<unknown> = Promise.resolve();
  await asAccount(own.db, accountId, async (tx) => {
    await countRulesLocked(tx, accountId, 'inbound');
    second = make().catch((error) => error);
    await Promise.race([second, eventually(waits)]);
    const { inbound_rule_id: _, ...words } = (await findInboundRules(tx, accountId, ALL, { skip: 0, count: 1 }))
      .rows[0]!;
    await insertInboundRule(tx, accountId, words, 0);
  });
  const words = expect.stringContaining(String(RULES_PER_ACCOUNT));
  expect(await second).toMatchObject({ kind: 'bad-request', fields: { rule_name: words } });
  expect((await list()).total).toBe(RULES_PER_ACCOUNT);
  await make({}, stranger);
});
