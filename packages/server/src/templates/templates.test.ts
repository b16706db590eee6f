import { type Endpoints, endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { changeTemplate, createTemplate, listTemplates, readTemplate, removeTemplate } from './templates.ts';

const clock = handClock();
let own: TestDatabase;
let caller: Caller;
let stranger: Caller;
const parts = () => ({ db: own.db, clock, channel: 1, publicUrl: () => 'https://msg.example.test' });

beforeAll(async () => {
  own = await openTestDatabase();
  caller = (await addAccount(own.db, 'bakehouse')) as unknown as Caller;
  stranger = (await addAccount(own.db, 'stranger')) as unknown as Caller;
});
afterAll(() => own.close());

type CallOf = 'smsTemplates' | 'smsTemplateCreate' | 'smsTemplateUpdate';

/** As the wire reads it; a refused call throws its fields. */
function reading<K extends CallOf>(id: K, raw: { query?: unknown; body?: unknown; params?: unknown }) {
  const read = readCall<Endpoints[K]>(endpoints[id], raw);
  if (!read.ok) throw Object.assign(new Error('refused'), { fields: read.fields });
  return read.call;
}

async function make(template_name: string, body: string, who = caller) {
  const call = reading('smsTemplateCreate', { body: { template_name, body } });
  const { data } = await createTemplate(parts(), who, call.body);
  endpoints.smsTemplateCreate.data.parse(data);
  return data;
}

async function list(query: Record<string, string> = {}, who = caller) {
  const { data } = await listTemplates(parts(), who, reading('smsTemplates', { query }).query);
  endpoints.smsTemplates.data.parse(data);
  return data;
}
const names = async (query: Record<string, string>, who = caller) =>
  (await list(query, who)).data.map((row) => row.template_name);

describe('a template', () => {
  test(verifies('templates:crud', 'is kept exactly as it was written, changed in part, and deleted'), async () => {
    const body = '  (First Name)\r\n{x} 👨‍👩‍👧 "quoted" \\ %_ \u202e  ';
    const made = await make(' A name ', body);
    expect(made).toEqual({ template_id: made.template_id, template_name: ' A name ', body });
    expect(await readTemplate(parts(), caller, made.template_id)).toEqual(made);
    const change = (body: unknown) =>
      changeTemplate(
        parts(),
        caller,
        made.template_id,
        reading('smsTemplateUpdate', changed(made.template_id, body)).body,
      );
    expect((await change({ body: 'New.' })).data).toEqual({ ...made, body: 'New.' });
    expect((await change({ template_name: 'Other', body: null })).data).toEqual({
      template_id: made.template_id,
      template_name: 'Other',
      body: 'New.',
    });
    await expect(change({})).rejects.toMatchObject({ kind: 'bad-request' });
    expect(await readTemplate(parts(), caller, made.template_id)).toMatchObject({ template_name: 'Other' });
    expect((await removeTemplate(parts(), caller, made.template_id)).data).toEqual([]);
    await expect(removeTemplate(parts(), caller, made.template_id)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(readTemplate(parts(), caller, made.template_id)).rejects.toMatchObject({ kind: 'not-found' });
  });

  const changed = (id: number, body: unknown) => ({ params: { template_id: String(id) }, body });

  test(verifies('fault:F51', 'of characters no database holds stands with their replacement'), async () => {
    const made = await make('a\u0000b', 'x\ud800y\u0000z\udc00');
    expect(made).toMatchObject({ template_name: 'a\ufffdb', body: 'x\ufffdy\ufffdz\ufffd' });
    await removeTemplate(parts(), caller, made.template_id);
  });

  test.each([
    [{}, { template_name: 'template_name is required.', body: 'body is required.' }],
    [
      { template_name: ' ', body: '' },
      { template_name: 'template_name must not be empty.', body: 'body must not be empty.' },
    ],
    [
      { template_name: 7, body: ['x'] },
      { template_name: 'template_name must be text.', body: 'body must be text.' },
    ],
    [
      { template_name: 'x'.repeat(256), body: 'x'.repeat(10_001) },
      {
        template_name: 'template_name must have 255 characters at most.',
        body: 'body must have 10000 characters at most.',
      },
    ],
  ])('%j is refused by its fields', (body, fields) => {
    expect(() => reading('smsTemplateCreate', { body })).toThrow(expect.objectContaining({ fields }));
  });

  test('of the longest kind is taken', async () => {
    const made = await make('x'.repeat(255), '€'.repeat(10_000));
    expect(made.body).toHaveLength(10_000);
    await removeTemplate(parts(), caller, made.template_id);
  });

  test(verifies('templates:own', 'of another account is not there'), async () => {
    const theirs = await make('CANARY', 'CANARY', stranger);
    const foreign = expect.objectContaining({ kind: 'not-found' });
    await expect(readTemplate(parts(), caller, theirs.template_id)).rejects.toEqual(foreign);
    await expect(changeTemplate(parts(), caller, theirs.template_id, { body: 'x' })).rejects.toEqual(foreign);
    await expect(removeTemplate(parts(), caller, theirs.template_id)).rejects.toEqual(foreign);
    expect(await list({ q: `template_id:${theirs.template_id}` })).toMatchObject({ total: 0 });
    expect(await readTemplate(parts(), stranger, theirs.template_id)).toEqual(theirs);
    // One of another channel is none of these.
    await expect(readTemplate({ ...parts(), channel: 2 }, stranger, theirs.template_id)).rejects.toEqual(foreign);
  });
});

describe(verifies('templates:list', 'the list'), () => {
  let ids: number[];
  beforeAll(async () => {
    ids = [];
    for (const [name, body] of [
      ['Beta', '100% rye_bread'],
      ['alpha', '100 rye bread'],
      ['Gamma', 'rolls\\x'],
      ['beta', 'Rolls'],
    ] as const) {
      ids.push((await make(name, body)).template_id);
    }
  });

  test('is in the order of making, and pages', async () => {
    expect(await names({})).toEqual(['Beta', 'alpha', 'Gamma', 'beta']);
    const second = await list({ limit: '3', page: '2', q: 'body:r', operator: 'OR', order_by: 'template_id:desc' });
    expect(second).toMatchObject({ total: 4, from: 4, to: 4, last_page: 2, next_page_url: null });
    expect(second.data.map((row) => row.template_name)).toEqual(['Beta']);
    expect(second.prev_page_url).toBe(
      'https://msg.example.test/v3/sms/templates?q=body%3Ar&operator=OR&order_by=template_id%3Adesc&limit=3&page=1',
    );
    expect(await list({ page: '999999999999' })).toMatchObject({ data: [], total: 4 });
  });

  test.each<[string, string[]]>([
    ['template_name:BETA', ['Beta', 'beta']],
    ['template_name:', ['Beta', 'alpha', 'Gamma', 'beta']],
    ['body:100%', ['Beta']],
    ['body:rye_bread', ['Beta']],
    ['body:\\x', ['Gamma']],
    ['body:rolls,template_name:gamma', ['Gamma']],
    ["body:' or 1=1 --", []],
    ['body:\u0000', []],
    ['body:\ud800', []],
    ['template_id:x', []],
    ['template_id:99999999999', []],
  ])('finds %s', async (q, found) => {
    expect(await names({ q })).toEqual(found);
    expect((await list({ q })).total).toBe(found.length);
  });

  test('finds by id, and by one of several', async () => {
    expect(await names({ q: `template_id:${ids[1]}` })).toEqual(['alpha']);
    expect(await names({ q: `template_id:${ids[1]},template_name:gamma`, operator: 'OR' })).toEqual(['alpha', 'Gamma']);
    expect(() => reading('smsTemplates', { query: { q: 'colour:red' } })).toThrow('refused');
  });

  test.each(['template_id', 'template_name', 'body'] as const)('is sorted by %s', async (field) => {
    const up = (await list({ order_by: `${field}:asc` })).data;
    const down = (await list({ order_by: `${field}:desc` })).data;
    expect(up).toHaveLength(4);
    expect(down).toEqual([...up].reverse());
  });

  test('is read by the index of the account', async () => {
    await own.db.enginePool.query(
      `insert into templates (account_id, channel, template_name, body, created_at, updated_at)
       select $1, 1, 'x', 'x', 0, 0 from generate_series(1, 5000)`,
      [stranger.accountId],
    );
    await own.db.enginePool.query('analyze templates').catch(() => {});
    const { rows } = await own.db.enginePool.query(
      `explain select * from templates where account_id = ${caller.accountId} and channel = 1 order by template_id limit 15`,
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('templates_account');
  });
});
