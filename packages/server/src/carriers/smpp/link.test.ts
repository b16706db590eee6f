import type { IncomingMessage } from '@veredus/protocols/smpp/ending';
import { LIMITS } from '@veredus/protocols/smpp/limits';
import type { MessagePdu, ShortMessage } from '@veredus/protocols/smpp/pdu';
import { ServerSession } from '@veredus/protocols/smpp/server-session';
import { STATUS } from '@veredus/protocols/smpp/status';
import { readText } from '@veredus/protocols/smpp/text';
import { NO_TLVS, TAG } from '@veredus/protocols/smpp/tlv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HandClock, handClock } from '../../../../../test/rig/hand-clock.ts';
import { LinkOwner, until } from '../../../../../test/rig/link-owner.ts';
import { listen } from '../../../../../test/rig/smpp-library.ts';
import { submit } from '../../../../../test/rig/smpp-pdus.ts';
import type { Link, Outgoing } from '../../messages/carrier.ts';
import { openCarrier } from '../registry.ts';

/** The link over a real socket to a centre that does as the test says, both on a clock moved by hand. */
const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
const RESPONSE_TIMEOUT_MS = 10_000;
let clock: HandClock;
let centre: Awaited<ReturnType<typeof listen>>;
let session: ServerSession<string>;
let binds: number;
let arrived: MessagePdu[];
let acknowledged: { token: string; status: number }[];
let owner: LinkOwner;
let link: Link;
/** What the centre does with a submit; nothing by default. */
let answer: (message: IncomingMessage, part: number) => void;

const accept = (message: IncomingMessage) => session.respond(message.sequence, 0, `id-${arrived.length}`);
const refuse = (status: number) => (message: IncomingMessage) => session.respond(message.sequence, status, '');

beforeEach(async () => {
  clock = handClock();
  owner = new LinkOwner();
  [binds, arrived, acknowledged, answer] = [0, [], [], () => {}];
  centre = await listen((socket) => {
    const options = { systemId: 'c', bindTimeoutMs: 5_000, limits: LIMITS };
    session = new ServerSession<string>(socket, { clock, random }, options, {
      bind: () => 0,
      bound: () => {
        binds += 1;
      },
      submits: (messages) => {
        for (const message of messages) {
          // Kept for longer than the chunk that it is a view of.
          arrived.push({ ...(message as MessagePdu), shortMessage: Buffer.from((message as MessagePdu).shortMessage) });
          answer(message, readText(message as MessagePdu).join?.number ?? 1);
        }
      },
      responses: (endings) => acknowledged.push(...endings.map(({ token, status }) => ({ token, status }))),
      ready: () => {},
      closed: () => {},
      fault: (error) => expect.unreachable(String(error)),
    });
  });
});
afterEach(async () => {
  const closed = link.close(0);
  clock.advance(1_000);
  await closed;
  await centre.close();
});

async function open(query = ''): Promise<void> {
  const url = `smpp://u:p@127.0.0.1:${centre.port}?response_timeout=${RESPONSE_TIMEOUT_MS / 1000}&${query}`;
  const carrier = openCarrier(url, { clock, random, log: () => {} });
  if ('faults' in carrier) throw new Error(carrier.faults.join());
  link = carrier.open(0, owner);
  await until(() => link.free > 0);
}

const message = (id: string, parts = 1): Outgoing => ({
  id,
  recipient: '+61411111111',
  sender: 'Bakehouse',
  body: parts === 1 ? 'Hello' : 'x'.repeat(153 * parts),
  parts,
  validUntil: clock.now() + 86_400_000,
});
/** Ids of the messages by their outcome's kind, in order. */
const outcomes = () => owner.outcomeList.map(({ id, kind }) => `${id} ${kind}`);

