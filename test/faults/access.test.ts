import type { Endpoint } from '@veredus/contract/endpoint';
import { endpoints } from '@veredus/contract/endpoints';
import { inboundRuleCreate } from '@veredus/contract/endpoints/inbound-rules';
import { scopes } from '@veredus/contract/scopes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { ask, type House, openHouse, type Tenant } from './rig/house.ts';
import { until } from './rig/until.ts';

let house: House;
let own: Tenant;
let other: Tenant;
let disabled: Tenant;
/** The other's messages: one delivered, one that waits. */
let theirs: string[];
/** The other's list, contact, template, campaign, import and opt-out. */
let theirIds: Record<string, string>;
/** What a handset wrote back to the first of their messages. */
let theirInbound: string;
const CANARY = 'canary-7f3a';

beforeAll(async () => {
  house = await openHouse();
  own = await house.tenant('own');
  other = await house.tenant(`other-${CANARY}`);
  disabled = await house.tenant('disabled');
  await house.db.enginePool.query('update users set disabled_at = 1 where user_id = $1', [disabled.userId]);
  const soon = Math.floor(Date.now() / 1000) + 86_400;
  const texts = [
    { to: '+61410000001', body: `${CANARY} one`, from: 'Canary', custom_string: CANARY },
    { to: '+61410000002', body: `${CANARY} two`, from: 'Canary', custom_string: CANARY, schedule: soon },
  ];
  const sent = await as(other, 'POST', '/v3/sms/send', { messages: texts });
  theirs = sent.data.messages.map(({ message_id }: { message_id: string }) => message_id);
  theirIds = { ...(await makeOneOfEach(other)), ...(await makeAnAgent(other)) };
  await until('their receipt', async () => (await as(other, 'GET', '/v3/sms/receipts')).data.total === 1);
  house.smsc.say([{ from: '+61410000001', to: 'Canary', body: CANARY }]);
  await until('their answer', async () => {
    const { data } = (await as(other, 'GET', `/v3/sms/inbound?q=original_message_id:${theirs[0]}`)).data;
    theirInbound = data[0]?.message_id;
    return theirInbound !== undefined;
  });
});
afterAll(() => house?.close());

const as = (tenant: Tenant, method: string, path: string, body?: object) =>
  ask(house.url, method, path, { credentials: `${tenant.username}:${tenant.key}`, ...(body ? { body } : {}) });

const table: Endpoint[] = Object.values(endpoints);

/** What stands for each parameter of a path. These are nobody's. */
const NOBODYS: Readonly<Record<string, string>> = {
  message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
  list_id: '2000000001',
  to_list_id: '2000000001',
  opt_out_list_id: '2000000001',
  contact_id: '2000000002',
  template_id: '2000000003',
  sms_campaign_id: '2000000004',
  import_id: '1234567890123456',
  original_message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
  inbound_rule_id: '2000000006',
  receipt_rule_id: '2000000007',
  endpoint_id: '2000000005',
  delivery_id: '019973a2-9a21-7d02-8c11-2b60f0a1d9e3',
  phone_number: '%2B61410000077',
  agent_id: '2000000008',
  key_id: '2000000009',
  log_id: 'log_019973a29a217d028c112b60f0a1d9e3',
  connection_id: 'ca_000000000000000000000000',
};

/** A call that the endpoint takes, made from its own example. */
function example(endpoint: Endpoint, ids: Readonly<Record<string, string>> = NOBODYS) {
  const query = 'filename' in (endpoint.query?.shape ?? {}) ? '?filename=a.csv' : '';
  const q = endpoint.id === 'searchContactsLists' ? '?q=a' : '';
  return {
    path: endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '') + query + q,
    body: endpoint.example.body as object | undefined,
  };
}

