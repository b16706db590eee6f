import { type Endpoints, endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { handClock } from '../../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../../test/rig/stored-messages.ts';
import type { Caller } from '../../accounts/caller.ts';
import { buildRateCard } from '../../pricing/rate-card.ts';
import { type PreviewParts, previewTexts } from './preview.ts';

let own: TestDatabase;
let caller: Caller;
let listId: number;
let contactIds: number[];
let templateId: number;
let foreign: { listId: number; templateId: number };

const card = buildRateCard(
  [
    { rate_id: 1, channel: 'sms', country: 'AU', prefix: '', price_micro: 79_200, valid_from: 0, valid_to: null },
  ] as never,
  1,
);
const parts = () =>
  ({
    db: own.db,
    pool: own.db.enginePool,
    clock: handClock(),
    rates: { current: () => card },
    sharedNumber: '+61491570006',
    publicUrl: () => 'https://msg.example.test',
    linkBase: () => 'https://acme.link',
  }) as unknown as PreviewParts;

beforeAll(async () => {
  own = await openTestDatabase();
  const account = {
    country: 'AU',
    currency: 'AUD',
    maxParts: 8,
    truncateLong: false,
    defaultSender: '',
    anySenderNumber: true,
  };
  caller = { ...(await addAccount(own.db, 'bakehouse')), scopes: ['*'], account } as unknown as Caller;
  listId = await addList(caller.accountId);
  contactIds = await addContacts(caller.accountId, listId, [
    ['+61411111111', 'Anna', 'order 7'],
    ['+61422222222', null, null],
    [null, 'Mail only', null],
    ['+14055555555', 'Bob', null],
  ]);
  templateId = await addTemplate(caller.accountId, 'Hi (First Name|there)! {Wep}');
  const stranger = await addAccount(own.db, 'stranger');
  foreign = { listId: await addList(stranger.accountId), templateId: await addTemplate(stranger.accountId, 'CANARY') };
});
afterAll(() => own.close());

async function addList(accountId: number): Promise<number> {
  const { rows } = await own.db.enginePool.query(
    `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'Bread', 'X', 0) returning list_id`,
    [accountId],
  );
  return rows[0].list_id;
}

async function addContacts(accountId: number, list: number, contacts: (string | null)[][]): Promise<number[]> {
  const { rows } = await own.db.enginePool.query(
    `insert into contacts (account_id, list_id, created_at, updated_at, phone_number, first_name, custom_1, email)
     select $1, $2, 0, 0, c.phone, c.name, c.custom, 'x@example.test' from unnest($3::text[], $4::text[], $5::text[]) c(phone, name, custom)
     returning contact_id`,
    [accountId, list, ...[0, 1, 2].map((column) => contacts.map((contact) => contact[column]))],
  );
  return rows.map((row) => row.contact_id);
}

async function addTemplate(accountId: number, body: string): Promise<number> {
  const { rows } = await own.db.enginePool.query(
    `insert into templates (account_id, channel, template_name, body, created_at, updated_at)
     values ($1, 1, 'x', $2, 0, 0) returning template_id`,
    [accountId, body],
  );
  return rows[0].template_id;
}

async function preview(body: Record<string, unknown>, who = caller) {
  const read = readCall<Endpoints['smsPreview']>(endpoints.smsPreview, { body });
  if (!read.ok) throw Object.assign(new Error('refused'), { fields: read.fields });
  const { data } = await previewTexts(parts(), who, read.call.body);
  endpoints.smsPreview.data.parse(data);
  return data;
}

describe(verifies('templates:preview', 'a preview'), () => {
  test('shows each contact its text, parts and price, or why it cannot be sent', async () => {
    const data = await preview({ body: `Hi (First Name|there), ${'x'.repeat(150)} (Cust. 1)`, list_id: listId });
    expect(data).toMatchObject({ total: 4, from: 1, to: 4, unknown_placeholders: [], next_page_url: null });
    const [anna, nameless, mailOnly, bob] = data.data;
    expect(anna).toEqual({
      contact_id: contactIds[0],
      to: '+61411111111',
      body: `Hi Anna, ${'x'.repeat(150)} order 7`,
      message_parts: 2,
      message_price: '0.1584',
      status: 'SUCCESS',
      status_text: null,
    });
    expect(nameless).toMatchObject({ body: `Hi there, ${'x'.repeat(150)} `, message_parts: 2 });
    expect(mailOnly).toMatchObject({ to: '', status: 'INVALID_RECIPIENT', message_price: '0.0000' });
    expect(bob).toMatchObject({ status: 'COUNTRY_NOT_ENABLED', message_price: '0.0000' });
    expect(bob?.status_text).toContain('no price');
  });

  test('takes a template, one contact, and pages', async () => {
    const one = await preview({ template_id: templateId, list_id: listId, contact_id: contactIds[1] });
    expect(one).toMatchObject({ total: 1, unknown_placeholders: ['{Wep}'] });
    expect(one.data.map((row) => [row.contact_id, row.body])).toEqual([[contactIds[1], 'Hi there! {Wep}']]);
    const second = await preview({ template_id: String(templateId), list_id: listId, limit: 3, page: 2 });
    expect(second).toMatchObject({ total: 4, last_page: 2, from: 4, to: 4 });
    expect(second.data[0]?.body).toBe('Hi Bob! {Wep}');
  });

  test('counts links at the length they will have', async () => {
    const { data } = await preview({ body: 'See smsg.io/xxxxx StopMsg.me/xxxxx' });
    expect(data).toEqual([
      {
        contact_id: null,
        to: '',
        body: 'See acme.link/xxxxxxxx acme.link/xxxxxxxx',
        message_parts: 1,
        message_price: '0.0792',
        status: 'SUCCESS',
        status_text: null,
      },
    ]);
  });

  test('reads no field a contact carries as a placeholder', async () => {
    const list = await addList(caller.accountId);
    await addContacts(caller.accountId, list, [['+61411111111', '(Cust. 1) smsg.io/xxxxx', 'x']]);
    expect((await preview({ body: '(First Name)', list_id: list })).data[0]?.body).toBe('(Cust. 1) smsg.io/xxxxx');
    expect((await preview({ body: '(Last Name)', list_id: list })).data[0]).toMatchObject({ status: 'EMPTY_MESSAGE' });
  });

  test('names a sender that would not do', async () => {
    const { data } = await preview({ body: 'x', list_id: listId, from: 'too long a name', limit: 1 });
    expect(data[0]).toMatchObject({ status: 'INVALID_SENDER_ID' });
  });

  test('knows nothing of other accounts, and asks for one text', async () => {
    const refused = (body: Record<string, unknown>) => expect(preview(body)).rejects;
    await refused({ body: 'x', list_id: foreign.listId }).toMatchObject({ kind: 'not-found' });
    await refused({ template_id: foreign.templateId }).toMatchObject({ kind: 'not-found' });
    await refused({ body: 'x', list_id: listId, contact_id: 1 }).toMatchObject({ kind: 'not-found' });
    await refused({}).toMatchObject({ kind: 'bad-request' });
    await refused({ body: ' ' }).toMatchObject({ kind: 'bad-request' });
    await refused({ body: 'x', template_id: templateId }).toMatchObject({ kind: 'bad-request' });
    await refused({ body: 'x', list_id: 'x' }).toMatchObject({ fields: { list_id: expect.any(String) } });
  });

  test('shows a list only to a key that may read contacts', async () => {
    const key = { ...caller, scopes: ['sms:read'] };
    await expect(preview({ body: 'x', list_id: listId }, key)).rejects.toMatchObject({ kind: 'forbidden' });
    expect((await preview({ body: 'x' }, key)).total).toBe(1);
  });
});
