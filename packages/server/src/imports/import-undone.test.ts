import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { until } from '../../../../test/faults/rig/until.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { type Importing, importing } from '../../../../test/rig/importing.ts';
import { optOutListOf } from '../../../../test/rig/lists.ts';
import { waiting } from '../../../../test/rig/waiting.ts';
import { inTransaction } from '../db/transaction.ts';
import { optOut } from '../suppression/opt-out.ts';
import { suppressedAmong } from '../suppression/store.ts';
import { stopImport, undoImport } from './end-import.ts';
import { previewFirstRow, previewImport } from './preview-import.ts';

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

const start = (bytes: string, order = 'phone') => us.start(list, bytes, order);
const look = (id: string) => us.look(list, id);
const run = (bytes: string, order = 'phone', into = list) => us.run(into, bytes, order);
const phones = async (listId = list) => (await us.contacts(listId)).map((contact) => contact.phone_number);
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `+6141${String(1_000_000 + i)}`);

describe('undoing an import', () => {
  const undo = async (import_id: string) => (await undoImport(us.parts, us.caller, { list_id: list, import_id })).data;

  test(verifies('import:undo', 'removes what it added and is still there, once'), async () => {
    const before = await run('+61411111111\n', 'phone');
    const job = await run(`${numbers(5_200).join('\n')}`, 'phone');
    const added = await us.contacts(list);
    const other = await us.addList();
    await own.db.enginePool.query('update contacts set list_id = $1 where contact_id = $2', [
      other,
      added[1].contact_id,
    ]);
    await own.db.enginePool.query('delete from contacts where contact_id = $1', [added[2].contact_id]);
    expect(await undo(job.import_id)).toEqual({ deleted: 5_198 });
    expect(await phones()).toEqual(['+61411111111']);
    expect(await phones(other)).toEqual([added[1].phone_number]);
    expect(await look(job.import_id)).toMatchObject({
      state: 'undone',
      rows_added: 5_200,
      date_undone: clock.now() / 1000,
    });
    expect(await undo(job.import_id)).toEqual({ deleted: 0 });
    expect(await look(before.import_id)).toMatchObject({ state: 'done' });
  });

  test('under way is refused: it must be cancelled first', async () => {
    const id = await start('+61411111111\n', 'phone');
    await expect(undo(id)).rejects.toMatchObject({
      kind: 'in-progress',
      message: expect.stringContaining('cancel it first'),
    });
    await us.work();
  });

  test(verifies('import:cancel', 'is possible after it was cancelled, and a cancelled one adds nothing'), async () => {
    const id = await start('+61411111111\n', 'phone');
    const path = { list_id: list, import_id: id };
    expect((await stopImport(us.parts, us.caller, path)).data).toMatchObject({ state: 'cancelled' });
    await us.work();
    expect(await phones()).toEqual([]);
    expect(await undo(id)).toEqual({ deleted: 0 });
    const { words } = await stopImport(us.parts, us.caller, path);
    expect(words).toBe('The import was over already.');
    await expect(stopImport(us.parts, us.caller, { ...path, import_id: '1' })).rejects.toMatchObject({
      kind: 'not-found',
    });
  });
});

