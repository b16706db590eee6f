import type { Clock } from '@veredus/protocols/clock';
import type { FileOfUrlParts } from '../files/file-of-url.ts';
import { findStoredFile } from '../files/stored-file.ts';
import { addRow, type Chunk, emptyChunk, isFull } from './chunk.ts';
import { isHeader } from './header-row.ts';
import { openSheet, readThrough } from './open-sheet.ts';
import { breath, fileFault, type Sheet } from './sheet.ts';
import { takeFile } from './source.ts';
import { ImportState } from './state.ts';
import { endImport, setLease, setState, type TakenImport } from './store-work.ts';
import { ImportLost, writeChunk } from './write-chunk.ts';

export interface ImportParts extends FileOfUrlParts {
  log(event: string, facts: Record<string, unknown>): void;
}

/** Whoever falls silent for so long has lost the import to another. */
export const LEASE_MS = 30_000;
const BEAT_MS = 5_000;

/** The node stops: the import goes back, for another or for after the start. */
export class ImportStopped extends Error {}

/**
 * Takes an import from wherever it is to its end: fetches the file, reads it through once so that a broken one adds nothing,
 * then adds its rows chunk by chunk.
 *
 * @throws Refusal for what its owner can mend, ImportLost, ImportStopped; anything else is a bug or the database away.
 */
export async function runImport(parts: ImportParts, taken: TakenImport, isStopping: () => boolean): Promise<void> {
  const pulse = startPulse(parts, taken, isStopping);
  try {
    const sheet = await openFile(parts, taken, pulse);
    const words = sheet.words;
    if (taken.rowsRead === 0) {
      await move(parts, taken, { state: ImportState.checking, bytesTotal: sheet.bytes, words });
      await readThrough(sheet, pulse.check);
    }
    await move(parts, taken, { state: ImportState.adding, bytesTotal: sheet.bytes, words });
    await addRows(parts, taken, sheet, pulse);
    await pulse.stop();
    const end = { state: ImportState.done, words: null, at: parts.clock.now() };
    if (!(await endImport(parts.db.enginePool, taken, end))) throw new ImportLost();
  } finally {
    await pulse.stop();
  }
}

async function openFile(parts: ImportParts, taken: TakenImport, pulse: Pulse): Promise<Sheet> {
  if (taken.fileId === null) {
    await move(parts, taken, { state: ImportState.fetching });
    const fileId = await takeFile(parts, taken, taken.url ?? '');
    pulse.check();
    await move(parts, taken, { state: ImportState.checking, fileId });
    taken.fileId = fileId;
  }
  const stored = await findStoredFile(parts.db, { accountId: taken.accountId, fileId: taken.fileId });
  if (!stored) throw fileFault('The file is not here any more: upload it again and import anew.');
  return openSheet(stored, { columns: taken.fieldOrder.length });
}

async function move(parts: ImportParts, taken: TakenImport, to: Parameters<typeof setState>[2]): Promise<void> {
  if (!(await setState(parts.db.enginePool, taken, to))) throw new ImportLost();
}

/** While one chunk is written the next is read; never more than these two are held. */
async function addRows(parts: ImportParts, taken: TakenImport, sheet: Sheet, pulse: Pulse): Promise<void> {
  const { fieldOrder, country, rowsRead } = taken;
  let writing = Promise.resolve();
  const write = async (chunk: Chunk) => {
    await writing;
    pulse.check();
    const now = parts.clock.now();
    writing = writeChunk(parts.db.enginePool, taken, chunk, { now, leaseUntil: now + LEASE_MS });
    // Heard where it is waited for; until then it must not end the process.
    writing.catch(() => {});
  };
  let chunk = emptyChunk();
  let isFirst = true;
  for await (const batch of sheet.batches()) {
    for (const row of batch.rows) {
      const mayBeHeader = isFirst;
      isFirst = false;
      if (row.number <= rowsRead) continue;
      if (mayBeHeader) chunk.hasHeader = isHeader(row.cells, fieldOrder);
      if (chunk.hasHeader === true && mayBeHeader) chunk.lastRow = row.number;
      else addRow(chunk, row, fieldOrder, country);
      if (!isFull(chunk)) continue;
      chunk.bytesRead = batch.bytes;
      await write(chunk);
      // Local numbers take some 10 µs each, so a chunk of them is as long as nobody else should wait.
      await breath();
      chunk = emptyChunk();
    }
    chunk.bytesRead = batch.bytes;
    pulse.check();
  }
  if (chunk.lastRow > 0) await write(chunk);
  await writing;
}

interface Pulse {
  /** @throws ImportLost or ImportStopped when the work is to end. */
  check(): void;
  /** Waits for a beat under way. */
  stop(): Promise<void>;
}

/** Keeps the lease while something takes long, and tells when it is lost all the same. */
function startPulse(
  { clock, db }: { clock: Clock; db: ImportParts['db'] },
  taken: TakenImport,
  isStopping: () => boolean,
): Pulse {
  let lost = false;
  let over = false;
  let cancel = () => {};
  let beating = Promise.resolve();
  const beat = async () => {
    // A database that is away keeps the lease from being kept, and will say so to the work itself.
    const held = await setLease(db.enginePool, taken, clock.now() + LEASE_MS).catch(() => true);
    if (!held) lost = true;
    schedule();
  };
  const schedule = () => {
    if (over || lost) return;
    cancel = clock.after(BEAT_MS, () => {
      beating = beat();
    });
  };
  schedule();
  return {
    check() {
      if (lost) throw new ImportLost();
      if (isStopping()) throw new ImportStopped();
    },
    async stop() {
      over = true;
      cancel();
      await beating;
    },
  };
}
