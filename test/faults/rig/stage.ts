import { rm } from 'node:fs/promises';
import { openEmbedded } from '@veredus/server/db/embedded/open-embedded';
import { isAlive } from '@veredus/server/db/embedded/postmaster';
import { systemClock as clock, systemRandom as random } from '@veredus/server/system';
import { temporaryFolder } from '../../rig/engine.ts';
import { Api } from './api.ts';
import { openPostgresProxy, type PostgresProxy } from './postgres-proxy.ts';
import { credentialsOf, postgresPid, type ServerProcess, type Setup, startServer } from './server.ts';
import { type FakeSmsc, openFakeSmsc } from './smsc.ts';

export const WINDOW = 10;

/** Everything a test of real processes needs, and one call that takes it all away again. */
export interface Stage {
  readonly smsc: FakeSmsc;
  readonly setup: Setup;
  /** Null where the server runs on its own embedded PostgreSQL. */
  readonly proxy: PostgresProxy | null;
  /** Starts the server, or starts it again; answers a client of its API. */
  start(): Promise<Api>;
  /** kill -9. */
  kill(): Promise<void>;
  /** The server's last lines on stderr. */
  said(): string;
  close(): Promise<void>;
}

/** `proxied`: on a PostgreSQL of the stage's own, through a proxy. Durable, as the start demands of one it does not run. */
export async function openStage(options: { proxied?: boolean } = {}): Promise<Stage> {
  const dataDir = await temporaryFolder('veredus-faults-');
  const smsc = await openFakeSmsc({ window: WINDOW });
  const engine = options.proxied
    ? await openEmbedded({ dataDir: `${dataDir}/engine`, clock, random, log: () => {} })
    : null;
  const proxy = engine ? await openPostgresProxy(engine.url) : null;
  const setup: Setup = { dataDir, carrier: smsc.url, databaseUrl: proxy?.url ?? null };
  let server: ServerProcess | null = null;
  let last: ServerProcess | null = null;
  const kill = async () => {
    await server?.kill();
    server = null;
    proxy?.cut();
  };
  return {
    smsc,
    setup,
    proxy,
    async start() {
      server = last = await startServer(setup);
      return new Api(server.url, await credentialsOf(dataDir));
    },
    kill,
    said: () => last?.stderr.join('\n') ?? '',
    async close() {
      if (server && server.child.exitCode === null) await server.stop();
      await smsc.close();
      await proxy?.close();
      await engine?.stop();
      await stopOrphan(dataDir);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A killed server leaves its PostgreSQL behind. */
export async function stopOrphan(dataDir: string): Promise<void> {
  const pid = await postgresPid(dataDir).catch(() => null);
  if (pid === null || !isAlive(pid)) return;
  process.kill(pid, 'SIGINT');
  for (let looks = 0; isAlive(pid) && looks < 200; looks++) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Texts with a reference the centre's log can be searched by; long ones carry it in every part. */
export function texts(count: number, from: number, parts = 1): { to: string; body: string }[] {
  return Array.from({ length: count }, (_, i) => {
    const ref = `r${String(from + i).padStart(6, '0')}`;
    const body = parts === 1 ? `${ref} Your bread is baked.` : `${ref} `.repeat(19 * parts).trim();
    return { to: `+614${String(10_000_000 + from + i)}`, body };
  });
}
