import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { systemRandom } from '../system.ts';
import { CHUNK_BYTES, inChunks } from './chunks.ts';
import { FILE_KEPT_MS, saveFile } from './save-file.ts';
import { dropExpiredFiles } from './store-sweep.ts';
import { findStoredFile, type StoredFile } from './stored-file.ts';

const NOW = Date.UTC(2026, 5, 1);
const clock = handClock(NOW);

let own: TestDatabase;
let mine: { accountId: number; userId: number };
let theirs: { accountId: number; userId: number };
const parts = () => ({ db: own.db, clock, random: systemRandom });

beforeAll(async () => {
  own = await openTestDatabase();
  mine = await addAccount(own.db, 'mine');
  theirs = await addAccount(own.db, 'theirs');
});
afterAll(() => own.close());

async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function gather(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}
const save = (source: AsyncIterable<Uint8Array>, more: { maxBytes?: number; name?: string; keptMs?: number } = {}) =>
  saveFile(parts(), mine, { name: 'list.csv', contentType: 'text/csv', source, maxBytes: 10_000_000, ...more });
const find = async (fileId: string, accountId = mine.accountId) => {
  const file = await findStoredFile(own.db, { accountId, fileId });
  if (!file) expect.fail('is not there');
  return file;
};
const count = async (table: string) => {
  const { rows } = await own.db.enginePool.query(`select count(*) from ${table}`);
  return Number(rows[0].count);
};
/** Different in every place, so that no piece can stand for another. */
const bytesOf = (length: number) =>
  Buffer.from(Uint32Array.from({ length: Math.ceil(length / 4) }, (_, i) => i * 2_654_435_761).buffer).subarray(
    0,
    length,
  );

describe('a file', () => {
  test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 1_000_003])(
    verifies('files:upload', 'of %i bytes is read as it was written, from any byte'),
    async (size) => {
      const bytes = bytesOf(size);
      const saved = await save(piecesOf(bytes, 70_001));
      expect(saved).toMatchObject({ size, name: 'list.csv', createdAt: NOW, expiresAt: NOW + FILE_KEPT_MS });
      const file = await find(saved.fileId);
      expect(file).toMatchObject({ size, name: 'list.csv', contentType: 'text/csv' });
      expect((await gather(file.read())).equals(bytes)).toBe(true);
      for (const from of [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 7, size - 1, size, size + 1_000_000]) {
        if (from < 0) continue;
        expect((await gather(file.read(from))).equals(bytes.subarray(from)), `from ${from}`).toBe(true);
      }
    },
  );

  test('is kept in rows of 256 kB, whatever the pieces', async () => {
    const bytes = bytesOf(600_000);
    for (const size of [1_000, CHUNK_BYTES, 600_000]) {
      const chunks = await gatherSizes(inChunks(piecesOf(bytes, size)));
      expect(chunks).toEqual([CHUNK_BYTES, CHUNK_BYTES, 600_000 - 2 * CHUNK_BYTES]);
    }
  });

  test.each([
    ['', /^[0-9A-F-]{36}\.csv$/],
    ['../../etc/passwd', /^passwd$/],
    ['C:\\lists\\a.csv', /^a\.csv$/],
    ['a\u0000\r\n\ud800b.csv', /^a\ufffdb\.csv$/],
    ['x'.repeat(500), /^x{200}$/],
  ])('named %j has a name that can be stored and shown', async (name, stored) => {
    const saved = await save(piecesOf(Buffer.from('a'), 1), { name });
    expect(saved.name).toMatch(stored);
    expect((await find(saved.fileId)).name).toBe(saved.name);
  });

  test('has an upload_id of its own', async () => {
    const [first, second] = [await save(piecesOf(Buffer.from('a'), 1)), await save(piecesOf(Buffer.from('b'), 1))];
    expect(second.uploadId).toBeGreaterThan(first.uploadId);
  });

  test('[invariant:I8] is another account’s secret', async () => {
    const { fileId } = await save(piecesOf(Buffer.from('CANARY'), 1));
    expect(await findStoredFile(own.db, { accountId: theirs.accountId, fileId })).toBeNull();
  });
});

