import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { type Identity, identities } from '../../../../../test/rig/holder.ts';
import { gone, holdersOfThisFile, number, ownFolder } from '../../../../../test/rig/holders.ts';
import { systemClock, systemRandom } from '../../system.ts';
import { openDatabase } from '../db.ts';
import { migrate } from '../migrate.ts';
import { isUnavailable } from '../patient-pool.ts';
import { withClient } from '../with-client.ts';
import { attachEmbedded } from './attach.ts';
import { openEmbedded } from './open-embedded.ts';
import { isAlive } from './postmaster.ts';

const { root, ordinary } = await identities();
const people: [string, Identity | null][] = [
  ['root', root],
  ['an ordinary user', ordinary],
];
const { start, ready, restarted, place } = holdersOfThisFile();

describe.each(people)('as %s', (_, who) => {
  const can = test.runIf(who !== null);
  const me = who ?? {};
  /** One for all: a first start costs a second, a later one 50 ms. */
  let dataDir: string;

  beforeAll(async () => {
    dataDir = join(await ownFolder(me), 'data');
    return () => rm(dirname(dataDir), { recursive: true, force: true });
  });

  can('a first and a later start hold the same data, durably, and a stop leaves nothing running', async () => {
    const first = start(me, dataDir);
    const { url, pid } = await ready(first);
    await withClient(url, (client) => client.query('create table kept as select 42 as n'));
    const durable = ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums'];
    const on = `select count(*) as n from pg_settings where name = any('{${durable}}') and setting = 'on'`;
    expect(await number(url, on)).toBe(durable.length);
    expect((await stat(join(dataDir, 'postgres/password'))).mode & 0o777).toBe(0o600);
    await first.stop();
    expect(first.said.at(-1)).toEqual({ said: 'stopped' });
    expect(isAlive(pid)).toBe(false);
    expect(await readdir(join(dataDir, 'postgres/cluster'))).not.toContain('postmaster.pid');
    const second = start(me, dataDir);
    expect(await number((await ready(second)).url, 'select n from kept')).toBe(42);
    await second.stop();
  });

  can('it takes passwords only, also over TCP', async () => {
    const holder = start(me, dataDir);
    const tcp = new URL((await ready(holder)).url);
    tcp.hostname = '127.0.0.1';
    tcp.search = '';
    expect(await number(tcp.href, 'select 1 as n')).toBe(1);
    tcp.password = 'wrong';
    await expect(number(tcp.href, 'select 1 as n')).rejects.toThrow('password authentication failed');
    await holder.stop();
  });

  can(
    verifies('crash:node', 'kill -9 of Node: the next start adopts the orphan, watches it, and stops it'),
    async () => {
      const first = start(me, dataDir);
      const { pid } = await ready(first);
      await first.kill();
      expect(isAlive(pid)).toBe(true);
      const second = start(me, dataDir);
      const adopted = await ready(second);
      expect(adopted.pid).toBe(pid);
      process.kill(pid, 'SIGKILL');
      const again = await restarted(second, pid);
      expect(await number(adopted.url, 'select 1 as n')).toBe(1);
      await second.stop();
      expect(isAlive(again)).toBe(false);
    },
  );

  can(
    verifies(
      'crash:postgres',
      'kill -9 of PostgreSQL: it comes back under the same address, and callers of the pools only wait',
    ),
    async () => {
      const holder = start(me, dataDir);
      const { url, pid } = await ready(holder);
      await migrate(url, { clock: systemClock, log: () => {} });
      const db = openDatabase(url, { clock: systemClock, log: () => {}, patienceMs: 10_000 });
      const account = { name: 'kept', country: 'AU', currency: 'USD', created_at: 1 };
      await db.engine.insertInto('accounts').values(account).execute();
      process.kill(pid, 'SIGKILL');
      expect(await gone(pid)).toBe(true);
      const names = () => db.engine.selectFrom('accounts').select('name').execute();
      // The connection that died with it may fail once; from then on a caller waits and is served.
      await names().catch((error: unknown) => expect(isUnavailable(error), String(error)).toBe(true));
      expect(await names()).toEqual([{ name: 'kept' }]);
      await restarted(holder, pid);
      await db.close();
      await holder.stop();
    },
  );

  can('one that slept while another took its folder over is told so, and leaves the server to the other', async () => {
    const sleeper = start(me, dataDir);
    const { pid } = await ready(sleeper);
    sleeper.child.kill('SIGSTOP');
    process.kill(pid, 'SIGKILL');
    const taker = start(me, dataDir);
    const taken = await ready(taker);
    sleeper.child.kill('SIGCONT');
    expect((await sleeper.next('lost')).why).toContain(`in use by another Veredus (process ${taker.child.pid};`);
    await sleeper.stop();
    expect(await number(taken.url, 'select 1 as n')).toBe(1);
    await taker.stop();
  });

  can('a command works beside a running node and leaves it be; alone, it starts the server and stops it', async () => {
    const parts = { dataDir, clock: systemClock, random: systemRandom, log: () => {} };
    const holder = start(me, dataDir);
    const { url, pid } = await ready(holder);
    const beside = await attachEmbedded(parts);
    expect(beside.url).toBe(url);
    await beside.stop();
    expect(await number(url, 'select 1 as n')).toBe(1);
    await holder.stop();
    expect(isAlive(pid)).toBe(false);
    const alone = await attachEmbedded(parts);
    expect(await number(alone.url, 'select 1 as n')).toBe(1);
    await alone.stop();
    expect(await readdir(join(dataDir, 'postgres/cluster'))).not.toContain('postmaster.pid');
  });

  can('Ctrl-C reaches the whole process group, but not the server', async () => {
    const holder = start(me, dataDir);
    const { url, pid } = await ready(holder);
    process.kill(-(holder.child.pid ?? 0), 'SIGINT');
    expect(await number(url, 'select 1 as n')).toBe(1);
    await holder.stop();
    expect(isAlive(pid)).toBe(false);
  });

  can(
    verifies(
      'start:twice',
      'of two first starts at once one works; the other and a later third are told in one sentence who has it',
    ),
    async () => {
      const fresh = join(await place(me), 'data');
      const pair = [start(me, fresh), start(me, fresh)];
      const outcomes = await Promise.all(pair.map((holder) => Promise.race([ready(holder), holder.next('refused')])));
      expect(outcomes.filter((outcome) => 'why' in outcome)).toHaveLength(1);
      const works = pair.find((holder) => holder.said.at(-1)?.said === 'ready');
      const { why } = await start(me, fresh).next('refused');
      expect(why).toContain(`in use by another Veredus (process ${works?.child.pid};`);
      expect(why.split('\n')).toHaveLength(1);
      expect(await readdir(fresh)).toEqual(['postgres']);
      await works?.stop();
    },
  );

  test.runIf(root !== null && ordinary !== null)('a stranger is refused in a sentence, before and after', async () => {
    const stranger = { uid: 12_345, gid: 12_345 };
    const unborn = join(dirname(dataDir), 'unborn');
    expect((await start(stranger, unborn).next('refused')).why).toContain(
      `The data folder ${unborn} cannot be used (EACCES`,
    );
    const owner = start(me, dataDir);
    await ready(owner);
    const { why } = await start(stranger, dataDir).next('refused');
    expect(why).toMatch(/start it as root or as that user|start as the user it belongs to, or as root/);
    await owner.stop();
  });
});

