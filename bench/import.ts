import { execFile } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { migrate } from '@veredus/server/db/migrate';
import { withClient } from '@veredus/server/db/with-client';
import { systemClock } from '@veredus/server/system';
import { onDatabase } from '../test/rig/global-setup.ts';
import { startDatabase } from './database.ts';
import type { ImportRun } from './import-process.ts';

/**
 * What it costs to bring 100,000 contacts of five columns into a list, next to the CSV parser alone over the same bytes: the
 * limit that no import can pass. The two are measured in turn, each time in fresh processes and on an empty database.
 */

export interface ImportFigures {
  imported: ImportRun;
  raw: ImportRun;
}

export const GOALS = { rowsPerSecond: 20_000, grownMb: 200, blockedMs: 50 };
const ROUNDS = 3;
const PROGRAM = fileURLToPath(new URL('import-process.ts', import.meta.url));

/** @param url superuser's connection string of a server; databases are made on it and dropped again. */
export async function measureImport(url: string): Promise<ImportFigures> {
  const raw: ImportRun[] = [];
  const imported: ImportRun[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    raw.push(await run('raw'));
    const name = `import_${round}`;
    await withClient(url, (admin) => admin.query(`create database ${name}`));
    const own = onDatabase(url, name);
    await migrate(own, { clock: systemClock, log: () => {} });
    imported.push(await run('import', own));
    await withClient(url, (admin) => admin.query(`drop database ${name} with (force)`));
  }
  return { imported: medians(imported), raw: medians(raw) };
}

async function run(...args: string[]): Promise<ImportRun> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args]);
  return JSON.parse(stdout);
}

function medians(runs: readonly ImportRun[]): ImportRun {
  const of = (figure: keyof ImportRun) => runs.map((one) => one[figure]).sort((a, b) => a - b)[runs.length >> 1]!;
  return { rowsPerSecond: of('rowsPerSecond'), grownMb: of('grownMb'), blockedMs: of('blockedMs') };
}

/** The figures as lines for people; a goal that was missed is marked. */
export function importTable({ imported, raw }: ImportFigures): string {
  const line = (name: string, ...cells: string[]) => name.padEnd(38) + cells.map((cell) => cell.padStart(14)).join('');
  const verdict = (met: boolean) => (met ? '  ok' : '  MISSED');
  return [
    line('import of 100,000 rows of 5 columns', 'import', 'parser alone'),
    line('rows/s', imported.rowsPerSecond.toFixed(0), raw.rowsPerSecond.toFixed(0)) +
      verdict(imported.rowsPerSecond >= GOALS.rowsPerSecond),
    line('memory grown, MB', imported.grownMb.toFixed(0), raw.grownMb.toFixed(0)) +
      verdict(imported.grownMb < GOALS.grownMb),
    line('longest block of the event loop, ms', imported.blockedMs.toFixed(1), raw.blockedMs.toFixed(1)) +
      verdict(imported.blockedMs <= GOALS.blockedMs),
    line('share of the parser', (imported.rowsPerSecond / raw.rowsPerSecond).toFixed(2)),
  ].join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const database = await startDatabase();
  try {
    console.log(importTable(await measureImport(database.url)));
  } finally {
    await database.stop();
  }
}
