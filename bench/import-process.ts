import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Caller } from '@veredus/server/accounts/caller';
import { openDatabase } from '@veredus/server/db/db';
import { saveFile } from '@veredus/server/files/save-file';
import { openImporter } from '@veredus/server/imports/importer';
import { readImport } from '@veredus/server/imports/read-imports';
import type { ImportParts } from '@veredus/server/imports/run-import';
import { startImport } from '@veredus/server/imports/start-import';
import { systemClock as clock, systemRandom as random } from '@veredus/server/system';
import { parse } from 'csv-parse';
import { addAccount } from '../test/rig/stored-messages.ts';

/** One measurement in a process of its own, so that its memory is nobody else's. Prints one line of JSON. */

export const ROWS = 100_000;

export interface ImportRun {
  rowsPerSecond: number;
  /** How much larger the process became. */
  grownMb: number;
  /** The longest that nothing else could run. */
  blockedMs: number;
}

/** Five columns as address books have them, some in quotes. About 7 MB. */
function* lines(): Generator<Buffer> {
  for (let from = 0; from < ROWS; from += 1_000) {
    const rows = Array.from({ length: 1_000 }, (_, i) => {
      const n = from + i;
      return `+6141${1_000_000 + n},First${n % 5_000},"Last, ${n % 9_000}",name${n}@example.test,customer since ${2000 + (n % 26)}`;
    });
    yield Buffer.from(`${rows.join('\r\n')}\r\n`);
  }
}

async function measured(work: () => Promise<void>): Promise<ImportRun> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 10);
  delay.enable();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  // A block that lasts to the end is only noticed after it.
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  clearInterval(watch);
  return { rowsPerSecond: ROWS / seconds, grownMb: (most - before) / 1_048_576, blockedMs: delay.max / 1e6 };
}

/** The parser alone over the same bytes, keeping nothing. */
async function raw(): Promise<ImportRun> {
  const bytes = [...lines()];
  let rows = 0;
  const count = new Writable({
    objectMode: true,
    write(_row, _encoding, done) {
      rows++;
      done();
    },
  });
  const run = await measured(() => pipeline(Readable.from(bytes), parse(), count));
  if (rows !== ROWS) throw new Error(`the parser saw ${rows} rows`);
  return run;
}

/** From the worker's taking it to its end: read through, read again, checked, added and committed. */
async function imported(url: string): Promise<ImportRun> {
  const db = openDatabase(url, { clock, log: () => {} });
  const { accountId, userId } = await addAccount(db, 'import');
  const caller = { accountId, userId, account: { country: 'AU' } } as unknown as Caller;
  const { rows } = await db.enginePool.query(
    `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'People', 'AAAABBBBCCCCDDDD', 0) returning list_id`,
    [accountId],
  );
  const list_id = rows[0].list_id;
  const outbound = {
    clock,
    resolve: async () => [],
    connect: () => Promise.reject(new Error('nothing leaves')),
    allow: [],
  };
  const parts: ImportParts = {
    db,
    clock,
    random,
    outbound,
    publicUrl: () => 'https://msg.example.test',
    log: console.error,
  };
  const file = { name: 'people.csv', contentType: 'text/csv', source: Readable.from(lines()), maxBytes: 100_000_000 };
  const { fileId } = await saveFile(parts, caller, file);
  const { data } = await startImport({ ...parts, wake: () => {} }, caller, list_id, {
    file_url: `https://msg.example.test/files/${fileId}`,
    field_order: 'phone,first_name,last_name,email,custom_1',
  });
  const importer = openImporter(parts);
  const run = await measured(async () => {
    await importer.takeUp();
    await importer.idle();
  });
  const done = await readImport(parts, caller, { list_id, import_id: data.id });
  if (done.data.rows_added !== ROWS) throw new Error(JSON.stringify(done.data));
  await importer.stop(0);
  await db.close();
  return run;
}

const [, , what, url = ''] = process.argv;
if (what === 'raw') console.log(JSON.stringify(await raw()));
if (what === 'import') console.log(JSON.stringify(await imported(url)));
