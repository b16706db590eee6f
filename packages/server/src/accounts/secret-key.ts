import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '@veredus/protocols/random';
import { StartRefused } from '../db/start-refused.ts';
import type { Pool } from '../db/transaction.ts';
import { keepProof } from './store-secret-key.ts';

export interface SecretKeyParts {
  pool: Pool;
  random: Random;
  config: { secretKey: string | null; dataDir: string };
}

const fileIn = (dataDir: string) => join(dataDir, 'secret-key');

/**
 * The server's own key, from which the others are derived: VEREDUS_SECRET_KEY, or one made at the first start and kept in the
 * data folder (mode 0600). The database keeps only a proof of it, so that a node with another key does not start and sign
 * with keys nobody knows.
 *
 * @throws StartRefused where the database was used with another key.
 */
export async function openSecretKey({ pool, random, config }: SecretKeyParts): Promise<Buffer> {
  const text = config.secretKey ?? (await keptKey(config.dataDir, random));
  const master = createHash('sha256').update(text).digest();
  const proof = createHmac('sha256', master).update('veredus: the key this database is used with').digest();
  if (await keepProof(pool, proof)) return master;
  throw new StartRefused(
    config.secretKey === null
      ? 'This database was used with another secret key: set VEREDUS_SECRET_KEY on every node to that of the first, or copy `secret-key` from its data folder. If it is lost, `veredus secret-key forget` lets a new one in.'
      : 'VEREDUS_SECRET_KEY is not the one this database was used with. If that is lost, `veredus secret-key forget` lets a new one in.',
  );
}

/** A key for one purpose (HKDF-SHA256, RFC 5869): 32 bytes that tell nothing of the master or of other purposes. */
export function deriveKey(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `veredus/${purpose}`, 32));
}

/** The file is linked into place whole: of two nodes that start in one folder both read the same. */
async function keptKey(dataDir: string, random: Random): Promise<string> {
  const kept = await readFile(fileIn(dataDir), 'utf8').catch(absent);
  if (kept !== null) return whole(kept);
  const made = Buffer.from(random.bytes(32)).toString('base64url');
  const temporary = `${fileIn(dataDir)}.${Buffer.from(random.bytes(6)).toString('hex')}`;
  // On the disk before the database knows of it: a power cut must not leave a name without its bytes.
  await writeFile(temporary, `${made}\n`, { mode: 0o600, flush: true });
  try {
    await link(temporary, fileIn(dataDir));
    return made;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    return whole(await readFile(fileIn(dataDir), 'utf8'));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The least VEREDUS_SECRET_KEY may have; what is made is longer. A cut-off key could be guessed. */
const SHORTEST = 32;

function whole(text: string): string {
  const key = text.trim();
  if (key.length >= SHORTEST) return key;
  throw new StartRefused(
    `The file secret-key in the data folder holds ${key.length} characters instead of ${SHORTEST} or more: it is damaged. Restore it from a backup; if it is lost, delete it and run \`veredus secret-key forget\`.`,
  );
}

function absent(error: { code?: unknown }): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
