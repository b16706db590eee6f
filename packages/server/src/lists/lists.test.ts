import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addContacts, generateContacts, listCalls, optOutListOf } from '../../../../test/rig/lists.ts';
import type { Caller } from '../accounts/caller.ts';
import { takeList } from './store-lists.ts';

let own: TestDatabase;
let caller: Caller;
let other: Caller;
let call: ReturnType<typeof listCalls>['call'];

beforeAll(async () => {
  own = await openTestDatabase();
  [caller, other] = [await openAccount(own.db), await openAccount(own.db)];
  call = listCalls(own.db).call;
});
afterAll(() => own.close());

const make = async (name = 'Regulars', who = caller): Promise<number> =>
  (await call('listCreate', who, { body: { list_name: name } })).list_id;
const at = (listId: number) => ({ params: { list_id: String(listId) } });
const sql = (text: string, values: unknown[] = []) => own.db.enginePool.query(text, values);

describe('a list', () => {
  test('is made empty, with an address of its own', async () => {
    const made = await call('listCreate', caller, { body: { list_name: ' VIP ' } });
    expect(made).toEqual({
      list_id: expect.any(Number),
      list_name: 'VIP',
      list_email_id: expect.stringMatching(/^[A-Z0-9]{16}$/),
      _contacts_count: 0,
      _import_in_progress: 0,
      _optout_in_progress: 0,
    });
    expect(await call('listById', caller, at(made.list_id))).toEqual(made);
    expect((await call('listCreate', caller, { body: { list_name: 'VIP' } })).list_email_id).not.toBe(
      made.list_email_id,
    );
  });

  test.each([
    ['x'.repeat(51), 'x'.repeat(50)],
    // Two UTF-16 units each: cut by units, the 25th would be the last.
    ['🎂'.repeat(51), '🎂'.repeat(50)],
    ['東京のパン屋', '東京のパン屋'],
    ['a\u0000b\ud83c', 'a\ufffdb\ufffd'],
    [`'; drop table lists; --`, `'; drop table lists; --`],
  ])(verifies('lists:name', 'fault:F51', '%j is named %j, when made and when renamed'), async (name, kept) => {
    const made = await call('listCreate', caller, { body: { list_name: name } });
    expect(made.list_name).toBe(kept);
    const listId = await make();
    expect(await call('listUpdate', caller, { ...at(listId), body: { list_name: name } })).toMatchObject({
      list_id: listId,
      list_name: kept,
    });
  });

  test.each([{}, { list_name: '' }, { list_name: ' \n' }, { list_name: null }, { list_name: 7 }])(
    verifies('lists:name', 'of %j is refused by its field'),
    async (body) => {
      await expect(call('listCreate', caller, { body })).rejects.toMatchObject({
        fields: { list_name: expect.stringContaining('list_name') },
      });
    },
  );

  test('shows an import that is under way', async () => {
    const listId = await make();
    await importInto(listId, null);
    expect(await call('listById', caller, at(listId))).toMatchObject({ _import_in_progress: 1 });
    await sql('update imports set done_at = 1 where list_id = $1', [listId]);
    expect(await call('listById', caller, at(listId))).toMatchObject({ _import_in_progress: 0 });
  });

  test(verifies('contacts:apart', 'of another account is not there'), async () => {
    const listId = await make('Theirs', other);
    for (const id of ['listById', 'listDelete', 'listImportFields', 'contacts'] as const) {
      await expect(call(id, caller, at(listId)), id).rejects.toMatchObject({ kind: 'not-found' });
    }
    const renamed = call('listUpdate', caller, { ...at(listId), body: { list_name: 'Mine' } });
    await expect(renamed).rejects.toMatchObject({ kind: 'not-found' });
    const added = call('contactCreate', caller, { ...at(listId), body: { email: 'a@b.example' } });
    await expect(added).rejects.toMatchObject({ kind: 'not-found' });
    expect(await call('listById', other, at(listId))).toMatchObject({ list_name: 'Theirs', _contacts_count: 0 });
  });

  test('is not found by a number that is none', async () => {
    await expect(call('listById', caller, at(999_999))).rejects.toMatchObject({ kind: 'not-found' });
    for (const listId of ['x', '0', '-1', '1.5', '4294967296', '1 or 1=1']) {
      const read = call('listById', caller, { params: { list_id: listId } });
      await expect(read, listId).rejects.toMatchObject({ kind: 'unreadable', fields: { list_id: expect.any(String) } });
    }
  });
});

