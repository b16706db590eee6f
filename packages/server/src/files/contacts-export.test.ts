import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addContacts, BASE, generateContacts, listCalls, someone } from '../../../../test/rig/lists.ts';
import type { Caller } from '../accounts/caller.ts';
import { EXPORT_KEPT_MS } from '../history/export.ts';
import { CONTACT_FIELDS, type ContactValues, readContact } from '../lists/contact-fields.ts';
import { systemRandom } from '../system.ts';
import { readCell } from './csv.ts';
import { openExport } from './open-export.ts';
import { exportRoutes } from './routes-exports.ts';

const clock = handClock();
let own: TestDatabase;
let caller: Caller;
let call: ReturnType<typeof listCalls>['call'];

beforeAll(async () => {
  own = await openTestDatabase();
  caller = await openAccount(own.db);
  call = listCalls(own.db, clock).call;
});
afterAll(() => own.close());

const makeList = async (contacts: Partial<ContactValues>[] = []): Promise<number> => {
  const { list_id: listId } = await call('listCreate', caller, { body: { list_name: 'Regulars' } });
  await addContacts(own.db, caller, listId, contacts);
  return listId;
};

async function makeExport(listId: number, filename = 'regulars.csv', who = caller): Promise<string> {
  const read = readCall(endpoints.listExport, { params: { list_id: listId }, query: { filename } });
  if (!read.ok) throw Object.assign(new Error('unreadable'), { fields: read.fields });
  const parts = { db: own.db, clock, random: systemRandom, publicUrl: () => BASE };
  const { data } = await exportRoutes(parts).listExport({ ...read.call, caller: who, idempotencyKey: null, depth: 0 });
  return endpoints.listExport.data.parse(data).url;
}

const guidOf = (url: string) => /\/files\/([0-9A-F-]{36})\?/.exec(url)?.[1] ?? '';
async function download(url: string): Promise<{ name: string; text: string; largest: number }> {
  const { name, chunks } = await openExport({ db: own.db, clock }, guidOf(url));
  let text = '';
  let largest = 0;
  for await (const chunk of chunks) {
    text += chunk;
    largest = Math.max(largest, chunk.split('\r\n').length - 1);
  }
  return { name, text, largest };
}

/** By RFC 4180, cells as they stand. */
function parse(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/g)) {
    lines.at(-1)!.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === '\r\n') lines.push([]);
  }
  return lines.slice(0, -1);
}

describe('an export of a list', () => {
  test(
    verifies('contacts:export', 'fault:F49', 'fault:F51', 'reads back as the contacts were, and no cell is a formula'),
    async () => {
      const contacts: Partial<ContactValues>[] = [
        {
          phone_number: '+61411111111',
          first_name: '東京',
          last_name: 'two\nlines',
          custom_1: '=1+1',
          custom_2: `'quoted`,
        },
        {
          email: 'a@b.example',
          organization_name: '"a", b; c',
          custom_1: `'=1+1`,
          custom_2: '+61 411',
          custom_3: '-2',
        },
        { fax_number: '+61292611111', first_name: '@sum(a1)', last_name: '\u202eabc', custom_4: `=cmd|' /C calc'!A0` },
        {
          phone_number: '+61422222222',
          address_line_1: `'; drop table contacts; --`,
          address_country: 'AU',
          custom_1: '%_\\',
        },
      ];
      const { text, name } = await download(await makeExport(await makeList(contacts), 'ü.csv'));
      const [head, ...rows] = parse(text);
      expect([name, head]).toEqual(['ü.csv', [...CONTACT_FIELDS]]);
      const back = rows.map((cells) =>
        readContact(Object.fromEntries(CONTACT_FIELDS.map((field, i) => [field, readCell(cells[i]!)])), 'AU'),
      );
      expect(back).toEqual(contacts.map((contact) => ({ ok: true, values: someone(contact) })));
      for (const cell of rows.flat()) expect(cell).not.toMatch(/^([=@\t\r]|[+-](?!\d+(\.\d+)?$))/);
    },
  );

  test(verifies('contacts:export', 'holds every contact once, in pieces of 1,000'), async () => {
    const listId = await makeList();
    await generateContacts(own.db, caller, listId, 2_345);
    const { text, largest } = await download(await makeExport(listId));
    const phones = parse(text)
      .slice(1)
      .map(([phone]) => phone);
    expect(phones).toEqual(Array.from({ length: 2_345 }, (_, i) => `+614${String(i + 1).padStart(8, '0')}`));
    expect(largest).toBe(1_000);
  });

  test(verifies('contacts:export', 'of an empty list is its first line'), async () => {
    expect((await download(await makeExport(await makeList()))).text).toBe(`${CONTACT_FIELDS.join(',')}\r\n`);
  });

  test('is a link that expires', async () => {
    const url = await makeExport(await makeList());
    expect(url).toMatch(/^https:\/\/msg\.example\.test\/files\/[0-9A-F-]{36}\?filename=regulars\.csv$/);
    clock.advance(EXPORT_KEPT_MS - 1);
    expect((await download(url)).name).toBe('regulars.csv');
    clock.advance(1);
    await expect(download(url)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test.each(['regulars', 'regulars.txt', '', 'a/b.csv', '..\\x.csv', 'a\nb.csv'])(
    'named %j is refused',
    async (filename) => {
      await expect(makeExport(await makeList(), filename)).rejects.toMatchObject({
        fields: { filename: expect.any(String) },
      });
    },
  );

  test(verifies('contacts:apart', 'invariant:I8', 'of another account is not found'), async () => {
    const listId = await makeList([{ email: 'canary@example.test' }]);
    const other = await openAccount(own.db);
    await expect(makeExport(listId, 'x.csv', other)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(makeExport(999_999)).rejects.toMatchObject({ kind: 'not-found' });
  });
});
