import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '@veredus/protocols/random';
import { deriveKey } from '../accounts/secret-key.ts';

/** What somebody signs in with at a target. `password` may be an API key. */
export interface Credentials {
  username: string;
  password: string;
}

/** Whose credentials: what is sealed opens for nobody else. */
export interface SealedFor {
  accountId: number;
  connectionId: string;
}

/** Credentials under a data key of their own, and that key under the vault's key of a generation. */
export interface Sealed {
  sealed: Buffer;
  sealedKey: Buffer;
  generation: number;
}

export interface Vault {
  seal(owner: SealedFor, credentials: Credentials, generation: number): Sealed;
  /** Null = it does not open: the server's secret key is another now, or the row was tampered with. */
  open(owner: SealedFor, sealed: Sealed): Credentials | null;
  /** The data key under another generation; null as above. */
  reseal(owner: SealedFor, sealed: Pick<Sealed, 'sealedKey' | 'generation'>, generation: number): Buffer | null;
}

/** One byte in front says how it is sealed, so that another way can join. */
const FORM = 1;
const NONCE = 12;
const TAG = 16;
const DATA_KEY = 32;

/**
 * Envelope encryption with AES-256-GCM. What is authenticated along with both envelopes names the account, the connection and
 * the envelope, so that a row copied to another connection, and a key put in the place of credentials, do not open.
 */
export function openVault({ secretKey, random }: { secretKey: Buffer; random: Random }): Vault {
  const keyOf = (generation: number) => deriveKey(secretKey, `vault/${generation}`);

  const openKey = (owner: SealedFor, sealedKey: Buffer, generation: number): Buffer | null => {
    const key = open(keyOf(generation), bound(owner, 'key'), sealedKey);
    return key?.length === DATA_KEY ? key : null;
  };
  const sealKey = (owner: SealedFor, dataKey: Buffer, generation: number) =>
    seal(keyOf(generation), bound(owner, 'key'), dataKey, random);

  return {
    seal(owner, { username, password }, generation) {
      const dataKey = Buffer.from(random.bytes(DATA_KEY));
      const text = Buffer.from(JSON.stringify({ username, password }));
      const sealed = seal(dataKey, bound(owner, 'credentials'), text, random);
      return { sealed, sealedKey: sealKey(owner, dataKey, generation), generation };
    },
    open(owner, { sealed, sealedKey, generation }) {
      const dataKey = openKey(owner, sealedKey, generation);
      const text = dataKey && open(dataKey, bound(owner, 'credentials'), sealed);
      return text ? (JSON.parse(text.toString()) as Credentials) : null;
    },
    reseal(owner, { sealedKey, generation }, next) {
      const dataKey = openKey(owner, sealedKey, generation);
      return dataKey && sealKey(owner, dataKey, next);
    },
  };
}

function bound({ accountId, connectionId }: SealedFor, what: 'key' | 'credentials'): Buffer {
  return Buffer.from(JSON.stringify(['veredus', what, accountId, connectionId]));
}

function seal(key: Buffer, along: Buffer, text: Buffer, random: Random): Buffer {
  const nonce = random.bytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG }).setAAD(along);
  return Buffer.concat([Buffer.of(FORM), nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Buffer, along: Buffer, sealed: Buffer): Buffer | null {
  if (sealed.length < 1 + NONCE + TAG || sealed[0] !== FORM) return null;
  const nonce = sealed.subarray(1, 1 + NONCE);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG })
    .setAAD(along)
    .setAuthTag(sealed.subarray(-TAG));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE, -TAG)), decipher.final()]);
  } catch {
    return null;
  }
}
