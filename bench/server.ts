import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parsePidFile } from '@veredus/server/db/embedded/postmaster';
import { temporaryFolder } from '../test/rig/engine.ts';
import { startServer } from '../test/rig/server.ts';
import { cpuSecondsOf, cpuSecondsOfFamily, peakMegabytesOf } from './process-costs.ts';

/** The product as its user starts it: the launcher, the embedded PostgreSQL with its own settings, an empty database. */
export interface BenchServer {
  readonly url: string;
  /** The owner's, as a Basic authorization header. */
  readonly authorization: string;
  readonly dataDir: string;
  readonly username: string;
  /** What it has logged so far. */
  log(): string;
  /** CPU seconds so far. */
  cpu(): Promise<{ node: number; postgres: number }>;
  /** The most memory Node has held, in MB. */
  peakMegabytes(): Promise<number>;
  /** How many messages history counts, e.g. with `status_code:201`. */
  countMessages(q: string): Promise<number>;
  stop(): Promise<void>;
}

/** @param profileFolder where Node leaves a .cpuprofile when it stops; null = no profile. */
export async function startBenchServer(
  carrierUrl: string,
  profileFolder: string | null,
  more: Record<string, string> = {},
): Promise<BenchServer> {
  const folder = await temporaryFolder('veredus-bench-');
  const settings: Record<string, string> = { VEREDUS_SMS_CARRIER: carrierUrl, ...more };
  if (profileFolder !== null) settings.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${profileFolder}`;
  const server = await startServer(folder, settings);
  const { username, api_key } = server.credentials;
  const node = server.process.pid!;
  const postmaster = await postmasterOf(join(folder, 'data'));
  return {
    url: server.url,
    dataDir: join(folder, 'data'),
    username,
    log: server.log,
    authorization: `Basic ${Buffer.from(`${username}:${api_key}`).toString('base64')}`,
    cpu: async () => ({ node: await cpuSecondsOf(node), postgres: await cpuSecondsOfFamily(postmaster) }),
    peakMegabytes: async () => (await peakMegabytesOf(node)) ?? Number.NaN,
    async countMessages(q) {
      const { body } = await server.call('GET', `/v3/sms/history?limit=1&q=${encodeURIComponent(q)}`);
      return body.data.total;
    },
    async stop() {
      const code = await server.stop();
      if (code !== 0) throw new Error(`the server ended with ${code}:\n${server.log()}`);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function postmasterOf(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8');
  return parsePidFile(text)!.pid;
}

/** Waits until the carrier's bind is up: a server that still dials would be measured dialling. */
export async function untilBound(links: () => Promise<number>): Promise<void> {
  for (let looks = 0; (await links()) === 0; looks++) {
    if (looks === 400) throw new Error('the server did not bind to the pretend carrier within 10 s');
    await sleep(25);
  }
}
