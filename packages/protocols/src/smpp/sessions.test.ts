import { duplexPair } from 'node:stream';
import { expect, it, test } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { bindFields, bytesOf, submit } from '../../../../test/rig/smpp-pdus.ts';
import { ClientSession } from './client-session.ts';
import type { Ending, IncomingMessage } from './ending.ts';
import { LIMITS } from './limits.ts';
import type { BindMode } from './pdu.ts';
import { ServerSession } from './server-session.ts';
import { STATUS } from './status.ts';

const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
const limits = { ...LIMITS, window: 5, responseTimeoutMs: 10_000, enquireIntervalMs: 30_000, owedLimit: 8 };

/** Lets everything that is on its way arrive: no bytes take more than a few turns in memory. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A client and a server bound to each other in memory, on one clock that stands still. */
async function bound(mode: BindMode = 'transceiver', verdict: number | Promise<number> = 0) {
  const clock = handClock();
  const [near, far] = duplexPair();
  const seen = {
    submits: [] as IncomingMessage[],
    deliveries: [] as IncomingMessage[],
    endings: [] as Ending<string>[],
    serverEndings: [] as Ending<string>[],
    closed: [] as string[],
    serverClosed: [] as string[],
    faults: [] as unknown[],
    readies: 0,
  };
  const hooks = { submits: (_: IncomingMessage[]) => {}, deliveries: (_: IncomingMessage[]) => {} };
  const server = new ServerSession<string>(
    far,
    { clock, random },
    { systemId: 'c', bindTimeoutMs: 5_000, limits },
    {
      bind: () => verdict,
      bound: () => {},
      submits: (messages) => {
        seen.submits.push(...messages);
        hooks.submits(messages);
      },
      responses: (endings) => seen.serverEndings.push(...endings),
      ready: () => {},
      closed: (why) => seen.serverClosed.push(why),
      fault: (error) => seen.faults.push(error),
    },
  );
  const client = new ClientSession<string>(
    near,
    { clock, random },
    { mode, bind: bindFields, limits },
    {
      bound: () => {},
      responses: (endings) => seen.endings.push(...endings),
      deliveries: (messages) => {
        seen.deliveries.push(...messages);
        hooks.deliveries(messages);
      },
      ready: () => {
        seen.readies += 1;
      },
      closed: (why) => seen.closed.push(why),
      fault: (error) => seen.faults.push(error),
    },
  );
  await settle();
  return { clock, near, far, client, server, seen, hooks };
}

const kinds = (endings: Ending<string>[]) => endings.map(({ kind, token }) => `${token} ${kind}`);

it('binds, submits, answers and gives each ending its token', async () => {
  const { client, server, seen } = await bound();
  expect(client.bound).toBe(true);
  expect(server.boundAs).toBe('transceiver');
  for (const token of ['a', 'b']) expect(client.submit(submit, token)).toBe('taken');
  await settle();
  server.respond(seen.submits[1]!.sequence, STATUS.ESME_RTHROTTLED, '');
  server.respond(seen.submits[0]!.sequence, 0, 'id-1');
  await settle();
  expect(seen.endings).toMatchObject([
    { kind: 'response', token: 'b', status: STATUS.ESME_RTHROTTLED },
    { kind: 'response', token: 'a', status: 0, messageId: 'id-1' },
  ]);
  expect(client.outstanding).toBe(0);
});

it('[smpp:window] keeps to its window, and says when there is room again', async () => {
  const { client, server, seen } = await bound();
  const taken = Array.from({ length: 7 }, (_, i) => client.submit(submit, String(i)));
  expect(taken).toEqual(['taken', 'taken', 'taken', 'taken', 'taken', 'full', 'full']);
  expect(client.free).toBe(0);
  await settle();
  expect(seen.submits).toHaveLength(5);
  const before = seen.readies;
  server.respond(seen.submits[0]!.sequence, 0, 'x');
  await settle();
  expect(client.free).toBe(1);
  expect(seen.readies).toBe(before + 1);
});

it('sends what is said in one turn in one write', async () => {
  const { client, near } = await bound();
  const writes: number[] = [];
  const write = near.write.bind(near);
  near.write = ((bytes: Buffer) => {
    writes.push(bytes.length);
    return write(bytes);
  }) as typeof near.write;
  for (let i = 0; i < 5; i++) client.submit(submit, String(i));
  await settle();
  expect(writes).toEqual([5 * bytesOf(submit).length]);
});