const importInto = (listId: number, doneAt: number | null) =>
  sql(
    `insert into imports (import_id, account_id, user_id, list_id, state, field_order, country, created_at, done_at)
     select coalesce(max(import_id), 0) + 1, $1, $2, $3, 0, '{}', 'AU', 0, $4 from imports`,
    [caller.accountId, caller.userId, listId, doneAt],
  );
const campaignTo = (listId: number, doneAt: number | null) =>
  sql(
    `insert into campaigns (account_id, user_id, channel, state, list_id, name, sender, body, custom_string, created_at, done_at)
     values ($1, $2, 1, 0, $3, 'Autumn bread', '', 'x', '', 0, $4)`,
    [caller.accountId, caller.userId, listId, doneAt],
  );

describe('deleting a list', () => {
  test(verifies('lists:delete', 'deletes its contacts and no others'), async () => {
    const [gone, kept] = [await make(), await make()];
    for (const listId of [gone, kept]) await generateContacts(own.db, caller, listId, 2_500);
    expect(await call('listDelete', caller, at(gone))).toEqual([]);
    await expect(call('listById', caller, at(gone))).rejects.toMatchObject({ kind: 'not-found' });
    const { rows } = await sql(
      'select list_id, count(*)::integer as n from contacts where list_id = any($1) group by 1',
      [[gone, kept]],
    );
    expect(rows).toEqual([{ list_id: kept, n: 2_500 }]);
    expect(await call('listById', caller, at(kept))).toMatchObject({ _contacts_count: 2_500 });
  });

  test(verifies('lists:delete', 'is refused while a campaign on it has not ended, and says which'), async () => {
    const listId = await make();
    await campaignTo(listId, 5);
    await campaignTo(listId, null);
    const { rows } = await sql('select campaign_id from campaigns where list_id = $1 and done_at is null', [listId]);
    await expect(call('listDelete', caller, at(listId))).rejects.toMatchObject({
      kind: 'bad-request',
      message: expect.stringContaining(`Campaign ${rows[0].campaign_id} ("Autumn bread")`),
    });
    await sql('update campaigns set done_at = 1 where list_id = $1', [listId]);
    expect(await call('listDelete', caller, at(listId))).toEqual([]);
  });

  test(verifies('lists:delete', 'is refused while an import into it runs'), async () => {
    const listId = await make();
    await importInto(listId, null);
    const [contactId] = await addContacts(own.db, caller, listId, [{ email: 'a@b.example' }]);
    await expect(call('listDelete', caller, at(listId))).rejects.toMatchObject({
      kind: 'bad-request',
      message: expect.stringContaining('import'),
    });
    expect(await call('contactById', caller, { params: { list_id: listId, contact_id: contactId } })).toBeTruthy();
    await sql('update imports set done_at = 1 where list_id = $1', [listId]);
    expect(await call('listDelete', caller, at(listId))).toEqual([]);
  });

  test(verifies('lists:delete', 'a contact added at the same time is refused, or is deleted with it'), async () => {
    for (let round = 0; round < 10; round++) {
      const listId = await make();
      const add = () => call('contactCreate', caller, { ...at(listId), body: { phone_number: '0411111111' } });
      const results = await Promise.allSettled([add(), call('listDelete', caller, at(listId)), add()]);
      expect(results[1].status).toBe('fulfilled');
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ kind: 'not-found' });
      }
      expect((await sql('select 1 from contacts where list_id = $1', [listId])).rows).toEqual([]);
    }
  });

  test('waits for nobody who merely reads it', async () => {
    const listId = await make();
    const client = await own.db.enginePool.connect();
    try {
      await client.query('begin');
      await takeList(client, caller.accountId, listId);
      expect(await call('listById', caller, at(listId))).toMatchObject({ list_id: listId });
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});

describe('the Opt-Out list', () => {
  test(verifies('lists:opt-out', 'is there from the start, once'), async () => {
    const fresh = await openAccount(own.db);
    const page = await call('lists', fresh);
    expect(page).toMatchObject({ total: 1, data: [{ list_name: 'Opt-Out List', _contacts_count: 0 }] });
    await expect(
      sql(
        `insert into lists (account_id, list_name, list_email_id, is_opt_out, created_at) values ($1, 'x', 'x', true, 0)`,
        [fresh.accountId],
      ),
    ).rejects.toMatchObject({ code: '23505' });
  });

  test(verifies('lists:opt-out', 'can be neither renamed nor deleted'), async () => {
    const listId = await optOutListOf(own.db, caller);
    const refused = { kind: 'bad-request', fields: { list_id: expect.stringContaining('Opt-Out list') } };
    await expect(call('listDelete', caller, at(listId))).rejects.toMatchObject(refused);
    const renamed = call('listUpdate', caller, { ...at(listId), body: { list_name: 'Friends' } });
    await expect(renamed).rejects.toMatchObject(refused);
    expect(await call('listById', caller, at(listId))).toMatchObject({ list_name: 'Opt-Out List' });
  });
});

describe('the lists of an account', () => {
  test(verifies('lists:limit', 'are 2,000 at most, however many are made at once'), async () => {
    const full = await openAccount(own.db);
    await sql(
      `insert into lists (account_id, list_name, list_email_id, created_at)
       select $1, 'List ' || n, lpad(n::text, 16, '0'), 0 from generate_series(1, 1995) n`,
      [full.accountId],
    );
    const results = await Promise.allSettled(Array.from({ length: 16 }, () => make('One more', full)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    for (const result of results) {
      if (result.status === 'rejected') {
        expect(result.reason).toMatchObject({
          kind: 'bad-request',
          fields: { list_name: expect.stringContaining('2000 lists') },
        });
      }
    }
    const first = (await call('lists', full, { query: { limit: '2' } })).data[1].list_id;
    await call('listDelete', full, at(first));
    expect(await make('Room again', full)).toBeGreaterThan(first);
  });

  test(verifies('lists:links', 'page:limit', 'come in pages with the links of their neighbours'), async () => {
    const some = await openAccount(own.db);
    for (const name of ['A', 'B', 'C', 'D']) await make(name, some);
    const page = await call('lists', some, { query: { limit: '2', page: '2' } });
    const url = (number: number) => `https://msg.example.test/v3/lists?limit=2&page=${number}`;
    expect(page).toMatchObject({
      total: 5,
      per_page: 2,
      current_page: 2,
      last_page: 3,
      from: 3,
      to: 4,
      next_page_url: url(3),
      prev_page_url: url(1),
      first_page_url: url(1),
      last_page_url: url(3),
      path: 'https://msg.example.test/v3/lists',
    });
    expect(page.data.map((list: { list_name: string }) => list.list_name)).toEqual(['B', 'C']);
    expect(await call('lists', some, { query: { page: '9' } })).toMatchObject({ data: [], from: null, to: null });
    expect(await call('lists', some, { query: { limit: '1000' } })).toMatchObject({ per_page: 100 });
    for (const query of [{ page: '0' }, { limit: '0' }, { page: 'x' }]) {
      await expect(call('lists', some, { query })).rejects.toMatchObject({ kind: 'unreadable' });
    }
  });

  test('count their contacts as these come and go', async () => {
    const listId = await make();
    const [first] = await addContacts(own.db, caller, listId, [{ email: 'a@b.example' }, { email: 'c@d.example' }]);
    expect(await call('listById', caller, at(listId))).toMatchObject({ _contacts_count: 2 });
    await call('contactDelete', caller, { params: { list_id: listId, contact_id: first } });
    expect(await call('listById', caller, at(listId))).toMatchObject({ _contacts_count: 1 });
  });
});
