import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { migrate } from '@veredus/server/db/migrate';
import { withClient } from '@veredus/server/db/with-client';
import { systemClock } from '@veredus/server/system';
import type { TestProject } from 'vitest/node';
import { type Engine, startEngine } from './engine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with the URL of the run's database server; the first to ask starts it. */
    engineDoorbell: string;
  }
}

/** Migrated once; every test file gets a copy. */
export const TEMPLATE = 'veredus_template';

/**
 * One database server for a whole run, started when the first test asks for it: a run of pure tests pays nothing.
 * The tests live in other processes, so they ask over HTTP on the loopback.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<Engine> | null = null;
  const doorbell = createServer((_, response) => {
    started ??= startTemplate();
    started.then(
      (engine) => response.end(engine.url),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise<void>((resolve) => doorbell.listen(0, '127.0.0.1', resolve));
  project.provide('engineDoorbell', `http://127.0.0.1:${(doorbell.address() as AddressInfo).port}/`);
  return async () => {
    doorbell.closeAllConnections();
    doorbell.close();
    if (started !== null) await (await started.catch(() => null))?.stop();
  };
}

async function startTemplate(): Promise<Engine> {
  const engine = await startEngine();
  try {
    await withClient(engine.url, (admin) => admin.query(`create database ${TEMPLATE}`));
    await migrate(onDatabase(engine.url, TEMPLATE), { clock: systemClock, log: () => {} });
  } catch (error) {
    await engine.stop();
    throw error;
  }
  return engine;
}

/** The same server and user, another database. */
export function onDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