it('times a submit out once, frees its slot, and reports the late answer once', async () => {
  const { client, server, clock, seen } = await bound();
  client.submit(submit, 'slow');
  await settle();
  clock.advance(9_999);
  expect(seen.endings).toEqual([]);
  clock.advance(2);
  expect(kinds(seen.endings)).toEqual(['slow timed out']);
  expect(client.free).toBe(5);
  server.respond(seen.submits[0]!.sequence, 0, 'late-id');
  await settle();
  expect(kinds(seen.endings)).toEqual(['slow timed out', 'slow late']);
  expect(seen.endings[1]!.messageId).toBe('late-id');
  expect(server.respond(seen.submits[0]!.sequence, 0, 'again')).toBe(false);
});

it('does not time out an answered submit because an older one hangs', async () => {
  const { client, server, clock, seen } = await bound();
  client.submit(submit, 'first');
  await settle();
  clock.advance(6_000);
  client.submit(submit, 'second');
  await settle();
  clock.advance(4_000);
  expect(kinds(seen.endings)).toEqual(['first timed out']);
  server.respond(seen.submits[1]!.sequence, 0, 'ok');
  await settle();
  clock.advance(60_000);
  expect(kinds(seen.endings)).toEqual(['first timed out', 'second response']);
});

it('tells what had left from what had not when the connection dies', async () => {
  const { client, far, seen } = await bound();
  client.submit(submit, 'left');
  await settle();
  client.submit(submit, 'kept');
  client.close('a test');
  expect(kinds(seen.endings)).toEqual(['left closed', 'kept unsent']);
  expect(client.submit(submit, 'more')).toBe('closed');
  far.destroy();
  await settle();
  expect(seen.closed).toEqual(['a test']);
  expect(seen.endings).toHaveLength(2);
});

it('holds submits back from a peer that does not read, and says so when it dies', async () => {
  const { client, near, far, seen } = await bound();
  far.pause();
  const large = { ...submit, tlvs: [{ tag: 0x424, value: Buffer.alloc(40_000) }] };
  for (const token of ['1', '2']) client.submit(large, token);
  await settle();
  expect(near.writableNeedDrain).toBe(true);
  for (const token of ['3', '4']) client.submit(large, token);
  await settle();
  expect(client.free).toBe(0);
  client.close('given up');
  expect(kinds(seen.endings)).toEqual(['1 closed', '2 closed', '3 unsent', '4 unsent']);
});

it('goes on when the peer reads again', async () => {
  const { client, far, seen } = await bound();
  far.pause();
  const large = { ...submit, tlvs: [{ tag: 0x424, value: Buffer.alloc(40_000) }] };
  for (const token of ['1', '2']) client.submit(large, token);
  await settle();
  for (const token of ['3', '4']) client.submit(large, token);
  await settle();
  far.resume();
  await settle();
  expect(seen.submits).toHaveLength(4);
  expect(client.free).toBe(1);
});

it('delivers in batches and acknowledges by sequence, later', async () => {
  const { client, server, seen } = await bound();
  for (const token of ['r1', 'r2', 'r3']) server.deliver(submit, token);
  await settle();
  expect(seen.deliveries.map(({ command }) => command)).toEqual(['deliver_sm', 'deliver_sm', 'deliver_sm']);
  expect(seen.serverEndings).toEqual([]);
  client.acknowledge([seen.deliveries[2]!.sequence, seen.deliveries[0]!.sequence], 0);
  client.acknowledge([seen.deliveries[1]!.sequence], STATUS.ESME_RX_T_APPN);
  await settle();
  expect(seen.serverEndings.map(({ token, status }) => [token, status])).toEqual([
    ['r3', 0],
    ['r1', 0],
    ['r2', STATUS.ESME_RX_T_APPN],
  ]);
});

it('answers "queue full" by itself when more than it may owe come in', async () => {
  const { near, far, seen } = await bound();
  const answers: number[] = [];
  near.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) answers.push(bytes.readUInt32BE(at + 8));
  });
  near.write(Buffer.concat(Array.from({ length: 12 }, (_, i) => bytesOf({ ...submit, sequence: 100 + i }))));
  await settle();
  expect(seen.submits).toHaveLength(8);
  expect(answers).toEqual([0x14, 0x14, 0x14, 0x14]);
  far.destroy();
});

test.each(['submits', 'deliveries'] as const)(
  'a handler of %s that throws leaves nothing unanswered',
  async (which) => {
    const { client, server, seen, hooks } = await bound();
    hooks[which] = () => {
      throw new TypeError('a bug');
    };
    if (which === 'submits') client.submit(submit, 'x');
    else server.deliver(submit, 'x');
    await settle();
    const endings = which === 'submits' ? seen.endings : seen.serverEndings;
    expect(endings).toMatchObject([{ kind: 'response', token: 'x', status: STATUS.ESME_RSYSERR }]);
    expect(seen.faults).toHaveLength(1);
    hooks[which] = () => {};
    if (which === 'submits') client.submit(submit, 'y');
    else server.deliver(submit, 'y');
    await settle();
    expect(which === 'submits' ? seen.submits : seen.deliveries).toHaveLength(2);
  },
);

