import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, lstat, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { identities } from '../../../../../test/rig/holder.ts';
import { gone, holdersOfThisFile, number } from '../../../../../test/rig/holders.ts';
import { withClient } from '../with-client.ts';
import { installedBinaries } from './binaries.ts';

const { root, ordinary } = await identities();
const { start, ready, place } = holdersOfThisFile();
const asRoot = test.runIf(root !== null);
const asOrdinary = test.runIf(ordinary !== null);
const asBoth = test.runIf(root !== null && ordinary !== null);

describe('a data folder that does not fit', () => {
  const me = ordinary ?? root ?? {};

  test('[start:other-major] a cluster of another PostgreSQL major is refused by name', async () => {
    const dataDir = join(await place(me), 'data');
    const cluster = join(dataDir, 'postgres/cluster');
    await mkdir(cluster, { recursive: true });
    await writeFile(join(cluster, 'PG_VERSION'), '17\n');
    if (me.uid !== undefined) await chown(cluster, me.uid, me.gid ?? me.uid);
    const { why } = await start(me, dataDir).next('refused');
    expect(why).toMatch(
      /made by PostgreSQL 17, and this release brings PostgreSQL 18, which cannot read it: .*pg_upgrade/,
    );
    expect(why.split('\n')).toHaveLength(1);
  });

  test('a pid file whose number now belongs to another process of the same user does not hinder', async () => {
    const dataDir = join(await place(me), 'data');
    const first = start(me, dataDir);
    const { pid, url } = await ready(first);
    await withClient(url, (client) => client.query('create table kept as select 7 as n'));
    await first.kill();
    const pidFile = join(dataDir, 'postgres/cluster/postmaster.pid');
    const text = await readFile(pidFile, 'utf8');
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { ...me, stdio: 'ignore' });
    await once(bystander, 'spawn');
    await writeFile(pidFile, text.replace(/^\d+/, String(bystander.pid)));
    const second = start(me, dataDir);
    expect(await number((await ready(second)).url, 'select n from kept')).toBe(7);
    await second.stop();
    bystander.kill();
    await once(bystander, 'exit');
  });

  asBoth("root runs an ordinary user's database as that user, who can start it again", async () => {
    const dataDir = join(await place(me), 'data');
    const before = start(me, dataDir);
    await ready(before);
    await before.stop();
    const between = start({}, dataDir);
    const { pid } = await ready(between);
    expect((await stat(`/proc/${pid}`)).uid).toBe(me.uid);
    await between.stop();
    const after = start(me, dataDir);
    await ready(after);
    await after.stop();
  });
});

describe('programs and folders out of reach', () => {
  /** A copy of the programs as an install with --ignore-scripts leaves them: without the links. */
  async function unlinked(owner = {}): Promise<{ folder: string; version: string }> {
    const installed = await installedBinaries();
    const folder = join(await place(owner), 'native');
    const plain = async (path: string) => !path.endsWith('.a') && !(await lstat(path)).isSymbolicLink();
    await cp(installed.folder, folder, { recursive: true, filter: plain });
    return { folder, version: installed.version };
  }

  asRoot('as root from a clone in a 0700 folder: programs and cluster go where PostgreSQL can reach them', async () => {
    const outer = await place({});
    const clone = join(outer, 'clone');
    await mkdir(clone, { mode: 0o700 });
    const binaries = await unlinked();
    await chmod(join(binaries.folder, '..'), 0o700);
    const dataDir = join(clone, '.veredus');
    const options = { binaries, elsewhere: join(outer, 'elsewhere') };

    const first = start({}, dataDir, options);
    await withClient((await ready(first)).url, (client) => client.query('create table kept as select 3 as n'));
    const pointer = (await readFile(join(dataDir, 'postgres.path'), 'utf8')).trim();
    expect(pointer.startsWith(`${options.elsewhere}/`)).toBe(true);
    const moved = { said: 'log', event: 'database kept outside the data folder' };
    expect(first.said).toContainEqual(
      expect.objectContaining({ ...moved, facts: expect.objectContaining({ home: pointer }) }),
    );
    await first.stop();

    const second = start({}, dataDir, options);
    expect(await number((await ready(second)).url, 'select n from kept')).toBe(3);
    expect(second.said.map((line) => (line.said === 'log' ? line.event : line.said))).toEqual([
      'database started',
      'ready',
    ]);
    await second.stop();

    await rename(pointer, `${pointer}.moved`);
    const { why } = await start({}, dataDir, options).next('refused');
    expect(why).toContain(`was kept in ${pointer}, and that is gone`);
  });

  asOrdinary(
    'an ordinary user of an install that lacks links and is not theirs to complete works from a copy',
    async () => {
      const binaries = await unlinked();
      // As root the test makes it root's; for an ordinary user, closing the folder has the same effect.
      await chmod(join(binaries.folder, 'lib'), 0o555);
      const me = ordinary ?? {};
      const holder = start(me, join(await place(me), 'data'), { binaries });
      expect(await number((await ready(holder)).url, 'select 1 as n')).toBe(1);
      expect(holder.said[0]).toMatchObject({ event: 'database programs copied' });
      await holder.stop();
      await chmod(join(binaries.folder, 'lib'), 0o755);
    },
  );

  test('links that are missing in a folder of our own are made there', async () => {
    const me = root ?? ordinary ?? {};
    const binaries = await unlinked(me);
    const holder = start(me, join(await place(me), 'data'), { binaries });
    await ready(holder);
    expect(holder.said.map((line) => (line.said === 'log' ? line.event : line.said))).toEqual([
      'database started',
      'ready',
    ]);
    expect(await readdir(join(binaries.folder, 'lib'))).toContain('libicuuc.so.60');
    await holder.stop();
  });
});
