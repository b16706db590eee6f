import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Database } from '../db/db.ts';
import { StartRefused } from '../db/start-refused.ts';
import { exampleRates } from '../pricing/example-rates.ts';
import { Refusal } from '../refusal.ts';
import { createKey } from './api-keys.ts';
import type { Permission } from './caller.ts';
import { checkUsername, createAccount, createUser, refuseTaken } from './create-account.ts';
import { hashKey, newPassword } from './keys.ts';
import { checkPassword, hashPassword, verifyPassword } from './passwords.ts';
import {
  findKey,
  findOwner,
  insertRates,
  lockOwner,
  renameUser,
  revokeKeysNamed,
  storeEmail,
  storePassword,
  type User,
  type Writer,
} from './store-accounts.ts';

/** What the settings say of the first owner; null = not set. */
export interface OwnerSettings {
  username: string | null;
  apiKey: string | null;
  password: string | null;
  /** As mail is sent to it. */
  email?: string | null;
  /** ISO 4217. */
  currency: string;
  /** ISO alpha-2. */
  country: string;
}

/** The owner's secrets, known only in the moment they are made. */
export interface OwnerSecrets {
  username: string;
  apiKey: string;
  password: string;
  brokerKey: string;
  agentKey: string;
}

export interface BootstrapParts {
  db: Database;
  clock: Clock;
  random: Random;
  config: OwnerSettings;
  /**
   * Keeps the secrets. Called before they are committed, so that a crash in between leaves a file that the next start
   * writes anew, and never an owner whose secrets nobody has.
   */
  keep(secrets: OwnerSecrets): Promise<void>;
}

type Parts = Omit<BootstrapParts, 'db' | 'keep'>;

/** The name of the key that VEREDUS_API_KEY stands for: when the setting changes, the old one ends. */
const SETTINGS_KEY = 'VEREDUS_API_KEY';
/** A project's key holds what the actions need. An agent's own key only opens the door: what he may do, the agent says. */
const DOOR_KEYS: Record<'broker' | 'agent', readonly Permission[]> = {
  broker: [
    ...([
      'broker:use',
      'account:read',
      'sms:read',
      'sms:send',
      'sms:write',
      'contacts:read',
      'contacts:write',
    ] as const),
    ...([
      'campaigns:read',
      'campaigns:send',
      'campaigns:write',
      'rules:read',
      'rules:write',
      'statistics:read',
    ] as const),
    ...(['agents:read', 'agents:write'] as const),
  ],
  agent: ['agent:use'],
};

interface Owner {
  made: boolean;
  accountId: number;
  username: string;
}

/**
 * Gives an empty database its first account (post-paid without limit, any number as sender), its owner with a password
 * and three keys, and the example rates. A database that has an owner is brought in line with the settings that are set.
 * Of two nodes starting at once one does it and the other finds it done.
 * @returns whether it made the owner, his account and his name.
 * @throws StartRefused for settings that cannot be used (a name that is taken, a short password, a revoked key).
 */
export async function bootstrapOwner(parts: BootstrapParts): Promise<Owner> {
  try {
    return await setUpOwner(parts);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new StartRefused(`The owner cannot be set up as the settings say: ${error.message}`);
  }
}

function setUpOwner({ db, keep, ...parts }: BootstrapParts): Promise<Owner> {
  return db.engine.transaction().execute(async (tx) => {
    await lockOwner(tx);
    const owner = await findOwner(tx);
    if (owner) return { made: false, accountId: owner.accountId, username: await followSettings(parts, tx, owner) };
    const { secrets, accountId } = await makeOwner(parts, tx);
    await keep(secrets);
    return { made: true, accountId, username: secrets.username };
  });
}

async function makeOwner(parts: Parts, tx: Writer): Promise<{ secrets: OwnerSecrets; accountId: number }> {
  const { config, clock, random } = parts;
  const username = config.username ?? 'owner';
  const password = config.password ?? newPassword(random);
  const { country, currency } = config;
  const terms = { prepaid: false, creditLimitMicro: null, anySenderNumber: true };
  const accountId = await createAccount(parts, tx, { name: username, country, currency, ...terms });
  const email = config.email ?? '';
  const userId = await createUser(parts, tx, { accountId, username, password, email, isMain: true });
  const own = { accountId, userId };
  const chosen = config.apiKey === null ? { name: 'first key' } : { name: SETTINGS_KEY, key: config.apiKey };
  const { key: apiKey } = await createKey(parts, tx, { ...own, scopes: ['*'], ...chosen });
  const { key: brokerKey } = await createKey(parts, tx, { ...own, name: 'broker', scopes: DOOR_KEYS.broker });
  const { key: agentKey } = await createKey(parts, tx, { ...own, name: 'agent', scopes: DOOR_KEYS.agent });
  await insertRates(tx, exampleRates(clock.now()));
  return { secrets: { username, apiKey, password, brokerKey, agentKey }, accountId };
}

async function followSettings(parts: Parts, tx: Writer, owner: User): Promise<string> {
  const { username, password, apiKey, email } = parts.config;
  if (username !== null && username !== owner.username) {
    checkUsername(username);
    await refuseTaken(username, () => renameUser(tx, owner.userId, username));
  }
  if (password !== null) await followPassword(parts, tx, owner, password);
  if (apiKey !== null) await followKey(parts, tx, owner, apiKey);
  if (email) await storeEmail(tx, owner.userId, email);
  return username ?? owner.username;
}

async function followPassword(parts: Parts, tx: Writer, owner: User, password: string): Promise<void> {
  if (owner.passwordHash !== null && (await verifyPassword(password, owner.passwordHash))) return;
  checkPassword(password);
  await storePassword(tx, owner.userId, await hashPassword(password, parts.random));
}

async function followKey(parts: Parts, tx: Writer, owner: User, key: string): Promise<void> {
  const existing = await findKey(tx, hashKey(key));
  if (existing?.userId === owner.userId && !existing.revoked) return;
  if (existing) throw new Refusal('bad-request', `${SETTINGS_KEY} is a key that was used before; choose another.`);
  const { accountId, userId } = owner;
  await revokeKeysNamed(tx, userId, SETTINGS_KEY, parts.clock.now());
  await createKey(parts, tx, { accountId, userId, name: SETTINGS_KEY, scopes: ['*'], key });
}
