import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { until } from '../../../../test/faults/rig/until.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addContacts, listCalls, optOutListOf, WHOLE_CONTACT as whole } from '../../../../test/rig/lists.ts';
import { waiting } from '../../../../test/rig/waiting.ts';
import type { Caller } from '../accounts/caller.ts';
import { inTransaction } from '../db/transaction.ts';
import { optOut } from '../suppression/opt-out.ts';
import { lockLists } from './store-lists.ts';

let own: TestDatabase;
let caller: Caller;
let other: Caller;
let calls: ReturnType<typeof listCalls>;
let listId: number;
let optOuts: number;

beforeAll(async () => {
  own = await openTestDatabase();
  [caller, other] = [await openAccount(own.db), await openAccount(own.db)];
  optOuts = await optOutListOf(own.db, caller);
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
const suppressed = async (): Promise<string[]> =>
  (
    await own.db.enginePool.query('select address from suppressions where account_id = $1 order by address', [
      caller.accountId,
    ])
  ).rows.map((row) => row.address);
const proofs = async (address: string): Promise<unknown[]> =>
  (
    await own.db.enginePool.query(
      'select kind, how, user_id from consent_events where address = $1 order by event_id',
      [address],
    )
  ).rows;

describe('moving', () => {
  const move = (
    id: 'contactCopy' | 'contactTransfer' | 'contactTransferOld',
    contactId: number,
    from: number,
    to: number,
  ) => calls.call(id, caller, { params: { list_id: from, contact_id: contactId, to_list_id: to } });

  test(verifies('contacts:move', 'a copy has an id of its own and every field'), async () => {
    const added = await add(whole);
    const to = await makeList();
    const copied = await move('contactCopy', added.contact_id, listId, to);
    expect(copied).toMatchObject({ ...whole, list_id: to });
    expect(copied.contact_id).not.toBe(added.contact_id);
    expect([await all(listId), await all(to)]).toEqual([[added], [copied]]);
  });

  test.each(['contactTransfer', 'contactTransferOld'] as const)(
    verifies('contacts:move', '%s leaves nothing behind; counts and age stay right'),
    async (id) => {
      const added = await add(whole);
      const to = await makeList();
      calls.clock.advance(60_000);
      const moved = await move(id, added.contact_id, listId, to);
      expect(moved).toEqual({ ...added, list_id: to, date_updated: added.date_updated + 60 });
      expect([await all(listId), await all(to)]).toEqual([[], [moved]]);
      expect(await calls.call('listById', caller, { params: { list_id: listId } })).toMatchObject({
        _contacts_count: 0,
      });
      expect(await calls.call('listById', caller, { params: { list_id: to } })).toMatchObject({ _contacts_count: 1 });
    },
  );

  test(verifies('contacts:move', 'to where it is changes nothing'), async () => {
    const added = await add(whole);
    expect(await move('contactTransfer', added.contact_id, listId, listId)).toEqual(added);
  });

  test(verifies('contacts:move', 'contacts:apart', 'from or to what is not there is refused'), async () => {
    const { contact_id: contactId } = await add(whole);
    const theirs = await makeList(other);
    const to = await makeList();
    for (const id of ['contactCopy', 'contactTransfer'] as const) {
      for (const [contact, from, target] of [
        [contactId, listId, theirs],
        [contactId, theirs, listId],
        [contactId, to, listId],
        [999_999, listId, to],
        [contactId, listId, 999_999],
      ] as const) {
        await expect(move(id, contact, from, target)).rejects.toMatchObject({ kind: 'not-found' });
      }
    }
    expect(await all(listId)).toHaveLength(1);
  });

  test(verifies('contacts:move', 'to and fro at once ends in one place, and nobody waits in a circle'), async () => {
    const [a, b] = [await makeList(), await makeList()];
    const ids = await addContacts(
      own.db,
      caller,
      a,
      Array.from({ length: 6 }, () => ({ email: 'a@b.example' })),
    );
    const back = await addContacts(
      own.db,
      caller,
      b,
      Array.from({ length: 6 }, () => ({ email: 'a@b.example' })),
    );
    await Promise.all([
      ...ids.map((id) => move('contactTransfer', id, a, b)),
      ...back.map((id) => move('contactTransfer', id, b, a)),
    ]);
    const idsOf = async (list: number) =>
      (await all(list)).map((contact: { contact_id: number }) => contact.contact_id);
    expect([await idsOf(a), await idsOf(b)]).toEqual([back, ids]);
  });
});

describe('the Opt-Out list', () => {
  let number = 0;
  const phone = () => `+614330000${String(++number).padStart(2, '0')}`;
  const to = (id: 'contactCopy' | 'contactTransfer', contactId: number, from: number, target: number) =>
    calls.call(id, caller, { params: { list_id: from, contact_id: contactId, to_list_id: target } });

  test(verifies('contacts:opt-out', 'a number put on it is suppressed with proof, and stands there once'), async () => {
    const mine = phone();
    const added = await add({ phone_number: mine, first_name: 'Mei', custom_1: 'called us' }, optOuts);
    expect(added).toMatchObject({ list_id: optOuts, phone_number: mine, first_name: 'Mei', custom_1: 'called us' });
    expect(await suppressed()).toContain(mine);
    expect(await proofs(mine)).toEqual([{ kind: 'opt-out', how: 'list', user_id: caller.userId }]);
    const again = await add({ phone_number: mine, last_name: 'Okafor' }, optOuts);
    expect(again).toMatchObject({ contact_id: added.contact_id, first_name: 'Mei', last_name: 'Okafor' });
    expect(await proofs(mine)).toHaveLength(2);
  });

  test(verifies('contacts:opt-out', 'one taken off it may be written to again'), async () => {
    const mine = phone();
    const { contact_id: contactId } = await add({ phone_number: mine }, optOuts);
    await calls.call('contactDelete', caller, place(contactId, optOuts));
    expect(await suppressed()).not.toContain(mine);
    expect(await proofs(mine)).toMatchObject([{ kind: 'opt-out' }, { kind: 'opt-in', how: 'list' }]);
    await expect(read(contactId, optOuts)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test(verifies('contacts:opt-out', 'a copy into it opts out; the contact stays where it was'), async () => {
    const mine = phone();
    const added = await add({ ...whole, phone_number: mine });
    expect(await to('contactCopy', added.contact_id, listId, optOuts)).toMatchObject({
      list_id: optOuts,
      ...whole,
      phone_number: mine,
    });
    expect(await suppressed()).toContain(mine);
    expect(await all()).toEqual([added]);
  });

  test(
    verifies('contacts:opt-out', 'contacts:move', 'a transfer into it opts out, one out of it opts in'),
    async () => {
      const mine = phone();
      const added = await add({ ...whole, phone_number: mine });
      const twin = await add({ phone_number: mine });
      const there = await to('contactTransfer', added.contact_id, listId, optOuts);
      expect(there).toMatchObject({ ...whole, phone_number: mine, list_id: optOuts });
      expect(await suppressed()).toContain(mine);
      expect(await all()).toEqual([twin]);
      const back = await to('contactTransfer', there.contact_id, optOuts, listId);
      expect(back).toMatchObject({ ...whole, phone_number: mine, list_id: listId });
      expect(await suppressed()).not.toContain(mine);
      expect(await proofs(mine)).toHaveLength(2);
      await expect(read(there.contact_id, optOuts)).rejects.toMatchObject({ kind: 'not-found' });
    },
  );

  test(verifies('contacts:opt-out', 'a number on it cannot be changed, the rest can'), async () => {
    const mine = phone();
    const { contact_id: contactId } = await add({ phone_number: mine, email: 'a@b.example' }, optOuts);
    for (const value of ['0411111111', null, '']) {
      await expect(change(contactId, { phone_number: value }, optOuts)).rejects.toMatchObject({
        fields: { phone_number: expect.stringContaining('Opt-Out list') },
      });
    }
    expect(await change(contactId, { phone_number: mine, first_name: 'Mei' }, optOuts)).toMatchObject({
      first_name: 'Mei',
    });
    expect(await suppressed()).toContain(mine);
  });

  test('somebody without a number can be on it too', async () => {
    const before = await suppressed();
    const { contact_id: contactId } = await add({ email: 'a@b.example' }, optOuts);
    expect(await suppressed()).toEqual(before);
    expect(await to('contactTransfer', contactId, optOuts, listId)).toMatchObject({
      contact_id: contactId,
      list_id: listId,
    });
    expect(await all()).toHaveLength(1);
  });

  test(verifies('contacts:opt-out', 'optout:order', 'who opts out once more meanwhile stays on it'), async () => {
    const mine = phone();
    const added = await add({ phone_number: mine }, optOuts);
    const later = { at: calls.clock.now() + 1, how: 'link', words: 'The page.' } as const;
    await inTransaction(own.db.enginePool, (client) =>
      optOut(client, { accountId: caller.accountId, channel: 1, address: mine, ...later }),
    );
    const late = { kind: 'in-progress', message: expect.stringContaining('once more') };
    await expect(calls.call('contactDelete', caller, place(added.contact_id, optOuts))).rejects.toMatchObject(late);
    await expect(to('contactTransfer', added.contact_id, optOuts, listId)).rejects.toMatchObject(late);
    expect([await read(added.contact_id, optOuts), await all()]).toEqual([added, []]);
    expect(await suppressed()).toContain(mine);
    calls.clock.advance(2);
    await calls.call('contactDelete', caller, place(added.contact_id, optOuts));
    expect(await suppressed()).not.toContain(mine);
  });

  test(verifies('contacts:move', 'a move out of it, also of somebody without a number, takes it first'), async () => {
    const { contact_id: contactId } = await add({ email: 'a@b.example' }, optOuts);
    const holder = await own.db.enginePool.connect();
    await holder.query('begin');
    await lockLists(holder, caller.accountId, [optOuts]);
    const moved = to('contactTransfer', contactId, optOuts, listId);
    await until('the move waits', async () => (await waiting(own.db.enginePool)) === 1);
    expect(await lockLists(holder, caller.accountId, [listId])).toBe(1);
    await holder.query('commit');
    holder.release();
    expect(await moved).toMatchObject({ contact_id: contactId, list_id: listId });
  });

  test('opting one number out and in at once ends in one of both, whole', async () => {
    const mine = phone();
    for (let round = 0; round < 5; round++) {
      const { contact_id: contactId } = await add({ phone_number: mine }, optOuts);
      const copied = await add({ phone_number: mine });
      await Promise.allSettled([
        calls.call('contactDelete', caller, place(contactId, optOuts)),
        to('contactTransfer', copied.contact_id, listId, optOuts),
        add({ phone_number: mine }, optOuts),
      ]).then((results) => {
        for (const result of results) {
          if (result.status === 'rejected') expect(result.reason).toMatchObject({ kind: 'not-found' });
        }
      });
      const there = (await all(optOuts)).filter((contact: { phone_number: string }) => contact.phone_number === mine);
      expect(there).toHaveLength((await suppressed()).includes(mine) ? 1 : 0);
    }
  });
});
