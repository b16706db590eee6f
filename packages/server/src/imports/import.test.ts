import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { type Importing, importing } from '../../../../test/rig/importing.ts';
import { workbook } from '../../../../test/rig/workbook.ts';
import { systemOutbound } from '../outbound/system-outbound.ts';
import { stopImport, undoImport } from './end-import.ts';
import { openImporter } from './importer.ts';
import { listFaults, listImports, readImport } from './read-imports.ts';
import { startImport } from './start-import.ts';
import { dropOldImports } from './store-work.ts';

const NOW = Date.UTC(2026, 5, 1, 10, 30);
const clock = handClock(NOW);
let own: TestDatabase;
let us: Importing;
let list: number;
let accounts = 0;

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
beforeEach(async () => {
  us = await importing(own.db, clock, `importer${accounts++}`);
  list = await us.addList();
});

const start = (bytes: Buffer | string, order: string | string[] = 'phone', into = list) => us.start(into, bytes, order);
const look = (id: string, into = list) => us.look(into, id);
const run = (bytes: Buffer | string, order: string | string[] = 'phone', into = list) => us.run(into, bytes, order);
const faults = async (import_id: string, page = 1, limit = 15) =>
  (await listFaults(us.parts, us.caller, { list_id: list, import_id }, { page, limit })).data;
const phones = async (listId = list) => (await us.contacts(listId)).map((contact) => contact.phone_number);
const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `+6141${String(1_000_000 + from + i)}`);