describe('opt-outs', () => {
  const suppressed = async (...addresses: string[]) =>
    [...(await suppressedAmong(own.db.enginePool, us.caller.accountId, 1, addresses))].sort();

  test(verifies('import:suppressed', 'stay, whatever is imported, also when it is undone'), async () => {
    const { accountId } = us.caller;
    await inTransaction(own.db.enginePool, (client) =>
      optOut(client, { accountId, channel: 1, address: '+61411111111', at: NOW, how: 'user', words: null }),
    );
    const job = await run('+61411111111\n+61422222222\n', 'phone');
    expect(await phones()).toHaveLength(2);
    expect(await suppressed('+61411111111', '+61422222222')).toEqual(['+61411111111']);
    await undoImport(us.parts, us.caller, { list_id: list, import_id: job.import_id });
    expect(await suppressed('+61411111111')).toEqual(['+61411111111']);
  });

  test(verifies('import:suppressed', 'are made by an import into the Opt-Out list, with their proof'), async () => {
    const optOuts = await optOutListOf(own.db, us.caller);
    const sheet = 'phone,email\n+61411111111,ana@example.test\n12,\n+61422222222,\n,bo@example.test\n';
    const job = await run(sheet, 'phone,email', optOuts);
    expect(job).toMatchObject({ state: 'done', rows_added: 3, rows_refused: 1 });
    expect(await suppressed('+61411111111', '+61422222222')).toEqual(['+61411111111', '+61422222222']);
    const { rows } = await own.db.enginePool.query(
      'select channel, address, kind, how, words from consent_events where account_id = $1 order by event_id',
      [us.caller.accountId],
    );
    const proof = { kind: 'opt-out', how: 'import', words: `Import ${job.import_id}` };
    // Phone numbers only, as by hand: what else is known of somebody is kept in the list.
    expect(rows).toEqual([
      { channel: 1, address: '+61411111111', ...proof },
      { channel: 1, address: '+61422222222', ...proof },
    ]);
    const listed = (await us.contacts(optOuts)).map(({ phone_number, email }) => [phone_number, email]);
    expect(listed).toEqual([
      ['+61411111111', 'ana@example.test'],
      ['+61422222222', null],
      [null, 'bo@example.test'],
    ]);
    const path = { list_id: optOuts, import_id: job.import_id };
    await expect(undoImport(us.parts, us.caller, path)).rejects.toMatchObject({ kind: 'bad-request' });
    expect(await suppressed('+61411111111')).toEqual(['+61411111111']);
  });
});

test(
  verifies('import:suppressed', 'are made beside another opt-out of the same person without waiting in a circle'),
  async () => {
    const optOuts = await optOutListOf(own.db, us.caller);
    const { accountId } = us.caller;
    const pool = own.db.enginePool;
    const id = await us.start(optOuts, '+61411111111,ana@example.test\n', 'phone,email');
    const holder = await pool.connect();
    await holder.query('begin');
    await holder.query('select 1 from lists where list_id = $1 for no key update', [optOuts]);
    const blocked = (count: number) => until('both wait', async () => (await waiting(pool)) === count);
    const worked = us.work();
    await blocked(1);
    const request = { accountId, channel: 3, address: 'ana@example.test', at: NOW, how: 'link', words: null } as const;
    const byEmail = inTransaction(pool, (client) => optOut(client, request));
    await blocked(2);
    await holder.query('commit');
    holder.release();
    expect(await byEmail).toBe(true);
    await worked;
    expect(await us.look(optOuts, id)).toMatchObject({ state: 'done', rows_added: 1 });
    expect(us.logged).toEqual([]);
  },
);

describe('a preview', () => {
  test(verifies('import:preview', 'shows rows, suggests fields and names faults'), async () => {
    const file_url = await us.upload('Mobile;First name;Shoe\n+61411111111;Ana;38\n12;Bo;\n');
    const { data } = await previewImport(us.parts, us.caller, list, { file_url });
    expect(data).toEqual({
      file_url: file_url.replace('.csv', ''),
      has_header: true,
      field_order: ['phone_number', 'first_name', null],
      words: null,
      rows: [
        { row_number: 1, cells: ['Mobile', 'First name', 'Shoe'], faults: [] },
        { row_number: 2, cells: ['+61411111111', 'Ana', '38'], faults: [] },
        { row_number: 3, cells: ['12', 'Bo', ''], faults: [{ field: 'phone_number', words: expect.any(String) }] },
      ],
    });
    const field_order = ['custom_1', 'phone'];
    const other = await previewImport(us.parts, us.caller, list, { file_url, field_order });
    expect(other.data.rows[1]!.faults).toEqual([{ field: 'phone_number', words: expect.any(String) }]);
    expect(await us.contacts(list)).toEqual([]);
  });

  test(verifies('import:preview', 'of the older kind is the first row'), async () => {
    const file_url = await us.upload(`a,,b,,\n${'x,'.repeat(50_000)}`);
    expect((await previewFirstRow(us.parts, us.caller, list, { file_url })).data).toEqual({ row: ['a', '', 'b'] });
    const pdf = await us.upload('%PDF-1.4');
    await expect(previewFirstRow(us.parts, us.caller, list, { file_url: pdf })).rejects.toMatchObject({
      kind: 'bad-request',
    });
  });
});
