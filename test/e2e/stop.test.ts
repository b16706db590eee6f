import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { isAlive } from '@veredus/server/db/embedded/postmaster';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { type FakeSmsc, openFakeSmsc } from '../faults/rig/smsc.ts';
import { texts } from '../faults/rig/stage.ts';
import { until } from '../faults/rig/until.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';

/** A stop in the worst of company: clients that never finish, and a centre that never answers. */
const WINDOW = 10;
let folder: string;
let smsc: FakeSmsc;
let running: RunningServer[];
let sockets: Socket[];

beforeEach(async () => {
  folder = await temporaryFolder('veredus-stop-');
  smsc = await openFakeSmsc({ window: WINDOW });
  running = [];
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of running) await server.stop();
  await smsc.close();
  await rm(folder, { recursive: true, force: true });
});

const start = async () => {
  const server = await startServer(folder, { VEREDUS_SMS_CARRIER: smsc.url });
  running.push(server);
  return server;
};

/** A client that says so much, and then keeps its end open. */
async function stuckAfter(url: string, said: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'connect');
  if (said !== '') socket.write(said);
}

const STUCK = [
  ['nothing', ''],
  ['a whole request, kept alive', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['half a header', 'POST /v3/sms/send HTTP/1.1\r\nHost: x\r\nContent-Le'],
  ['half a body', 'POST /v3/sms/send HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"mess'],
] as const;

test(verifies(
  'stop:drain',
  'within ten seconds, whoever holds a connection and whatever the centre leaves open',
), async () => {
  smsc.behaviour = () => ({ afterMs: null, status: 0, reports: [] });
  const here = await start();
  await here.call('POST', '/v3/sms/send', { messages: texts(3 * WINDOW, 0) });
  await until('a full window', () => smsc.log.length === WINDOW);
  for (const [, said] of STUCK) await stuckAfter(here.url, said);
  const pid = Number((await readFile(join(folder, 'data/postgres/cluster/postmaster.pid'), 'utf8')).split('\n')[0]);

  const began = performance.now();
  expect(await here.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(isAlive(pid)).toBe(false);

  // What the centre had, and did not answer, is UNKNOWN and stays there; the rest leaves once.
  smsc.behaviour = () => ({ afterMs: 0, status: 0, reports: [{ state: 'delivered', afterMs: 0 }] });
  const next = await start();
  const total = async (q: string) => (await next.call('GET', `/v3/sms/history?q=${q}`)).body.data.total;
  await eventually(async () => (await total('status_code:201')) === 2 * WINDOW);
  expect(await total('status_text:Unknown')).toBe(WINDOW);
  expect(new Set(smsc.log.map(({ ref }) => ref)).size).toBe(smsc.log.length);
}, 40_000);
