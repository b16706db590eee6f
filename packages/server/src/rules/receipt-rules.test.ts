import { type Endpoints, endpoints } from '@veredus/contract/endpoints';
import { RULES_PER_ACCOUNT } from '@veredus/contract/endpoints/inbound-rules';
import { receiptRuleSearch, TELLING_RULES } from '@veredus/contract/endpoints/receipt-rules';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import {
  changeReceiptRule,
  createReceiptRule,
  listReceiptRules,
  readReceiptRule,
  removeReceiptRule,
} from './receipt-rules.ts';

const clock = handClock();
let own: TestDatabase;
let caller: Caller;
let stranger: Caller;
const parts = () => ({ db: own.db, clock, publicUrl: () => 'https://msg.example.test', allowUrls: [] });
const query = async (text: string, ...values: unknown[]) => (await own.db.enginePool.query(text, values)).rows;

beforeAll(async () => {
  own = await openTestDatabase();
  const callerOf = async (name: string) =>
    ({ ...(await addAccount(own.db, name)), username: name, account: { country: 'AU' } }) as unknown as Caller;
  [caller, stranger] = [await callerOf('bakehouse'), await callerOf('stranger')];
});
afterAll(() => own.close());
beforeEach(() => query('delete from receipt_rules'));

type CallOf = 'receiptRules' | 'receiptRuleCreate' | 'receiptRuleUpdate';

/** As the wire reads it; a refused call throws its fields. */
function reading<K extends CallOf>(id: K, raw: { query?: unknown; body?: unknown; params?: unknown }) {
  const read = readCall<Endpoints[K]>(endpoints[id], raw);
  if (!read.ok) throw Object.assign(new Error('refused'), { kind: 'bad-request', fields: read.fields });
  return read.call;
}

const SPOKEN = { rule_name: 'Kept', match_type: 0, action: 'POLL', action_address: '', enabled: 1 };

async function make(fields: object = {}, who = caller) {
  const { body } = reading('receiptRuleCreate', { body: { ...SPOKEN, ...fields } });
  const { data } = await createReceiptRule(parts(), who, body);
  endpoints.receiptRuleCreate.data.parse(data);
  return data;
}
async function change(id: number, fields: object, who = caller) {
  const { body } = reading('receiptRuleUpdate', { params: { receipt_rule_id: String(id) }, body: fields });
  return (await changeReceiptRule(parts(), who, id, body)).data;
}
async function list(terms: Record<string, string> = {}, who = caller) {
  const { data } = await listReceiptRules(parts(), who, reading('receiptRules', { query: terms }).query);
  endpoints.receiptRules.data.parse(data);
  return data;
}
const names = async (terms: Record<string, string> = {}, who = caller) =>
  (await list(terms, who)).data.map((rule) => rule.rule_name);
const read = async (id: number, who = caller) => (await readReceiptRule(parts(), who, id)).data;

