import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { listCalls, WHOLE_CONTACT as whole } from '../../../../test/rig/lists.ts';
import type { Caller } from '../accounts/caller.ts';
import { CONTACT_FIELDS } from './contact-fields.ts';

let own: TestDatabase;
let caller: Caller;
let other: Caller;
let calls: ReturnType<typeof listCalls>;
let listId: number;

beforeAll(async () => {
  own = await openTestDatabase();
  [caller, other] = [await openAccount(own.db), await openAccount(own.db)];
  calls = listCalls(own.db);
});
afterAll(() => own.close());
beforeEach(async () => {
  listId = await makeList();
});

const makeList = async (who = caller): Promise<number> =>
  (await calls.call('listCreate', who, { body: { list_name: 'Regulars' } })).list_id;
const add = (body: object, list = listId) => calls.call('contactCreate', caller, { params: { list_id: list }, body });
const place = (contactId: number, list = listId) => ({ params: { list_id: list, contact_id: contactId } });
const change = (contactId: number, body: object, list = listId) =>
  calls.call('contactUpdate', caller, { ...place(contactId, list), body });
const read = (contactId: number, list = listId) => calls.call('contactById', caller, place(contactId, list));
const all = async (list = listId) => (await calls.call('contacts', caller, { params: { list_id: list } })).data;
describe('a contact', () => {
  test(verifies('contacts:fields', 'keeps every field'), async () => {
    const added = await add(whole);
    const shown = {
      ...whole,
      contact_id: expect.any(Number),
      list_id: listId,
      date_added: Math.floor(calls.clock.now() / 1000),
      date_updated: Math.floor(calls.clock.now() / 1000),
      _list_name: 'Regulars',
    };
    expect(added).toEqual(shown);
    expect(await read(added.contact_id)).toEqual(added);
    expect(Object.keys(whole).sort()).toEqual([...CONTACT_FIELDS].sort());
  });

  test(verifies('contacts:fields', 'takes local numbers, and the older names of fields'), async () => {
    expect(
      await add({ phone: '0411 111 111', custom1: 'a', custom4: 7, contact_id: 1, date_added: 'x' }),
    ).toMatchObject({
      phone_number: '+61411111111',
      custom_1: 'a',
      custom_4: '7',
    });
    expect(await add({ phone: '0411111111', phone_number: '0422222222' })).toMatchObject({
      phone_number: '+61422222222',
    });
  });

  test.each([
    [{ first_name: 'Mei' }, 'contact'],
    [{ phone_number: '', email: null }, 'contact'],
    [{ phone_number: '12' }, 'phone_number'],
    [{ email: 'mei@' }, 'email'],
    [{ email: 'a@b.example', address_country: 'Australia' }, 'address_country'],
  ])(verifies('contacts:fields', '%j is refused for %s, and nothing is kept'), async (body, field) => {
    await expect(add(body)).rejects.toMatchObject({ kind: 'bad-request', fields: { [field]: expect.any(String) } });
    expect(await all()).toEqual([]);
  });

  test('of a wrong type is refused by its field', async () => {
    await expect(add({ email: 'a@b.example', first_name: { $ne: 1 } })).rejects.toMatchObject({
      fields: { first_name: 'first_name must be text.' },
    });
  });

  test(verifies('contacts:apart', 'invariant:I8', 'is found in its own list only'), async () => {
    const { contact_id: contactId } = await add({ phone_number: '0411111111' });
    const elsewhere = await makeList();
    await expect(read(contactId, elsewhere)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(change(contactId, { first_name: 'x' }, elsewhere)).rejects.toMatchObject({ kind: 'not-found' });
    for (const id of ['contactById', 'contactDelete', 'contactUpdate'] as const) {
      const theirs = calls.call(id, other, { ...place(contactId), body: {} });
      await expect(theirs, id).rejects.toMatchObject({ kind: 'not-found' });
    }
    expect(await read(contactId)).toMatchObject({ first_name: null });
  });
});

describe('an update', () => {
  test(verifies('contacts:update', 'changes the keys that are sent and no other'), async () => {
    const { contact_id: contactId } = await add(whole);
    calls.clock.advance(5_000);
    const changed = await change(contactId, { custom1: 'rye', last_name: null, address_line_2: '', unknown: 1 });
    expect(changed).toMatchObject({ ...whole, custom_1: 'rye', last_name: null, address_line_2: null });
    expect(changed.date_updated - changed.date_added).toBe(5);
    expect(await read(contactId)).toEqual(changed);
  });

  test(verifies('contacts:update', 'of nothing leaves it as it was'), async () => {
    const added = await add(whole);
    calls.clock.advance(5_000);
    expect(await change(added.contact_id, {})).toEqual(added);
  });

  test(verifies('contacts:update', 'may not take the last way to reach it'), async () => {
    const { contact_id: contactId } = await add({ phone_number: '0411111111', email: 'a@b.example' });
    expect(await change(contactId, { email: '' })).toMatchObject({ email: null });
    await expect(change(contactId, { phone_number: null })).rejects.toMatchObject({
      kind: 'bad-request',
      fields: { contact: expect.stringContaining('at least one') },
    });
    expect(await change(contactId, { phone_number: '', fax_number: '0292611111' })).toMatchObject({
      phone_number: null,
      fax_number: '+61292611111',
    });
  });

  test(verifies('contacts:update', 'of two at once keeps both'), async () => {
    const { contact_id: contactId } = await add(whole);
    await Promise.all([change(contactId, { custom_1: 'a' }), change(contactId, { custom_2: 'b' })]);
    expect(await read(contactId)).toMatchObject({ custom_1: 'a', custom_2: 'b' });
  });

  test('that cannot be stored changes nothing', async () => {
    const added = await add(whole);
    await expect(change(added.contact_id, { first_name: 'New', email: 'x' })).rejects.toMatchObject({
      fields: { email: expect.any(String) },
    });
    expect(await read(added.contact_id)).toEqual(added);
  });
});

test('a deleted contact is gone, and cannot be deleted again', async () => {
  const { contact_id: contactId } = await add(whole);
  expect(await calls.call('contactDelete', caller, place(contactId))).toEqual([]);
  await expect(read(contactId)).rejects.toMatchObject({ kind: 'not-found' });
  await expect(calls.call('contactDelete', caller, place(contactId))).rejects.toMatchObject({ kind: 'not-found' });
});
