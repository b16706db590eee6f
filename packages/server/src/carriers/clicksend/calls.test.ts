import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClicksendCloud } from '../../../../../test/rig/clicksend-cloud.ts';
import { type HandClock, handClock } from '../../../../../test/rig/hand-clock.ts';
import { selfSigned } from '../../../../../test/rig/self-signed.ts';
import { type Call, type Calls, openCalls } from './calls.ts';
import { type ClicksendSettings, readSettings } from './settings.ts';

let clock: HandClock;
let cloud: ClicksendCloud;
let opened: (() => unknown)[];
const SEND: Call = { method: 'POST', path: '/v3/sms/send', body: '{"messages": []}', key: 'k' };

const callsTo = (url: URL): Calls => {
  const calls = openCalls(readSettings(url) as ClicksendSettings, clock);
  opened.push(() => calls.destroy());
  return calls;
};
const portOf = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => server.close());
  return (server.address() as AddressInfo).port;
};
const turn = () => new Promise((resolve) => setImmediate(resolve));
const until = async (ready: () => boolean) => {
  while (!ready()) await turn();
};

beforeEach(async () => {
  clock = handClock();
  opened = [];
  cloud = await new ClicksendCloud({ now: clock.now }).open();
});
afterEach(async () => {
  for (const close of opened) close();
  await cloud.close();
});

describe('a call to the cloud', () => {
  it('carries the key, in both senses', async () => {
    expect(await callsTo(cloud.url()).make(SEND)).toMatchObject({ kind: 'answer', status: 400 });
    expect(cloud.calls[0]).toMatchObject({ path: '/v3/sms/send', headers: { 'idempotency-key': 'k' } });
  });

  it('is unwritten where nobody listens, or where no such host is', async () => {
    const url = cloud.url();
    await cloud.close();
    expect(await callsTo(url).make(SEND)).toMatchObject({ kind: 'unwritten', words: expect.stringMatching(/REFUSED/) });
    const nowhere = new URL('clicksend://a:b@nowhere.invalid');
    expect(await callsTo(nowhere).make(SEND)).toMatchObject({ kind: 'unwritten' });
  });

  it('is unwritten where the certificate is nobody’s', async () => {
    let requests = 0;
    const server = createTlsServer(selfSigned(), () => requests++);
    const port = await portOf(server);
    expect(await callsTo(new URL(`clicksend://a:b@localhost:${port}`)).make(SEND)).toMatchObject({
      kind: 'unwritten',
      words: expect.stringMatching(/self-signed/),
    });
    expect(requests).toBe(0);
  });

  it('is unwritten where the handshake never ends, and nothing is written later', async () => {
    let bytes = '';
    let greeted = false;
    const server = createTcpServer((socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (data) => {
          greeted = true;
          bytes += data.toString('latin1');
        });
    });
    const port = await portOf(server);
    const answer = callsTo(new URL(`clicksend://a:b@127.0.0.1:${port}?timeout=5s`)).make(SEND);
    await until(() => greeted);
    clock.advance(5_000);
    expect(await answer).toEqual({ kind: 'unwritten', words: 'no answer within 5 s' });
    expect(bytes).not.toContain('POST');
  });

  it('is not written after it was given up while it waited for a connection', async () => {
    const calls = callsTo(cloud.url('&timeout=5s'));
    const busy = Array.from({ length: 8 }, () => {
      cloud.next({ kind: 'silent' });
      return calls.make(SEND);
    });
    await until(() => cloud.calls.length === 8);
    const ninth = calls.make({ ...SEND, key: 'ninth' });
    clock.advance(5_000);
    expect(await ninth).toEqual({ kind: 'unwritten', words: 'no answer within 5 s' });
    expect(new Set((await Promise.all(busy)).map(({ kind }) => kind))).toEqual(new Set(['cut']));
    expect(await calls.make({ ...SEND, key: 'tenth' })).toMatchObject({ kind: 'answer' });
    expect(cloud.calls.map(({ headers }) => headers['idempotency-key'])).not.toContain('ninth');
  });

  it('is cut where the connection ends, before or within the answer', async () => {
    const calls = callsTo(cloud.url());
    for (const kind of ['cut', 'cut-in-answer'] as const) {
      cloud.next({ kind });
      expect(await calls.make(SEND), kind).toMatchObject({ kind: 'cut' });
    }
    expect(cloud.calls).toHaveLength(2);
  });

  it('is cut when its time is over, and when its answer does not end', async () => {
    const calls = callsTo(cloud.url());
    cloud.next({ kind: 'silent' });
    const slow = calls.make(SEND);
    await until(() => cloud.calls.length === 1);
    clock.advance(60_000);
    expect(await slow).toEqual({ kind: 'cut', words: 'no answer within 60 s' });
    cloud.next({ kind: 'endless' });
    expect(await calls.make(SEND)).toEqual({ kind: 'cut', words: 'an answer larger than 8388608 bytes' });
  });

  it('does not follow a redirect', async () => {
    let followed = 0;
    const port = await portOf(createServer(() => followed++));
    const location = `http://127.0.0.1:${port}/`;
    cloud.next({ kind: 'status', status: 307, code: 'X', headers: { location } });
    expect(await callsTo(cloud.url()).make(SEND)).toMatchObject({ kind: 'answer', status: 307 });
    expect(followed).toBe(0);
  });

  it('ends when the carrier closes: cut where it was written', async () => {
    const calls = callsTo(cloud.url());
    cloud.next({ kind: 'silent' });
    const answer = calls.make(SEND);
    await until(() => cloud.calls.length === 1);
    calls.destroy();
    expect(await answer).toMatchObject({ kind: 'cut' });
    expect(await calls.make(SEND)).toMatchObject({ kind: 'unwritten' });
  });
});