describe('one message', () => {
  it('that the centre takes is accepted under its id', async () => {
    await open();
    answer = accept;
    link.send([message('a'), message('b')]);
    await until(() => owner.outcomeList.length === 2);
    expect(owner.outcomeList).toEqual([
      { kind: 'accepted', id: 'a', upstreamIds: ['id-1'] },
      { kind: 'accepted', id: 'b', upstreamIds: ['id-2'] },
    ]);
  });

  it('refused for good says why', async () => {
    await open();
    answer = refuse(STATUS.ESME_RINVDSTADR);
    link.send([message('a')]);
    await until(() => owner.outcomeList.length === 1);
    expect(owner.outcomeList[0]).toMatchObject({ kind: 'refused', code: 'ESME_RINVDSTADR' });
  });

  it.each(['ESME_RTHROTTLED', 'ESME_RMSGQFUL'] as const)(
    '%s defers it, and the link rests for longer and longer',
    async (name) => {
      await open();
      answer = refuse(STATUS[name]);
      const rests: number[] = [];
      for (let i = 1; i <= 3; i++) {
        link.send([message(`m${i}`)]);
        await until(() => owner.outcomeList.length === i);
        expect(owner.outcomeList.at(-1)).toMatchObject({ kind: 'deferred', code: name });
        const start = clock.monotonic();
        expect(link.free).toBe(0);
        while (link.free === 0) clock.advance(10);
        rests.push(clock.monotonic() - start);
      }
      expect(rests).toEqual([100, 200, 400]);
    },
  );

  it('without an answer is unknown after the time-out, and accepted by a late one', async () => {
    await open();
    link.send([message('a')]);
    await until(() => arrived.length === 1);
    clock.advance(RESPONSE_TIMEOUT_MS + 1);
    await until(() => owner.outcomeList.length === 1);
    expect(outcomes()).toEqual(['a unknown']);
    session.respond(arrived[0]!.sequence, 0, 'late');
    await until(() => owner.outcomeList.length === 2);
    expect(owner.outcomeList[1]).toEqual({ kind: 'accepted', id: 'a', upstreamIds: ['late'] });
  });

  it('that was written is unknown when the centre hangs up; one that was not is unsent', async () => {
    await open();
    link.send([message('out')]);
    await until(() => arrived.length === 1);
    session.close('gone');
    await until(() => owner.downs.length === 1);
    expect(outcomes()).toEqual(['out unknown']);
    expect(link.free).toBe(0);
    link.send([message('too late')]);
    expect(outcomes()).toEqual(['out unknown', 'too late unsent']);
  });

  it('comes after a wait that grows while the centre is away', async () => {
    await open();
    session.close('gone');
    await until(() => owner.downs.length === 1);
    expect(binds).toBe(1);
    clock.advance(374);
    await new Promise((resolve) => setImmediate(resolve));
    expect(binds).toBe(1);
    clock.advance(1);
    await until(() => link.free > 0);
    expect(binds).toBe(2);
  });
});