/** One of everything an account can have, each with the canary in it; by the parameter that names it in a path. */
async function makeOneOfEach(tenant: Tenant): Promise<Record<string, string>> {
  const make = async (method: string, path: string, body?: object) => {
    const answer = await as(tenant, method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.text}`);
    return answer.data;
  };
  const { list_id } = await make('POST', '/v3/lists', { list_name: CANARY });
  const contact = { phone_number: '+61410000003', first_name: CANARY, email: `${CANARY}@example.test` };
  const { contact_id } = await make('POST', `/v3/lists/${list_id}/contacts`, contact);
  const { template_id } = await make('POST', '/v3/sms/templates', { template_name: CANARY, body: CANARY });
  const campaign = { list_id, name: CANARY, body: `${CANARY} STOP`, schedule: Math.floor(Date.now() / 1000) + 86_400 };
  const { sms_campaign_id } = await make('POST', '/v3/sms-campaigns/send', campaign);
  const content = Buffer.from(`+61410000004,${CANARY}`).toString('base64');
  const { _url } = await make('POST', '/v3/uploads?convert=csv', { content });
  const order = { file_url: _url, field_order: ['phone', 'first_name'] };
  const { list_id: imported } = await make('POST', '/v3/lists', { list_name: CANARY });
  const { id } = await make('POST', `/v3/lists/${imported}/import`, order);
  const rule = { rule_name: CANARY, action: 'POLL', action_address: '', enabled: 1 };
  const inbound = { ...rule, dedicated_number: '*', message_search_type: 0 };
  const { inbound_rule_id } = await make('POST', '/v3/automations/sms/inbound', inbound);
  const receipts = { ...rule, match_type: 0 };
  const { receipt_rule_id } = await make('POST', '/v3/automations/sms/receipts', receipts);
  const url = `http://localhost/${CANARY}`;
  const { endpoint_id } = await make('POST', '/v3/webhooks', { url });
  await make('POST', '/v3/sms/inbound', { url });
  const { data: pushed } = await make('GET', `/v3/webhooks/${endpoint_id}/deliveries`);
  const { delivery_id } = pushed[0];
  await make('POST', '/v3/opt-outs', { phone_number: '+61410000005', words: CANARY });
  const { connection } = await make('POST', '/v3/connections', { user_id: CANARY, alias: CANARY });
  const texts = {
    connection_id: connection.connection_id,
    list_id,
    to_list_id: imported,
    opt_out_list_id: list_id,
    contact_id,
    template_id,
    sms_campaign_id,
    inbound_rule_id,
    receipt_rule_id,
    original_message_id: theirs[0],
    endpoint_id,
  };
  const ids = Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, String(value)]));
  return { ...ids, import_id: id, delivery_id, phone_number: '%2B61410000005' };
}

/** An agent that did something and sent the first of their messages. */
async function makeAnAgent(tenant: Tenant): Promise<Record<string, string>> {
  const wish = { name: CANARY, description: CANARY };
  const { agent_id, key_id, key } = (await as(tenant, 'POST', '/v3/agents', wish)).data;
  const { logId } = await house.run(key, 'CLICKSEND_GET_LISTS', {});
  const noted = [tenant.accountId, theirs[0], logId!.slice(4), agent_id, CANARY];
  await house.db.enginePool.query('insert into message_origins values ($1, $2, $3::uuid, $4, $5)', noted);
  const { text } = await as(tenant, 'GET', `/v3/sms/messages/${theirs[0]}/origin`);
  expect(text).toContain(CANARY);
  return { agent_id: String(agent_id), key_id: String(key_id), log_id: logId! };
}

/** From an address of its own each time: guesses from one would soon be told to wait. */
async function status(endpoint: Endpoint, credentials?: string): Promise<number> {
  const { path, body } = example(endpoint);
  const address = `2001:db8:${(++callers).toString(16)}::1`;
  const options = { address, ...(credentials === undefined ? {} : { credentials }), ...(body ? { body } : {}) };
  return (await ask(house.url, endpoint.method, path, options)).status;
}
let callers = 0;

const READING = Object.keys(scopes).filter((scope) => scope.endsWith(':read'));
/** What the examples ask for besides: a preview shows contacts, and an agent may no more than who makes it. */
const ALSO: Record<string, (keyof typeof scopes)[]> = {
  smsPreview: ['contacts:read'],
  agentCreate: ['sms:send', 'sms:read'],
};
/** Its example writes to a list that the account does not have. */
const namesList = ({ example }: Endpoint) => 'list_id' in ((example.body as object | undefined) ?? {});