it('asks a quiet peer each interval, and keeps one that answers', async () => {
  const { clock, client, seen } = await bound();
  for (let i = 0; i < 10; i++) {
    clock.advance(30_000);
    await settle();
  }
  expect(client.bound).toBe(true);
  expect(seen.closed).toEqual([]);
});

it('[smpp:enquire-link] declares a peer dead after two intervals without a PDU', async () => {
  const { clock, client, far, seen } = await bound();
  client.submit(submit, 'out');
  await settle();
  far.pause();
  far.removeAllListeners('data');
  clock.advance(30_000);
  clock.advance(30_000);
  expect(seen.closed).toEqual([]);
  clock.advance(30_000);
  expect(seen.closed).toEqual([expect.stringContaining('silent')]);
  expect(kinds(seen.endings)).toEqual(['out timed out']);
});

it('unbinds from either side', async () => {
  const one = await bound();
  const left = one.client.unbind();
  await left;
  expect(one.seen.closed).toEqual(['unbound']);
  await settle();
  expect(one.seen.serverClosed).toEqual(['the peer unbound']);

  const two = await bound();
  two.server.unbind();
  await settle();
  expect(two.seen.closed).toEqual(['the peer unbound']);
  expect(two.seen.serverClosed).toHaveLength(1);
});

it('is not held up by a peer that does not answer the unbind', async () => {
  const { client, far, clock, seen } = await bound();
  far.removeAllListeners('data');
  const left = client.unbind();
  clock.advance(10_000);
  await left;
  expect(seen.closed).toEqual(['the unbind was not answered']);
});

it('hangs up at once when it is not bound yet', async () => {
  const { client, seen } = await bound('transceiver', new Promise(() => {}));
  expect(client.bound).toBe(false);
  await client.unbind();
  expect(seen.closed).toEqual(['closed before it was bound']);
});

test.each([
  ['refused', STATUS.ESME_RINVPASWD],
  ['refused later', Promise.resolve(STATUS.ESME_RINVPASWD as number)],
])('a bind that is %s closes both sides with its reason', async (_, verdict) => {
  const { client, seen } = await bound('transceiver', verdict);
  expect(client.free).toBe(0);
  expect(seen.closed).toEqual(['the bind was refused: ESME_RINVPASWD']);
  expect(seen.serverClosed).toEqual(['the bind was refused']);
});

it('closes a connection that never binds, and a bind that is never answered', async () => {
  const waiting = await bound('transceiver', new Promise(() => {}));
  waiting.clock.advance(5_000);
  expect(waiting.seen.serverClosed).toEqual(['the peer did not bind']);

  const { clock, seen } = await bound('transceiver', new Promise(() => {}));
  clock.advance(10_000);
  expect(seen.closed).toHaveLength(1);
});

it('lets a transmitter only submit and a receiver only receive', async () => {
  const transmitter = await bound('transmitter');
  expect(transmitter.server.deliver(submit, 'x')).toBe('closed');
  const receiver = await bound('receiver');
  receiver.client.submit(submit, 'x');
  expect(receiver.server.deliver(submit, 'y')).toBe('taken');
  await settle();
  expect(receiver.seen.endings).toMatchObject([{ token: 'x', status: STATUS.ESME_RINVBNDSTS }]);
  expect(receiver.seen.deliveries).toHaveLength(1);
});

it('[smpp:generic-nack] nacks what it cannot read and goes on; a lost stream it nacks and closes', async () => {
  const { near, client, seen } = await bound();
  const strange = Buffer.from('000000100000011200000000000000aa', 'hex');
  const back: Buffer[] = [];
  near.on('data', (bytes: Buffer) => back.push(bytes));
  near.write(strange);
  await settle();
  expect(Buffer.concat(back).toString('hex')).toBe('000000108000000000000003000000aa');
  client.submit(submit, 'still');
  await settle();
  expect(seen.submits).toHaveLength(1);
  near.write(Buffer.from('00000003000000040000000000000bad', 'hex'));
  await settle();
  expect(back.at(-1)!.toString('hex')).toBe('00000010800000000000000200000bad');
  expect(seen.serverClosed).toEqual([expect.stringContaining('a length of 3 octets')]);
  expect(kinds(seen.endings)).toEqual(['still closed']);
});

it('gives an ending to a submit that was answered with a generic_nack', async () => {
  const { client, far, seen } = await bound();
  client.submit(submit, 'n');
  await settle();
  far.write(bytesOf({ command: 'generic_nack', sequence: seen.submits[0]!.sequence, status: STATUS.ESME_RINVCMDID }));
  await settle();
  expect(seen.endings).toMatchObject([{ kind: 'response', token: 'n', status: STATUS.ESME_RINVCMDID }]);
});