describe('a message of several parts', () => {
  it('has one outcome, with the ids in the order of its parts', async () => {
    await open();
    const held: IncomingMessage[] = [];
    answer = (part) => held.push(part);
    link.send([message('a', 3)]);
    await until(() => held.length === 3);
    for (const i of [2, 0]) session.respond(held[i]!.sequence, 0, `p${i}`);
    await until(() => session.unanswered === 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(outcomes()).toEqual([]);
    session.respond(held[1]!.sequence, 0, 'p1');
    await until(() => owner.outcomeList.length === 1);
    expect(owner.outcomeList[0]).toEqual({ kind: 'accepted', id: 'a', upstreamIds: ['p0', 'p1', 'p2'] });
  });

  it('of which part 2 is refused is accepted without it', async () => {
    await open();
    answer = (part, number) => (number === 2 ? refuse(STATUS.ESME_RINVDSTADR)(part) : accept(part));
    link.send([message('a', 3)]);
    await until(() => owner.outcomeList.length === 1);
    expect(owner.outcomeList[0]).toMatchObject({
      kind: 'accepted',
      upstreamIds: ['id-1', null, 'id-3'],
      code: 'ESME_RINVDSTADR',
    });
  });

  it('longer than the window leaves as the window allows', async () => {
    await open('window=2');
    answer = accept;
    link.send([message('a', 5)]);
    await until(() => owner.outcomeList.length === 1);
    expect(arrived.map((part) => readText(part).join?.number)).toEqual([1, 2, 3, 4, 5]);
    expect(owner.outcomeList[0]).toMatchObject({
      kind: 'accepted',
      upstreamIds: expect.objectContaining({ length: 5 }),
    });
  });

  it('[fault:F14] whose first part was put off goes on, though the pause ends while the link tells that it has room', async () => {
    // Timers run a moment early (Node cuts their fraction off), and whoever is told takes a moment.
    const { after } = clock;
    clock.after = (milliseconds, run) => after(milliseconds - 1, run);
    owner.ready = () => clock.advance(1);
    await open();
    let refused = false;
    answer = (part, number) => {
      if (number === 2 || refused) return accept(part);
      refused = true;
      refuse(STATUS.ESME_RTHROTTLED)(part);
    };
    link.send([message('a', 2)]);
    await until(() => session.unanswered === 0 && arrived.length === 2);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(outcomes()).toEqual([]);
    clock.advance(150);
    await until(() => owner.outcomeList.length === 1);
    expect(outcomes()).toEqual(['a accepted']);
  });

  it('counts by its parts towards the rate', async () => {
    await open('tps=20');
    answer = accept;
    expect(link.free).toBe(2);
    link.send([message('a', 2)]);
    expect(link.free).toBe(0);
    await until(() => owner.outcomeList.length === 1);
    clock.advance(49);
    expect(link.free).toBe(0);
    clock.advance(1);
    expect(link.free).toBe(1);
  });
});

describe('what the centre delivers', () => {
  const TEXT = 'id:id-1 sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:';
  const receipt: ShortMessage = { ...submit, source: '61411111111', esmClass: 4, shortMessage: Buffer.from(TEXT) };

  it('[receipt:raw-first] [inbound:once] is acknowledged once stored, and not before', async () => {
    await open();
    const stored: (() => void)[] = [];
    owner.storing = () => new Promise<void>((resolve) => stored.push(resolve));
    session.deliver(receipt, 'r');
    session.deliver({ ...submit, sourceTon: 1, source: '61499', shortMessage: Buffer.from('STOP') }, 'i');
    await until(() => stored.length === 2);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(acknowledged).toEqual([]);
    for (const resolve of stored) resolve();
    await until(() => acknowledged.length === 2);
    expect(acknowledged.every(({ status }) => status === 0)).toBe(true);
    expect(owner.receiptList).toMatchObject([{ upstreamId: 'id-1', state: 'delivered', recipient: '61411111111' }]);
    expect(owner.inboundList).toMatchObject([{ from: '+61499', body: 'STOP', part: null }]);
  });

  it('is put off where it could not be stored, so that the centre sends it again', async () => {
    await open();
    owner.storing = () => Promise.reject(new TypeError('the database is down'));
    session.deliver(receipt, 'r');
    await until(() => acknowledged.length === 1);
    expect(acknowledged).toEqual([{ token: 'r', status: STATUS.ESME_RX_T_APPN }]);
  });

  it('may have its text in message_payload, or in UCS-2', async () => {
    await open();
    const payload = { tag: TAG.message_payload, value: Buffer.from(TEXT) };
    session.deliver({ ...receipt, shortMessage: Buffer.alloc(0), tlvs: [payload] }, 'payload');
    session.deliver(
      { ...receipt, dataCoding: 8, shortMessage: Buffer.from(TEXT, 'utf16le').swap16(), tlvs: NO_TLVS },
      'ucs2',
    );
    await until(() => owner.receiptList.length === 2);
    expect(owner.receiptList.map(({ upstreamId, raw }) => [upstreamId, raw])).toEqual([
      ['id-1', TEXT],
      ['id-1', TEXT],
    ]);
  });
});

describe('closing', () => {
  it('waits for what is out, and takes no more', async () => {
    await open();
    link.send([message('a')]);
    await until(() => arrived.length === 1);
    const closed = link.close(5_000);
    expect(link.free).toBe(0);
    session.respond(arrived[0]!.sequence, 0, 'id');
    await closed;
    expect(outcomes()).toEqual(['a accepted']);
  });

  it('does not wait beyond its deadline for a centre that says nothing', async () => {
    await open();
    link.send([message('a')]);
    await until(() => arrived.length === 1);
    const closed = link.close(5_000);
    clock.advance(5_000);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(500);
    await closed;
    expect(outcomes()).toEqual(['a unknown']);
  });
});