describe('[fault:F54] every endpoint', () => {
  test('is in the table with a permission, or is meant for everybody', () => {
    expect(table.length).toBeGreaterThanOrEqual(12);
    expect(table.filter(({ scope }) => scope === null).map(({ id }) => id)).toEqual(['countries']);
    for (const { scope } of table) if (scope !== null) expect(Object.keys(scopes)).toContain(scope);
  });

  test.each(table.map((endpoint) => [endpoint.id, endpoint] as const))(
    '%s answers each kind of key',
    async (_, endpoint) => {
      const open = endpoint.auth === 'none';
      const name = `own-${endpoint.id}`;
      const own = await house.tenant(name);
      const refused = (code: number) => (open ? 200 : code);
      const revoked = await house.key(own, ['*']);
      await house.db.enginePool.query(`update api_keys set revoked_at = 1 where last_four = $1 and user_id = $2`, [
        revoked.slice(-4),
        own.userId,
      ]);
      expect(await status(endpoint)).toBe(refused(401));
      expect(await status(endpoint, `${name}:not-a-key`)).toBe(refused(401));
      expect(await status(endpoint, `${name}:${other.key}`)).toBe(refused(401));
      expect(await status(endpoint, `${name}:${revoked}`)).toBe(refused(401));
      expect(await status(endpoint, `disabled:${disabled.key}`)).toBe(refused(403));
      const reading = await house.key(own, READING as never);
      const reads = open || READING.includes(endpoint.scope ?? '');
      // Let in: it does what it is asked, or says that there is no such thing.
      const admitted = endpoint.params || namesList(endpoint) ? 404 : 200;
      expect(await status(endpoint, `${name}:${reading}`)).toBe(reads ? admitted : 403);
      // Every permission but the one it asks for, and that one alone.
      if (endpoint.scope === null) return;
      const { scope } = endpoint;
      const all = Object.keys(scopes) as (keyof typeof scopes)[];
      expect(
        await status(
          endpoint,
          `${name}:${await house.key(
            own,
            all.filter((one) => one !== scope),
          )}`,
        ),
      ).toBe(403);
      const needed: (typeof scope)[] = [scope, ...(ALSO[endpoint.id] ?? [])];
      expect(await status(endpoint, `${name}:${await house.key(own, needed)}`)).toBe(admitted);
    },
  );

  test('gives no agent more than its maker holds', async () => {
    const maker = await house.tenant('maker');
    const key = await house.key(maker, ['agents:write']);
    const wish = { name: 'evil' };
    const credentials = `maker:${key}`;
    const refused = await ask(house.url, 'POST', '/v3/agents', { credentials, body: wish });
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('sms:send')]);
    const { agent_id } = (await as(maker, 'POST', '/v3/agents', wish)).data;
    expect((await ask(house.url, 'POST', `/v3/agents/${agent_id}/keys`, { credentials, body: {} })).status).toBe(403);
  });

  test('of the sandbox is shut to keys that do not hold every permission', async () => {
    const key = await house.key(own, ['sms:read']);
    expect((await ask(house.url, 'GET', '/sandbox/phones')).status).toBe(401);
    expect((await ask(house.url, 'GET', '/sandbox/phones', { credentials: `own:${key}` })).status).toBe(403);
  });
});

