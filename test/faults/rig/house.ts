import { rm } from 'node:fs/promises';
import { createKey } from '@veredus/server/accounts/api-keys';
import type { Permission } from '@veredus/server/accounts/caller';
import { createAccount, createUser } from '@veredus/server/accounts/create-account';
import { openServer, type Server } from '@veredus/server/build';
import { readConfig } from '@veredus/server/config';
import { type Database, openDatabase } from '@veredus/server/db/db';
import { attachEmbedded } from '@veredus/server/db/embedded/attach';
import { systemClock as clock, systemRandom as random } from '@veredus/server/system';
import { temporaryFolder } from '../../rig/engine.ts';
import { type FakeSmsc, openFakeSmsc } from './smsc.ts';

export interface Tenant {
  readonly accountId: number;
  readonly userId: number;
  readonly username: string;
  /** A key that may do everything. */
  readonly key: string;
}

/** The whole server, wired as `start` wires it, in this process; and a way to look behind it. */
export interface House {
  readonly url: string;
  readonly dataDir: string;
  readonly db: Database;
  readonly smsc: FakeSmsc;
  /** What it logged as bugs: nothing a caller sends may cause one. */
  readonly bugs: unknown[];
  tenant(name: string): Promise<Tenant>;
  /** Runs an action for the holder of a key, in process. */
  readonly run: Server['run'];
  key(tenant: Tenant, scopes: readonly (Permission | '*')[]): Promise<string>;
  close(): Promise<void>;
}

export async function openHouse(): Promise<House> {
  const dataDir = await temporaryFolder('veredus-house-');
  const smsc = await openFakeSmsc({ window: 50 });
  const read = readConfig({
    PORT: '0',
    VEREDUS_DATA_DIR: dataDir,
    VEREDUS_SMS_CARRIER: smsc.url,
    VEREDUS_TRUST_PROXY: '127.0.0.1',
  });
  if (!('config' in read)) throw new Error(read.faults.join('\n'));
  const bugs: unknown[] = [];
  const log = (event: string, facts: Record<string, unknown>) => {
    if (event === 'request.bug') bugs.push(facts);
  };
  const lost = (why: string) => void bugs.push(why);
  const parts = { config: read.config, clock, random, log, lost, version: 'test', abort: new AbortController().signal };
  const server = await openServer(parts);
  const engine = await attachEmbedded({ dataDir, clock, random, log: () => {} });
  const db = openDatabase(engine.url, { clock, log: () => {}, appConnections: 2, engineConnections: 2 });
  const key = async ({ accountId, userId }: Tenant, scopes: readonly (Permission | '*')[]) =>
    (await createKey({ clock, random }, db.engine, { accountId, userId, name: 'test', scopes })).key;
  return {
    url: server.url,
    dataDir,
    db,
    smsc,
    bugs,
    run: server.run,
    key,
    async tenant(name) {
      const terms = { country: 'AU', currency: 'USD', prepaid: false, creditLimitMicro: null, anySenderNumber: true };
      const accountId = await createAccount({ clock }, db.engine, { name, ...terms });
      const user = { accountId, username: name, password: null, isMain: true };
      const userId = await createUser({ clock, random }, db.engine, user);
      const tenant = { accountId, userId, username: name, key: '' };
      return { ...tenant, key: await key(tenant, ['*']) };
    },
    async close() {
      await db.close();
      await server.stop(5_000);
      await smsc.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a server answers to nonsense has no type.
  data: any;
}

/** One call, as anybody may make it, from any `address`. `credentials` = `user:secret`. */
export async function ask(
  url: string,
  method: string,
  path: string,
  options: { credentials?: string; body?: string | object; address?: string } = {},
): Promise<Answer> {
  const { credentials, body, address } = options;
  const response = await fetch(url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(address === undefined ? {} : { 'x-forwarded-for': address }),
      ...(credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, data: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text).data;
  } catch {
    return undefined;
  }
}
