import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '@veredus/server/system';
import { bindTo, type TestClient, type TestEsme } from './smpp-door.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/veredus.js', import.meta.url));

/** Makes an ESME beside the running server, as its operator would. */
export async function addEsmeBeside(dataDir: string, username: string): Promise<TestEsme> {
  const env = { PATH: process.env.PATH, VEREDUS_DATA_DIR: dataDir };
  const { stdout } = await promisify(execFile)(process.execPath, [LAUNCHER, 'esme', 'add', username], {
    env,
    cwd: join(dataDir, '..'),
  });
  const told = Object.fromEntries(stdout.split('\n').map((line) => line.trim().split(/\s+/)));
  return { systemId: told.system_id, password: told.password };
}

/** Where the door of a server listens, by its log. */
export function doorPort(log: string): number {
  return Number(/smpp\.listening.*?127\.0\.0\.1:(\d+)/.exec(log)?.[1]);
}

/** Binds to a server that runs by the clock on the wall. */
export const bindToServer = (port: number, esme: TestEsme): Promise<TestClient> =>
  bindTo(port, systemClock, esme, 'transceiver', 0x34);