describe('[fault:F55] [invariant:I8] ids of another account', () => {
  const withId = table.filter(({ path }) => path.includes('{'));

  test.each(withId.map((endpoint) => [endpoint.id, endpoint] as const))(
    'in the path of %s are not found',
    async (_, endpoint) => {
      for (const message_id of [...theirs, theirInbound, ...theirs.map((id) => id.toLowerCase())]) {
        const ids = { ...theirIds, message_id };
        const { path, body } = example(endpoint, ids);
        const answer = await as(own, endpoint.method, path, body);
        expect(answer.status).toBe(404);
        expect(answer.text).not.toContain(CANARY);
        const nobodys = await as(own, endpoint.method, example(endpoint).path, body);
        expect(without(ids, answer.text)).toBe(without(NOBODYS, nobodys.text));
        if (!endpoint.path.includes('message_id')) break;
      }
    },
  );

  test('in every query show nothing', async () => {
    const { accountId, userId, username } = other;
    const searches = [`message_id:${theirs[0]}`, `custom_string:${CANARY}`, `body:${CANARY}`, `user_id:${accountId}`];
    const wild = [`subaccount_id:${userId}`, `_api_username:${username}`, 'from:Canary'];
    for (const q of [...searches, ...wild, '']) {
      for (const path of ['/v3/sms/history', '/v3/sms/receipts', '/v3/statistics/sms', '/v3/account']) {
        const query = new URLSearchParams({
          ...(q && path.endsWith('history') ? { q } : {}),
          account_id: String(accountId),
        });
        const { text, data } = await as(own, 'GET', `${path}?${query}&user_id=${accountId}&subaccount_id=${userId}`);
        expect(text, `${path} ${q}`).not.toContain(CANARY);
        expect(text).not.toContain(theirs[0]);
        if (q && path.endsWith('history')) expect(data.total).toBe(0);
      }
    }
  });

  test('reach nothing of theirs by body: not their lists, not their schedule, not their receipts', async () => {
    const list_id = Number(theirIds.list_id);
    const campaign = { list_id, name: 'mine', body: 'Hi (First Name) STOP' };
    const calls: [string, object][] = [
      ['/v3/sms-campaigns/send', campaign],
      ['/v3/sms-campaigns/price', campaign],
      ['/v3/sms/templates/preview', { list_id, body: 'Hi (First Name)' }],
      ['/v3/sms/templates/preview', { template_id: Number(theirIds.template_id) }],
    ];
    for (const [path, body] of calls) {
      const answer = await as(own, 'POST', path, body);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.text).not.toContain(CANARY);
    }
    const sent = await as(own, 'POST', '/v3/sms/send', { messages: [{ list_id, body: 'Hi (First Name)' }] });
    expect(sent.data.messages[0]).toMatchObject({ status: 'NOT_ENOUGH_PERMISSION_TO_LIST_ID', to: '' });
    for (const path of [
      '/v3/lists',
      '/v3/sms-campaigns',
      '/v3/sms/templates',
      '/v3/opt-outs',
      '/v3/contact-suggestions',
      '/v3/sms/inbound',
      '/v3/automations/sms/inbound',
      '/v3/automations/sms/receipts',
      '/v3/agents',
      '/v3/executions',
      `/v3/executions?q=message_id:${theirs[0]}`,
      '/v3/audit',
      `/v3/events/page?limit=1000&after=0-0-${Math.floor(Date.now() / 1_000)}`,
    ]) {
      expect((await as(own, 'GET', path)).text, path).not.toContain(CANARY);
    }
    expect((await as(own, 'GET', `/v3/search/contacts-lists?q=${CANARY}`)).data.total).toBe(0);
    const { data: mine } = await as(own, 'POST', '/v3/lists', { list_name: 'mine' });
    const { data: file } = await as(other, 'POST', '/v3/uploads?convert=csv', { content: 'KzYxNDEwMDAwMDA2' });
    const order = { file_url: file._url, field_order: ['phone'] };
    expect((await as(own, 'POST', `/v3/lists/${mine.list_id}/import`, order)).status).toBe(400);
    await as(own, 'PUT', '/v3/sms/cancel-all', { custom_string: CANARY });
    await as(own, 'PUT', '/v3/sms/cancel-all');
    await as(own, 'PUT', '/v3/sms/receipts-read', {});
    await as(own, 'PUT', '/v3/sms/inbound-read', {});
    const rule = { ...inboundRuleCreate.example.body, action: 'GROUP_SMS', action_address: String(list_id) };
    expect((await as(own, 'POST', '/v3/automations/sms/inbound', rule)).status).toBe(400);
    const history = await as(other, 'GET', '/v3/sms/history');
    expect(history.data.data.map((row: { status: string }) => row.status).sort()).toEqual(['Scheduled', 'Sent']);
    expect((await as(other, 'GET', '/v3/sms/receipts')).data.total).toBe(1);
    expect((await as(other, 'GET', '/v3/sms/inbound')).data.total).toBe(1);
  });

  test('are not in an export of ours, and theirs stays closed to a guess', async () => {
    const { data } = await as(own, 'GET', '/v3/sms/history/export?filename=all.csv');
    const file = await fetch(data.url);
    expect(file.status).toBe(200);
    expect(await file.text()).not.toContain(CANARY);
    const guid = new URL(data.url).pathname.split('/')[2]!;
    const nextDoor = guid.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    for (const guess of [theirs[0], nextDoor, '..%2fcredentials.json', "'%20or%20true--"]) {
      expect((await fetch(`${house.url}/files/${guess}`)).status, guess).toBe(404);
    }
  });
});