test('a start that is told to stop, one that fails, and the logs that starts leave', async () => {
  const me = root ?? ordinary ?? {};
  const dataDir = join(await place(me), 'data');
  const abort = AbortSignal.abort();
  const attempt = openEmbedded({ dataDir, clock: systemClock, random: systemRandom, log: () => {}, abort });
  await expect(attempt).rejects.toThrow('Stopped before the database was ready.');
  expect(await readdir(join(dataDir, 'postgres/cluster'))).not.toContain('postmaster.pid');

  const settings = { listen_addresses: 'no.such.host.invalid', unix_socket_directories: '' };
  const deaf = openEmbedded({ dataDir, clock: systemClock, random: systemRandom, log: () => {}, settings });
  await expect(deaf, 'with the words of PostgreSQL').rejects.toThrow(
    /did not start \(exit 1\): .*no\.such\.host\.invalid/,
  );

  const logs = join(dataDir, 'postgres/log');
  const old = Array.from({ length: 9 }, (_, day) => `postgres-2020010${day}-000000.log`);
  for (const name of old) await writeFile(join(logs, name), '');
  const server = await openEmbedded({ dataDir, clock: systemClock, random: systemRandom, log: () => {} });
  await server.stop();
  expect(await readdir(logs), 'the newest seven logs are kept').toHaveLength(7);
});
