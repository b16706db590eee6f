import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addContacts, BASE, generateContacts, listCalls } from '../../../../test/rig/lists.ts';
import type { Caller } from '../accounts/caller.ts';
import { withClient } from '../db/with-client.ts';
import { fieldNamed } from './contact-fields.ts';
import { IMPORT_FIELDS } from './import-fields.ts';

let own: TestDatabase;
let caller: Caller;
let call: ReturnType<typeof listCalls>['call'];
let regulars: number;

beforeAll(async () => {
  own = await openTestDatabase();
  const other = await openAccount(own.db);
  caller = await openAccount(own.db);
  call = listCalls(own.db).call;
  const makeList = async (list_name: string, who = caller): Promise<number> =>
    (await call('listCreate', who, { body: { list_name } })).list_id;
  regulars = await makeList('Regulars of 100%');
  await addContacts(own.db, caller, regulars, [
    { phone_number: '+61411111111', first_name: 'Mei', last_name: 'Okafor', email: 'mei@example.test' },
    { phone_number: '+61411111222', first_name: '東京 太郎', organization_name: 'Okafor & Söhne' },
    { email: 'percent%sign@example.test' },
    { email: 'under_score@example.test', custom_1: 'secret' },
    { fax_number: '+61292611111', last_name: `O'Brien'); drop table contacts; --` },
  ]);
  const theirs = await makeList('Regulars of others', other);
  await addContacts(own.db, other, theirs, [{ phone_number: '+61411111111', first_name: 'Mei' }]);
});
afterAll(() => own.close());

const search = (q: string, more: Record<string, string> = {}) =>
  call('searchContactsLists', caller, { query: { q, ...more } });
const found = async (q: string): Promise<string[]> =>
  (await search(q)).data.map((row: { type: string; name: string }) => `${row.type} ${row.name}`);

const MEI = 'contact Mei Okafor';
const TARO = 'contact 東京 太郎';
const BRIEN = `contact O'Brien'); drop table contacts; --`;

describe('a search', () => {
  test.each([
    ['regular', ['list Regulars of 100%']],
    ['100%', ['list Regulars of 100%']],
    ['mei', [MEI]],
    ['MEI OKA', [MEI]],
    ['okafor', [MEI, TARO]],
    ['東京', [TARO]],
    ['söhne', [TARO]],
    ['example.test', [MEI, 'contact percent%sign@example.test', 'contact under_score@example.test']],
    ['0411111111', [MEI]],
    ['+61411111222', [TARO]],
    ['6141111', [MEI, TARO]],
    ['+61 411 111', [MEI, TARO]],
    ['111222', [TARO]],
    ['secret', []],
    ['nobody', []],
  ])(verifies('contacts:search', '%j finds %j'), async (q, expected) => {
    expect(await found(q)).toEqual(expected);
  });

  test.each([
    ['%', ['list Regulars of 100%', 'contact percent%sign@example.test']],
    ['_', ['contact under_score@example.test']],
    ['\\', []],
    [`'`, [BRIEN]],
    [`'); drop table contacts; --`, [BRIEN]],
    [`' or '1'='1`, []],
    ['\u0000', []],
    ['\ud800', []],
    ['$1', []],
    ['%%%_%_%', []],
  ])(verifies('contacts:search', 'fault:F49', 'fault:F51', '%j is looked for as itself: %j'), async (q, expected) => {
    expect(await found(q)).toEqual(expected);
    expect(await call('contactSuggestions', caller, { query: { q } })).toHaveLength(
      expected.filter((row) => row.startsWith('contact')).length,
    );
  });

  test(verifies('contacts:search', 'tells lists from contacts, and what reaches them'), async () => {
    const { data } = await search('e');
    expect(data[0]).toEqual({
      id: regulars,
      name: 'Regulars of 100%',
      type: 'list',
      contact: expect.stringMatching(/^[A-Z0-9]{16}$/),
      contacts_count: 5,
    });
    expect(data[1]).toMatchObject({
      name: 'Mei Okafor',
      type: 'contact',
      contact: '+61411111111',
      contacts_count: null,
    });
  });

  test(verifies('contacts:search', 'page:limit', 'comes in pages, lists before contacts'), async () => {
    const pages = await Promise.all(['1', '2', '3'].map((page) => search('regular', { limit: '2', page })));
    expect(pages.map((page) => page.data.length)).toEqual([1, 0, 0]);
    const first = await search('o', { limit: '3' });
    const second = await search('o', { limit: '3', page: '2' });
    expect(first.total).toBe(first.data.length + second.data.length);
    expect(first.data[0].type).toBe('list');
    expect(first.next_page_url).toBe(`${BASE}/v3/search/contacts-lists?q=o&limit=3&page=2`);
    expect(new Set([...first.data, ...second.data].map((row: { id: number }) => row.id)).size).toBe(first.total);
  });

  test('of too many counts no further than 1,000', async () => {
    const crowd = await openAccount(own.db);
    const { list_id: listId } = await call('listCreate', crowd, { body: { list_name: 'Crowd' } });
    await generateContacts(own.db, crowd, listId, 1_500);
    const last = await call('searchContactsLists', crowd, { query: { q: 'person', limit: '100', page: '10' } });
    expect([last.total, last.data.length, last.next_page_url]).toEqual([1_000, 100, null]);
    const behind = await call('searchContactsLists', crowd, { query: { q: 'person', limit: '100', page: '11' } });
    expect(behind.data).toEqual([]);
  });

  test(
    verifies('contacts:search', 'invariant:I11', 'that takes too long is given up, and says how to ask instead'),
    async () => {
      // Waiting for a lock is as slow as a table that is too long, and as slow on every machine.
      await withClient(own.url, async (admin) => {
        await admin.query('begin');
        await admin.query('lock table contacts in access exclusive mode');
        await expect(search('mei')).rejects.toMatchObject({
          kind: 'bad-request',
          fields: { q: expect.stringContaining('given up after 2 seconds') },
        });
        await admin.query('rollback');
      });
      expect(await found('mei')).toEqual([MEI]);
    },
  );

  test('without a text is refused', async () => {
    for (const query of [{}, { q: '' }, { q: 'x'.repeat(201) }]) {
      await expect(call('searchContactsLists', caller, { query })).rejects.toMatchObject({
        fields: { q: expect.any(String) },
      });
    }
  });
});

describe('suggestions', () => {
  test(verifies('contacts:search', 'are whole contacts, a few of them'), async () => {
    const [mei] = await call('contactSuggestions', caller, { query: { q: 'mei' } });
    expect(mei).toMatchObject({ first_name: 'Mei', phone_number: '+61411111111', _list_name: 'Regulars of 100%' });
    expect(await call('contactSuggestions', caller, { query: { q: '0411111111' } })).toEqual([mei]);
    expect(await call('contactSuggestions', caller, { query: { limit: '2' } })).toHaveLength(2);
    expect(await call('contactSuggestions', caller, {})).toHaveLength(5);
  });
});

test('import fields are named as an import takes them, each field once', async () => {
  expect(await call('listImportFields', caller, { params: { list_id: regulars } })).toEqual(IMPORT_FIELDS);
  const fields = IMPORT_FIELDS.map(({ field }) => fieldNamed(field));
  expect(new Set(fields).size).toBe(16);
  expect(fields).not.toContain(null);
});