/** Request ids differ, and a refusal may name what was asked for. */
function without(ids: Readonly<Record<string, string>>, text: string): string {
  const plain = text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '');
  // Whole ids only: a small one stands inside many another number.
  const whole = (id: string) => new RegExp(`(?<![\\d+])${decodeURIComponent(id).replace('+', '\\+')}(?!\\d)`, 'g');
  // Long ones first: a small one may stand within letters and digits.
  const longestFirst = Object.values(ids).toSorted((a, b) => b.length - a.length);
  return longestFirst.reduce((left, id) => left.replace(whole(id), ''), plain);
}

describe('[fault:F56] fields a caller may not set', () => {
  /** Every column there is, and what they would be called on the wire. */
  const forbidden = async () => {
    const { rows } = await house.db.enginePool.query(
      `select distinct column_name as name from information_schema.columns where table_schema = 'public'`,
    );
    const wire = [
      'balance',
      'message_price',
      'price',
      'total_price',
      'message_parts',
      'fault',
      'isAdmin',
      'scope',
      'role',
    ];
    const names = [...rows.map(({ name }) => name as string), ...wire];
    // Those a message may have.
    const known = ['body', 'country', 'custom_string', 'source', 'from_email', 'list_id', 'contact_id', 'senders'];
    return Object.fromEntries(names.filter((name) => !known.includes(name)).map((name) => [name, 987_654]));
  };

  test(verifies('fault:F56', 'are ignored in a message, around it and in the query'), async () => {
    const extra = await forbidden();
    expect(Object.keys(extra).length).toBeGreaterThan(80);
    const soon = Math.floor(Date.now() / 1000) + 86_400;
    const message = { to: '+61410000009', body: 'mass', custom_string: 'plain', schedule: soon };
    const plain = await as(own, 'POST', '/v3/sms/send', { messages: [message] });
    const stuffed = { ...extra, ...message, body: 'mess', custom_string: 'stuffed' };
    const query = new URLSearchParams(
      Object.entries(extra).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const answer = await as(own, 'POST', `/v3/sms/send?${query}`, { ...extra, messages: [stuffed] });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('987654');
    expect(shape(answer.data.messages[0])).toEqual(shape(plain.data.messages[0]));
    const { rows } = await house.db.enginePool.query(
      `select to_jsonb(m) - 'id' - 'body' - 'custom_string' - 'created_at' as row from messages m
       where custom_string in ('plain', 'stuffed') order by id`,
    );
    const [first, second] = rows.map(({ row }) => ({ ...row, valid_until: 0, next_attempt_at: 0 }));
    expect(second).toEqual(first);
  });

  test.each(table.filter(({ method }) => method !== 'GET').map((endpoint) => [endpoint.id, endpoint] as const))(
    'change nothing of the account through %s',
    async (_, endpoint) => {
      const rules = ['receipt_rules', 'inbound_rules'];
      const others = ['accounts', 'users', 'api_keys', 'sender_numbers', 'rates'];
      const facts = async (tables: readonly string[]) => {
        const all = await Promise.all(
          tables.map((name) =>
            house.db.enginePool.query(`select * from ${name} order by 1, 2`).then(({ rows }) => rows),
          ),
        );
        return JSON.stringify(all).replace(/"last_used_at":("?\d+"?|null)/g, '');
      };
      const makesRule = endpoint.scope === 'rules:write' && endpoint.method === 'POST';
      const tables = makesRule ? others : [...others, ...rules];
      // An agent is made with a key of its own.
      const kept = endpoint.id === 'agentCreate' ? tables.filter((name) => name !== 'api_keys') : tables;
      const before = await facts(kept);
      const { path, body } = example(endpoint, { ...theirIds, message_id: theirs[1]! });
      await as(own, endpoint.method, path, { ...(await forbidden()), ...body });
      expect(await facts(kept)).toBe(before);
      expect(await facts([...rules, 'agents'])).not.toContain('987654');
    },
  );
});

/** A message of an answer without what tells it from its twin. */
function shape(message: Record<string, unknown>) {
  return { ...message, message_id: '', body: '', custom_string: '', date: 0 };
}
