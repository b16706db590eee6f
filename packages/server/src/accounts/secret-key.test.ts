import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '@veredus/server/system';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { deriveKey, openSecretKey } from './secret-key.ts';
import { dropProof } from './store-secret-key.ts';

let own: TestDatabase;
let folder: string;
beforeEach(async () => {
  own = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'veredus-key-'));
});
afterEach(async () => {
  await own.close();
  await rm(folder, { recursive: true });
});

const open = (secretKey: string | null, dataDir = folder) =>
  openSecretKey({ pool: own.db.enginePool, random: systemRandom, config: { secretKey, dataDir } });

test(verifies('start:secret-key', 'one that is made stays, in a file of its owner'), async () => {
  const [first, beside] = await Promise.all([open(null), open(null)]);
  expect(beside.equals(first)).toBe(true);
  expect((await open(null)).equals(first)).toBe(true);
  expect((await stat(join(folder, 'secret-key'))).mode & 0o777).toBe(0o600);
  const text = (await readFile(join(folder, 'secret-key'), 'utf8')).trim();
  expect((await open(text, '/nowhere')).equals(first)).toBe(true);
});

test(verifies('start:secret-key', 'a node with another key does not start, and one may be let in'), async () => {
  const canary = 'canary-canary-canary-canary-canary';
  await open('the-key-of-the-first-node-0123456789');
  await expect(open(canary)).rejects.toThrow(/VEREDUS_SECRET_KEY is not the one/);
  await expect(open(null)).rejects.toThrow(/set VEREDUS_SECRET_KEY on every node/);
  await expect(open(canary)).rejects.not.toThrow(canary);
  expect(await dropProof(own.db.enginePool)).toBe(true);
  expect(await open(canary)).toHaveLength(32);
});

test.each(['', '\n', 'cut-off'])(
  verifies('start:secret-key', 'a damaged file (%j) is refused, not used'),
  async (text) => {
    await writeFile(join(folder, 'secret-key'), text);
    await expect(open(null)).rejects.toThrow(/damaged/);
  },
);

test('keys for two purposes have nothing in common, and are the same every time', async () => {
  const master = await open(null);
  expect(deriveKey(master, 'a')).toHaveLength(32);
  expect(deriveKey(master, 'a').equals(deriveKey(master, 'a'))).toBe(true);
  expect(deriveKey(master, 'a').equals(deriveKey(master, 'b'))).toBe(false);
});
