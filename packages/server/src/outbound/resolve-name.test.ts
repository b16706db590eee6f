import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { nameResolver } from './resolve-name.ts';

const A = 1;
const AAAA = 28;
const V4 = [93, 184, 216, 34];
const V6 = [0x26, 0x06, 0x28, 0x00, 0x02, 0x20, ...new Array(9).fill(0), 1];

type Said = readonly number[] | 'no such name' | 'nothing';

/** A name server on loopback that says what `says` tells it to, one address at most. */
async function nameServer() {
  const socket = createSocket('udp4');
  const server = {
    asked: [] as string[],
    says: (_name: string, type: number): Said => (type === A ? V4 : V6),
    address: '',
    close: () => socket.close(),
  };
  socket.on('message', (query, { port, address }) => {
    const labels: string[] = [];
    let end = 12;
    for (let length = query[end]!; length > 0; length = query[end]!) {
      labels.push(query.toString('latin1', end + 1, end + 1 + length));
      end += 1 + length;
    }
    const name = labels.join('.');
    const type = query.readUInt16BE(end + 1);
    server.asked.push(`${name} ${type}`);
    const said = server.says(name, type);
    if (said === 'nothing') return;
    const found = said === 'no such name' ? [] : said;
    const head = Buffer.from([
      query[0]!,
      query[1]!,
      0x81,
      said === 'no such name' ? 0x83 : 0x80,
      0,
      1,
      0,
      1,
      0,
      0,
      0,
      0,
    ]);
    if (found.length === 0) head[7] = 0;
    const answer = [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, found.length, ...found];
    socket.send(
      Buffer.concat([head, query.subarray(12, end + 5), Buffer.from(found.length === 0 ? [] : answer)]),
      port,
      address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  server.address = `127.0.0.1:${socket.address().port}`;
  return server;
}

let server: Awaited<ReturnType<typeof nameServer>>;
let clock: HandClock;
let resolve: ReturnType<typeof nameResolver>;
beforeEach(async () => {
  server = await nameServer();
  clock = handClock();
  resolve = nameResolver({ clock, isOwn: (host) => host === 'localhost', servers: [server.address] });
});
afterEach(() => server.close());

const FOUND = { address: '93.184.216.34', family: 4 };

describe('a name', () => {
  test('has the addresses of both families', async () => {
    expect(await resolve('both.example')).toEqual([FOUND, { address: '2606:2800:220::1', family: 6 }]);
    expect(server.asked.sort()).toEqual([`both.example ${A}`, `both.example ${AAAA}`]);
  });

  test.each(['no such name', 'nothing'] as const)('has those of one where the other says %j', async (said) => {
    server.says = (_, type) => (type === A ? V4 : said);
    const found = resolve('four.example');
    if (said === 'nothing') {
      await eventually(async () => server.asked.length === 2);
      // Its answer is out; what it waits for now is the other one.
      await eventually(async () => {
        clock.advance(100);
        return Promise.race([found.then(() => true), new Promise((later) => setImmediate(later, false))]);
      });
      expect(clock.monotonic()).toBeLessThan(8_000);
    }
    expect(await found).toEqual([FOUND]);
  });

  test("is looked up as the machine does where it is the operator's", async () => {
    const local = await resolve('localhost');
    expect(local.map(({ address }) => address)).toContain('127.0.0.1');
    expect(server.asked).toEqual([]);
  });

  test('that was not found is not asked for again at once', async () => {
    server.says = () => 'no such name';
    expect(await resolve('gone.example')).toEqual([]);
    server.says = () => V4;
    expect(await resolve('gone.example')).toEqual([]);
    expect(server.asked).toHaveLength(2);
    clock.advance(5_000);
    server.says = (_, type) => (type === A ? V4 : 'no such name');
    expect(await resolve('gone.example')).toEqual([FOUND]);
  });

  test('asked for many times at once is asked once', async () => {
    await Promise.all(Array.from({ length: 50 }, () => resolve('both.example')));
    expect(server.asked).toHaveLength(2);
  });
});

describe('names whose server never answers', () => {
  const silent = (count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => resolve(`s${from + i}.silent.example`));

  test(verifies('url-guard:bounded', 'fault:F27', 'hold up no other, and no thread'), async () => {
    server.says = (name, type) => (name.endsWith('silent.example') ? 'nothing' : type === A ? V4 : V6);
    const hanging = silent(64);
    expect((await resolve('good.example')).length).toBe(2);
    // The machine's own lookup, files and ciphers all need a thread of one small pool.
    expect((await lookup('127.0.0.1')).address).toBe('127.0.0.1');
    clock.advance(8_000);
    expect((await Promise.all(hanging)).flat()).toEqual([]);
  });

  test(verifies('url-guard:bounded', 'give way to those that come later when there are too many'), async () => {
    server.says = (name, type) => (name.endsWith('silent.example') ? 'nothing' : type === A ? V4 : V6);
    const hanging: ReturnType<typeof silent> = [];
    // In portions, since the socket that plays the name server holds no more.
    for (let from = 0; from < 256; from += 32) {
      hanging.push(...silent(32, from));
      await eventually(async () => server.asked.length === hanging.length * 2);
    }
    expect((await resolve('good.example')).length).toBe(2);
    // The first one made room, without a word of how long it would have taken.
    expect(await hanging[0]).toEqual([]);
    clock.advance(8_000);
    expect((await Promise.all(hanging)).flat()).toEqual([]);
    // It was not its fault, so it may be asked for again.
    const asked = server.asked.length;
    const again = silent(1);
    await eventually(async () => server.asked.length > asked);
    clock.advance(8_000);
    await again[0];
  });
});
