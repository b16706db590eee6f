import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { type Importing, importing } from '../../../../test/rig/importing.ts';
import { someone } from '../../../../test/rig/lists.ts';
import { exportContacts } from '../files/export-contacts.ts';
import { openExport } from '../files/open-export.ts';
import { CONTACT_FIELDS, readContact } from '../lists/contact-fields.ts';
import { insertContacts } from '../lists/store-contacts.ts';
import { readImport } from './read-imports.ts';
import { startImport } from './start-import.ts';

const clock = handClock();
let own: TestDatabase;
let us: Importing;

beforeAll(async () => {
  own = await openTestDatabase();
  us = await importing(own.db, clock, 'round-trip');
});
afterAll(() => own.close());

/** Texts that spreadsheets run, quote, cut, or take for something else. */
const TEXTS = [
  ...[
    '=1+1',
    '+1+1',
    '-1',
    '-1-1',
    '@sum',
    "'",
    "'quoted'",
    "''",
    "'=1",
    "''=1",
    '"',
    '""',
    'say "hi"',
    ',',
    ';',
    '|',
    'a\tb',
  ],
  ...[
    'two\nlines',
    'two\r\nlines',
    '東京',
    'é',
    '👩‍👩‍👧',
    '+61411111111',
    "'+61411111111",
    '0411',
    '007',
    '1e5',
    '#N',
    'sep=;',
    'x'.repeat(255),
  ],
  ...[
    'null',
    'skip',
    'First name',
    '\u202eright',
    'a,b;c|d\te',
    '=HYPERLINK("http://a.example","x")',
    '`',
    '\\',
    '\\"',
    '%00',
  ],
];

async function exported(listId: number): Promise<string> {
  const { url } = await exportContacts(us.parts, us.caller, listId, 'people.csv');
  const [, guid = ''] = /\/files\/([0-9A-F-]{36})/.exec(url) ?? [];
  let text = '';
  for await (const chunk of (await openExport(us.parts, guid)).chunks) text += chunk;
  return text;
}

describe('an export', () => {
  test(verifies('import:round-trip', 'imported elsewhere and exported again is the same to the byte'), async () => {
    const list = await us.addList();
    const contacts = TEXTS.map((text, i) => {
      const values = someone({
        phone_number: `+6141${1_000_000 + i}`,
        first_name: text,
        custom_1: `${text} ${text}`,
        custom_4: text,
      });
      const reading = readContact(values, 'AU');
      if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
      return reading.values;
    });
    const only = someone({ email: 'only@example.test', address_country: 'AU', address_postal_code: '0800' });
    const { accountId } = us.caller;
    await insertContacts(own.db.enginePool, { accountId, listId: list, importId: null, at: 0 }, [...contacts, only]);
    const before = await exported(list);

    const other = await us.addList();
    const file_url = await us.upload(before);
    const { data } = await startImport(us.parts, us.caller, other, { file_url, field_order: [...CONTACT_FIELDS] });
    await us.work();
    const job = await readImport(us.parts, us.caller, { list_id: other, import_id: data.id });
    expect(job.data).toMatchObject({ state: 'done', has_header: true, rows_added: TEXTS.length + 1, rows_refused: 0 });
    expect(await exported(other)).toBe(before);
    const values = async (id: number) =>
      (await us.contacts(id)).map((contact) => CONTACT_FIELDS.map((field) => contact[field]));
    expect(await values(other)).toEqual(await values(list));
  });

  test(verifies('import:round-trip', 'can be imported by its link, by its account alone'), async () => {
    const list = await us.addList();
    const { accountId } = us.caller;
    const contacts = [someone({ phone_number: '+61411111111', first_name: '東京' })];
    await insertContacts(own.db.enginePool, { accountId, listId: list, importId: null, at: 0 }, contacts);
    const { url: file_url } = await exportContacts(us.parts, us.caller, list, 'people.csv');
    const field_order = [...CONTACT_FIELDS];
    const other = await us.addList();
    const { data } = await startImport(us.parts, us.caller, other, { file_url, field_order });
    await us.work();
    const job = await readImport(us.parts, us.caller, { list_id: other, import_id: data.id });
    expect(job.data).toMatchObject({ state: 'done', rows_added: 1 });
    expect(await us.contacts(other)).toMatchObject(contacts);

    const them = await importing(own.db, clock, 'thief');
    const theirs = await them.addList();
    await expect(startImport(them.parts, them.caller, theirs, { file_url, field_order })).rejects.toMatchObject({
      fields: { file_url: expect.stringContaining('not here') },
    });
  });
});