describe('a rule for receipts', () => {
  test.each([
    ['poll', '', ''],
    ['URL', ' https://crm.example.test/hooks ', 'https://crm.example.test/hooks'],
    ['Email', 'ana@example.com', 'ana@example.com'],
  ])(verifies('rules:receipt-calls', 'can do %s'), async (action, action_address, kept) => {
    const made = await make({ action, action_address, match_type: '3', enabled: '0' });
    expect(made).toEqual({
      receipt_rule_id: expect.any(Number),
      rule_name: 'Kept',
      match_type: 3,
      action: action.toUpperCase(),
      action_address: kept,
      enabled: 0,
    });
    expect(await read(made.receipt_rule_id)).toEqual(made);
  });

  test(verifies('rules:receipt-calls', 'is changed in part and deleted'), async () => {
    const made = await make({ action: 'EMAIL', action_address: 'ana@example.com' });
    const id = made.receipt_rule_id;
    expect(await change(id, { match_type: 1, enabled: 0 })).toEqual({ ...made, match_type: 1, enabled: 0 });
    expect(await change(id, {})).toEqual({ ...made, match_type: 1, enabled: 0 });
    await expect(change(id, { action: 'URL' })).rejects.toMatchObject({
      fields: { action_address: expect.stringContaining('URL') },
    });
    expect(await change(id, { action: 'POLL', enabled: 1 })).toMatchObject({ action: 'POLL', action_address: '' });
    expect((await removeReceiptRule(parts(), caller, id)).data).toEqual([]);
    await expect(removeReceiptRule(parts(), caller, id)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(read(id)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(change(id, {})).rejects.toMatchObject({ kind: 'not-found' });
  });

  test.each<[object, string]>([
    [{ rule_name: '' }, 'rule_name'],
    [{ match_type: undefined }, 'match_type'],
    [{ match_type: 4 }, 'match_type'],
    [{ action: 'SMS' }, 'action'],
    [{ action: 'URL' }, 'action_address'],
    [{ action: 'URL', action_address: 'http://[::1]/' }, 'action_address'],
    [{ action: 'EMAIL', action_address: 'ana@' }, 'action_address'],
    [{ action: 'EMAIL', action_address: 'a@example.com,b@example.com' }, 'action_address'],
    [{ enabled: 'yes' }, 'enabled'],
  ])(verifies('rules:checked', '%j is refused, and %s named'), async (fields, field) => {
    const refusal = await make(fields).catch((error) => error);
    expect(refusal).toMatchObject({ kind: 'bad-request', fields: { [field]: expect.stringMatching(`^${field} `) } });
    expect(await names()).toEqual([]);
  });
});

describe('the list of rules', () => {
  test(verifies('rules:receipt-calls', 'is paged and searched, rules of other channels apart'), async () => {
    for (let i = 0; i < 5; i++) await make({ rule_name: `Rule ${i}`, enabled: i % 2 });
    await make({ rule_name: 'CANARY' }, stranger);
    await query(
      `insert into receipt_rules (account_id, channel, rule_name, action) values ($1, 'email', 'Rule for mails', 'POLL')`,
      caller.accountId,
    );
    const data = await list({ q: 'rule_name:RULE', limit: '2', page: '2' });
    expect(data.data.map((rule) => rule.rule_name)).toEqual(['Rule 2', 'Rule 3']);
    expect(data).toMatchObject({ total: 5, last_page: 3 });
    expect(data.next_page_url).toBe(
      'https://msg.example.test/v3/automations/sms/receipts?q=rule_name%3ARULE&limit=2&page=3',
    );
    expect(await names({ q: 'enabled:1' })).toEqual(['Rule 1', 'Rule 3']);
    const [mails] = await query(`select receipt_rule_id as id from receipt_rules where channel = 'email'`);
    await expect(read(mails.id)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(removeReceiptRule(parts(), caller, mails.id)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test.each(receiptRuleSearch.fields)('can be sorted by %s', async (field) => {
    await make({ rule_name: 'b', match_type: 2 });
    await make({ rule_name: 'a', action: 'EMAIL', action_address: 'ana@example.com', enabled: 0 });
    await make({ rule_name: 'c', action: 'URL', action_address: 'https://crm.example.test/', match_type: 1 });
    const up = (await list({ order_by: `${field}:asc` })).data.map((rule) => rule[field]);
    expect(up).toEqual([...up].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    const down = (await list({ order_by: `${field}:desc` })).data.map((rule) => rule[field]);
    expect(down).toEqual([...up].reverse());
  });
});

test(verifies('rules:own', 'no account reads, changes or deletes a receipt rule of another'), async () => {
  const { receipt_rule_id: id } = await make({ rule_name: 'CANARY' }, stranger);
  const notFound = { kind: 'not-found', message: `There is no rule ${id} in this account.` };
  await expect(read(id)).rejects.toMatchObject(notFound);
  await expect(change(id, { rule_name: 'mine' })).rejects.toMatchObject(notFound);
  await expect(removeReceiptRule(parts(), caller, id)).rejects.toMatchObject(notFound);
  expect((await read(id, stranger)).rule_name).toBe('CANARY');
});

test(verifies('rules:limit', 'one receipt rule too many is refused'), async () => {
  await query(
    `insert into receipt_rules (account_id, rule_name, action) select $1, 'Poll', 'POLL' from generate_series(2, $2::integer)`,
    ...[caller.accountId, RULES_PER_ACCOUNT],
  );
  await make();
  await expect(make()).rejects.toMatchObject({ kind: 'bad-request', fields: { rule_name: expect.any(String) } });
  expect((await list()).total).toBe(RULES_PER_ACCOUNT);
});

test(verifies('rules:limit', 'ten that push or mail may be enabled, made or changed'), async () => {
  const url = { action: 'URL', action_address: 'https://crm.example.test/' };
  const mail = { action: 'EMAIL', action_address: 'ana@example.com' };
  const made = [];
  for (let i = 0; i < TELLING_RULES; i++) made.push(await make(i % 2 ? url : mail));
  const tooMany = { kind: 'bad-request', fields: { enabled: expect.stringContaining('10 enabled rules') } };
  await expect(make(url)).rejects.toMatchObject(tooMany);
  await expect(make(mail)).rejects.toMatchObject(tooMany);
  const resting = await make({ ...url, enabled: 0 });
  const polling = await make();
  await expect(change(resting.receipt_rule_id, { enabled: 1 })).rejects.toMatchObject(tooMany);
  await expect(change(polling.receipt_rule_id, mail)).rejects.toMatchObject(tooMany);
  expect(await change(made[0]!.receipt_rule_id, url)).toMatchObject({ action: 'URL', enabled: 1 });
  await make(url, stranger);
  await change(made[1]!.receipt_rule_id, { enabled: 0 });
  const both = [change(resting.receipt_rule_id, { enabled: 1 }), change(polling.receipt_rule_id, mail)];
  const answers = await Promise.allSettled(both);
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});