async function gatherSizes(source: AsyncIterable<Uint8Array>): Promise<number[]> {
  const sizes: number[] = [];
  for await (const piece of source) sizes.push(piece.length);
  return sizes;
}

describe('writing that fails', () => {
  test(verifies('files:limit', 'for its size leaves nothing, and reads no further than needed'), async () => {
    const [files, chunks] = [await count('files'), await count('file_chunks')];
    let given = 0;
    async function* endless() {
      for (;;) {
        given += 100_000;
        yield bytesOf(100_000);
      }
    }
    const limit = 4 * CHUNK_BYTES;
    await expect(save(endless(), { maxBytes: limit })).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringContaining('1 MB'),
    });
    expect(given).toBeLessThan(limit + CHUNK_BYTES + 200_000);
    expect([await count('files'), await count('file_chunks')]).toEqual([files, chunks]);
  });

  test(verifies('files:broken-off', 'in its source leaves nothing'), async () => {
    const [files, chunks] = [await count('files'), await count('file_chunks')];
    async function* broken() {
      yield bytesOf(CHUNK_BYTES * 2);
      throw new Error('the peer is gone');
    }
    await expect(save(broken())).rejects.toThrow('the peer is gone');
    expect([await count('files'), await count('file_chunks')]).toEqual([files, chunks]);
  });

  test(
    verifies('files:broken-off', 'files:sweep', 'with its process cannot be read, and is swept after an hour'),
    async () => {
      const before = await count('file_chunks');
      let fileId = '';
      let goOn = () => {};
      async function* stopped() {
        yield bytesOf(CHUNK_BYTES);
        const { rows } = await own.db.enginePool.query('select file_id from files where size is null');
        fileId = rows[0].file_id;
        expect(rows.length).toBe(1);
        await new Promise<void>((resolve) => {
          goOn = resolve;
          reached();
        });
      }
      let reached = () => {};
      const isReached = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const writing = save(stopped());
      await isReached;
      expect(await findStoredFile(own.db, { accountId: mine.accountId, fileId })).toBeNull();
      expect(await dropExpiredFiles(own.db.enginePool, NOW + 3_599_999, 100)).toMatchObject({ files: 0 });
      expect(await dropExpiredFiles(own.db.enginePool, NOW + 3_600_000, 100)).toMatchObject({ files: 1 });
      expect(await count('file_chunks')).toBe(before);
      goOn();
      await expect(writing).rejects.toThrow('was deleted while it was written');
    },
  );
});

describe('the sweep', () => {
  test(verifies('files:sweep', 'takes what has expired, a few at a time, and nothing else'), async () => {
    await own.db.enginePool.query('delete from files');
    const saved: StoredFile[] = [];
    for (const keptMs of [1_000, 2_000, 3_000, 50_000]) {
      saved.push(await find((await save(piecesOf(bytesOf(300_000), 300_000), { keptMs })).fileId));
    }
    await own.db.enginePool.query(
      `insert into exports (file_id, account_id, user_id, kind, query, name, created_at, expires_at)
       select gen_random_uuid(), $1, $2, 'sms-history', '{}', 'a.csv', 0, $3::bigint + n from generate_series(0, 2) n`,
      [mine.accountId, mine.userId, NOW + 2_999],
    );
    const sweep = (limit: number) => dropExpiredFiles(own.db.enginePool, NOW + 3_000, limit);
    expect(await sweep(2)).toEqual({ files: 2, exports: 2 });
    expect(await count('file_chunks')).toBe(4);
    expect(await sweep(2)).toEqual({ files: 1, exports: 0 });
    expect(await sweep(2)).toEqual({ files: 0, exports: 0 });
    expect((await gather(saved[3]!.read())).length).toBe(300_000);
    expect(await count('exports')).toBe(1);
  });

  test('during a read says so', async () => {
    const saved = await save(piecesOf(bytesOf(CHUNK_BYTES * 2), 300_000), { keptMs: 1 });
    const pieces = (await find(saved.fileId)).read()[Symbol.asyncIterator]();
    await pieces.next();
    await dropExpiredFiles(own.db.enginePool, NOW + 1, 100);
    await expect(pieces.next()).rejects.toMatchObject({ kind: 'not-found' });
  });
});