describe('an import', () => {
  test(verifies('import:start', 'is answered before it begins, and goes on by itself'), async () => {
    const { data } = await startImport(us.parts, us.caller, list, {
      file_url: await us.upload('+61411111111,Ana\n0422 222 222,Bo\n'),
      field_order: ['phone', 'first_name'],
    });
    expect(data).toEqual({ id: expect.stringMatching(/^\d{16}$/), ids: [data.id], msg: 'Queued.' });
    expect(await look(data.id)).toMatchObject({ state: 'queued', percent: 0, rows_read: 0, date_done: null });
    await us.work();
    expect(await look(data.id)).toMatchObject({
      import_id: data.id,
      list_id: list,
      state: 'done',
      field_order: ['phone_number', 'first_name'],
      has_header: false,
      percent: 100,
      rows_read: 2,
      rows_added: 2,
      rows_refused: 0,
      bytes_read: 33,
      bytes_total: 33,
      words: null,
      date_added: NOW / 1000,
    });
    const added = await us.contacts(list);
    expect(added).toMatchObject([
      { phone_number: '+61411111111', first_name: 'Ana', import_id: Number(data.id) },
      { phone_number: '+61422222222', first_name: 'Bo' },
    ]);
    const { rows } = await own.db.enginePool.query('select contacts_count from lists where list_id = $1', [list]);
    expect(rows[0].contacts_count).toBe(2);
  });

  test(verifies('import:rows', 'lists each row that does not fit, and adds the others'), async () => {
    const cells = [
      'Mobile,Email,Name',
      '+61411111111,ana@example.test,Ana',
      '12,ana@,Bo',
      '',
      ',,Nobody',
      '6.14E+10,,Cy',
      '+61422222222,,#N/A',
      '+61433333333,,D\0',
      "'+61 444 444 444,,'=1+1",
    ];
    const job = await run(cells.join('\r\n'), ['phone', 'email', 'custom1']);
    expect(job).toMatchObject({ state: 'done', has_header: true, rows_read: 9, rows_added: 2, rows_refused: 5 });
    const { data, total } = await faults(job.import_id);
    expect(total).toBe(6);
    const number = 'phone_number is not a telephone number: write it like +61411111111, or as it is dialled in AU.';
    expect(data).toEqual([
      { row_number: 3, field: 'email', words: expect.stringContaining('ana@example.com'), value: 'ana@' },
      { row_number: 3, field: 'phone_number', words: number, value: '12' },
      { row_number: 5, field: 'contact', words: expect.stringContaining('at least one of'), value: null },
      {
        row_number: 6,
        field: 'phone_number',
        words: expect.stringContaining('last digits are lost'),
        value: '6.14E+10',
      },
      { row_number: 7, field: 'custom_1', words: expect.stringContaining('error #N/A'), value: '#N/A' },
      { row_number: 8, field: 'custom_1', words: expect.stringContaining('NUL'), value: 'D\ufffd' },
    ]);
    expect((await us.contacts(list)).map((contact) => [contact.phone_number, contact.custom_1])).toEqual([
      ['+61411111111', 'Ana'],
      ['+61444444444', '=1+1'],
    ]);
    const second = await faults(job.import_id, 2, 4);
    expect(second).toMatchObject({
      total: 6,
      from: 5,
      to: 6,
      prev_page_url: expect.stringContaining('limit=4&page=1'),
    });
  });

  test(verifies('import:xlsx', 'takes a workbook with numbers as numbers'), async () => {
    const rows =
      '<row><c t="inlineStr"><is><t>Phone</t></is></c></row><row><c><v>6.1411111111E10</v></c></row><row><c><v>422222222</v></c></row>';
    expect(await run(workbook({ rows }), 'phone')).toMatchObject({ state: 'done', has_header: true, rows_added: 2 });
    expect(await phones()).toEqual(['+61411111111', '+61422222222']);
  });

  test(verifies('import:refused', 'of a file with a fault anywhere adds nothing'), async () => {
    const job = await run(`${numbers(3_000).join('\n')}\n"open`, 'phone');
    expect(job).toMatchObject({ state: 'failed', rows_added: 0, rows_read: 0, date_done: NOW / 1000 });
    expect(job.words).toContain('Row 3001 opens a quote');
    expect(await us.contacts(list)).toEqual([]);
  });

  test('keeps the first 10,000 faults and counts all', async () => {
    const job = await run('x,\n'.repeat(10_500), 'phone,email');
    expect(job).toMatchObject({ state: 'done', rows_refused: 10_500, rows_added: 0 });
    expect((await faults(job.import_id)).total).toBe(10_000);
  });

  test('adds a contact for each row, also when rows are alike', async () => {
    await run('+61411111111\n+61411111111\n', 'phone');
    expect(await phones()).toEqual(['+61411111111', '+61411111111']);
  });

  test('into a list that is removed meanwhile fails and says so', async () => {
    const id = await start('+61411111111\n', 'phone');
    await own.db.enginePool.query('delete from lists where list_id = $1', [list]);
    await us.work();
    expect(await look(id)).toMatchObject({ state: 'failed', words: expect.stringContaining('list was removed') });
  });

  test('of a file that is gone fails and says so', async () => {
    const id = await start('+61411111111\n', 'phone');
    await own.db.enginePool.query('delete from files where account_id = $1', [us.caller.accountId]);
    await us.work();
    expect(await look(id)).toMatchObject({ state: 'failed', words: expect.stringContaining('upload it again') });
  });

  test('is forgotten when it ended long ago; its contacts stay', async () => {
    const job = await run('+61411111111\nx\n', 'phone');
    const pool = own.db.enginePool;
    await dropOldImports(pool, clock.now(), 100);
    expect(await look(job.import_id)).toMatchObject({ state: 'done' });
    const open = await start('+61411111111\n', 'phone');
    expect(await dropOldImports(pool, clock.now() + 1, 100)).toBeGreaterThan(0);
    await expect(look(job.import_id)).rejects.toMatchObject({ kind: 'not-found' });
    expect(await look(open)).toMatchObject({ state: 'queued' });
    expect(await phones()).toHaveLength(1);
    await us.work();
  });

  test('of an address that PostgreSQL could not hold is told as any other', async () => {
    const go = (file_url: string) => startImport(us.parts, us.caller, list, { file_url, field_order: 'phone' });
    for (const url of [
      'http://nowhere.example/\u0000',
      'http://nowhere.example/\ud800',
      '\u0000',
      'http://x/files/\u0000',
    ]) {
      await expect(go(url)).rejects.toMatchObject({ kind: 'bad-request', fields: { file_url: expect.any(String) } });
    }
    const outbound = { ...us.parts.outbound, resolve: async () => [{ address: '93.184.216.34', family: 4 as const }] };
    const file_url = 'http://somewhere.example/\u0000\ud800.csv';
    const { data } = await startImport({ ...us.parts, outbound }, us.caller, list, { file_url, field_order: 'phone' });
    await us.work();
    expect(await look(data.id)).toMatchObject({ state: 'failed' });
  });

  test('is listed, the newest first, and only to its account', async () => {
    const first = await start('+61411111111\n', 'phone');
    clock.advance(1_000);
    const second = await start('+61411111111\n', 'phone');
    const { data } = await listImports(us.parts, us.caller, list, { page: 1, limit: 15 });
    expect(data.data.map((job) => job.import_id)).toEqual([second, first]);
    expect(data).toMatchObject({ total: 2, next_page_url: null });
    const other = await importing(own.db, clock, `other${accounts++}`);
    const path = { list_id: list, import_id: first };
    const missing = { kind: 'not-found' };
    await expect(readImport(us.parts, other.caller, path)).rejects.toMatchObject(missing);
    await expect(listImports(us.parts, other.caller, list, { page: 1, limit: 15 })).rejects.toMatchObject(missing);
    await expect(listFaults(us.parts, other.caller, path, { page: 1, limit: 15 })).rejects.toMatchObject(missing);
    await expect(undoImport(us.parts, other.caller, path)).rejects.toMatchObject(missing);
    await expect(stopImport(us.parts, other.caller, path)).rejects.toMatchObject(missing);
    const file_url = await us.upload('+61411111111\n');
    await expect(
      startImport(other.parts, other.caller, list, { file_url, field_order: 'phone' }),
    ).rejects.toMatchObject(missing);
    const theirs = await other.addList();
    await expect(
      startImport(other.parts, other.caller, theirs, { file_url, field_order: 'phone' }),
    ).rejects.toMatchObject({
      fields: { file_url: expect.stringContaining('not here') },
    });
    await us.work();
  });

  test('by an account with 20 under way waits for one to end', async () => {
    for (let i = 0; i < 20; i++) await start('+61411111111\n', 'phone');
    await expect(start('+61411111111\n', 'phone')).rejects.toMatchObject({ kind: 'too-many-requests' });
    await us.work();
    expect(await phones()).toHaveLength(20);
  });
});

