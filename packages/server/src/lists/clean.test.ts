import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addContacts, listCalls, optOutListOf } from '../../../../test/rig/lists.ts';
import type { Caller } from '../accounts/caller.ts';
import type { ContactValues } from './contact-fields.ts';

let own: TestDatabase;
let caller: Caller;
let call: ReturnType<typeof listCalls>['call'];
let listId: number;

beforeAll(async () => {
  own = await openTestDatabase();
  caller = await openAccount(own.db);
  call = listCalls(own.db).call;
});
afterAll(() => own.close());
beforeEach(async () => {
  listId = await makeList();
});
const makeList = async (): Promise<number> => (await call('listCreate', caller, { body: { list_name: 'x' } })).list_id;

/** Which of them are left, by their place in what was put in. */
const put = async (contacts: Partial<ContactValues>[], list = listId) => {
  const ids = await addContacts(own.db, caller, list, contacts);
  return async () => {
    const { data } = await call('contacts', caller, { params: { list_id: list }, query: { limit: '100' } });
    return data.map((contact: { contact_id: number }) => ids.indexOf(contact.contact_id));
  };
};
const removeDuplicates = (fields: unknown, list = listId) =>
  call('listRemoveDuplicates', caller, { params: { list_id: list }, body: { fields } });

const A = '+61411111111';
const B = '+61422222222';

describe('removing duplicates', () => {
  const people = [
    { phone_number: A, email: 'mei@example.test' },
    { phone_number: B, email: 'Mei@Example.test' },
    { phone_number: A, email: 'sam@example.test' },
    { phone_number: A },
    { fax_number: A },
    { fax_number: B },
  ];

  test.each<[unknown, number[]]>([
    [{ phone_number: '' }, [0, 1, 4, 5]],
    [['phone'], [0, 1, 4, 5]],
    ['phone_number', [0, 1, 4, 5]],
    // Letter case is no difference; who has no email address is nobody's duplicate.
    [{ email: '' }, [0, 2, 3, 4, 5]],
    [
      ['phone_number', 'email'],
      [0, 1, 2, 3, 4, 5],
    ],
    [['custom_1'], [0, 1, 2, 3, 4, 5]],
  ])(verifies('contacts:duplicates', 'by %j leaves %j: the oldest of each'), async (fields, left) => {
    const whoIsLeft = await put(people);
    expect(await removeDuplicates(fields)).toEqual({ deleted: people.length - left.length });
    expect(await whoIsLeft()).toEqual(left);
    expect(await call('listById', caller, { params: { list_id: listId } })).toMatchObject({
      _contacts_count: left.length,
    });
  });

  test(verifies('contacts:duplicates', 'by several fields compares them together'), async () => {
    const whoIsLeft = await put([
      { phone_number: A, last_name: 'Okafor' },
      { phone_number: A, last_name: 'Li' },
      { phone_number: A, last_name: 'Okafor' },
      { phone_number: A },
      { phone_number: A },
    ]);
    expect(await removeDuplicates({ phone_number: '', last_name: '' })).toEqual({ deleted: 2 });
    expect(await whoIsLeft()).toEqual([0, 1, 3]);
  });

  test('leaves other lists alone', async () => {
    const whoIsLeft = await put([{ phone_number: A }, { phone_number: A }], await makeList());
    await put([{ phone_number: A }]);
    expect(await removeDuplicates(['phone_number'])).toEqual({ deleted: 0 });
    expect(await whoIsLeft()).toEqual([0, 1]);
  });

  test.each([
    undefined,
    null,
    [],
    {},
    ['name'],
    ['contact_id'],
    ['phone_number; drop table contacts'],
    [7],
    { __proto__x: 1 },
  ])(verifies('fault:F49', 'by %j is refused'), async (fields) => {
    await expect(removeDuplicates(fields)).rejects.toMatchObject({ fields: expect.any(Object) });
  });

  test('on the Opt-Out list lets nobody in again', async () => {
    const optOuts = await optOutListOf(own.db, caller);
    for (const phone_number of [A, B]) {
      await call('contactCreate', caller, { params: { list_id: optOuts }, body: { phone_number, first_name: 'Mei' } });
    }
    await expect(removeDuplicates(['first_name'], optOuts)).rejects.toMatchObject({
      fields: { fields: expect.stringContaining('phone_number') },
    });
    expect(await removeDuplicates(['first_name', 'phone_number'], optOuts)).toEqual({ deleted: 0 });
  });
});

describe('removing opted-out contacts', () => {
  const remove = (list: number, from: number) =>
    call('listRemoveOptedOut', caller, { params: { list_id: list, opt_out_list_id: from } });

  test(verifies('contacts:opted-out', 'removes whom the other list names by number or address'), async () => {
    const optedOut = await makeList();
    const whoIsThere = await put([{ phone_number: A }, { email: 'mei@example.test' }, { fax_number: B }], optedOut);
    const whoIsLeft = await put([
      { phone_number: A, email: 'other@example.test' },
      { phone_number: B },
      { phone_number: B, email: 'MEI@example.test' },
      { fax_number: B },
      { fax_number: A },
      { email: 'sam@example.test' },
    ]);
    expect(await remove(listId, optedOut)).toEqual({ deleted: 3 });
    expect(await whoIsLeft()).toEqual([1, 4, 5]);
    expect(await whoIsThere()).toEqual([0, 1, 2]);
    expect(await remove(listId, optedOut)).toEqual({ deleted: 0 });
  });

  test(verifies('contacts:opted-out', 'refuses to empty the opt-out list itself'), async () => {
    const optOuts = await optOutListOf(own.db, caller);
    for (const [list, from] of [
      [listId, listId],
      [optOuts, optOuts],
      [optOuts, listId],
    ] as const) {
      await expect(remove(list, from)).rejects.toMatchObject({
        kind: 'bad-request',
        fields: { list_id: expect.any(String) },
      });
    }
    await expect(remove(listId, 999_999)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(remove(999_999, listId)).rejects.toMatchObject({ kind: 'not-found' });
  });
});