describe('an import from elsewhere', () => {
  test(verifies('import:start', 'is judged at once and fetched by the worker'), async () => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/people.csv' ? 200 : 404).end('phone\n+61411111111\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const outbound = systemOutbound({ allow: [{ host: '127.0.0.1', port }] }, clock);
      const importer = openImporter({ ...us.parts, outbound });
      const go = async (path: string) => {
        const file_url = `http://127.0.0.1:${port}${path}`;
        const { data } = await startImport({ ...us.parts, outbound }, us.caller, list, {
          file_url,
          field_order: 'phone',
        });
        await importer.takeUp();
        await importer.idle();
        return look(data.id);
      };
      expect(await go('/people.csv')).toMatchObject({ state: 'done', has_header: true, rows_added: 1 });
      expect(await go('/nothing')).toMatchObject({ state: 'failed', words: expect.stringContaining('HTTP 404') });
    } finally {
      server.close();
    }
  });

  test.each([
    'ftp://example.test/a.csv',
    'people.csv',
    'http://127.0.0.1/a.csv',
    'http://nowhere.example/a.csv',
    'https://u:p@example.test/',
  ])('at %s is refused at once, naming file_url', async (file_url) => {
    await expect(startImport(us.parts, us.caller, list, { file_url, field_order: 'phone' })).rejects.toMatchObject({
      kind: 'bad-request',
      fields: { file_url: expect.any(String) },
    });
  });
});
