import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClicksendCloud } from '../../../../../test/rig/clicksend-cloud.ts';
import { type HandClock, handClock } from '../../../../../test/rig/hand-clock.ts';
import { LinkOwner, until } from '../../../../../test/rig/link-owner.ts';
import type { Carrier, Link } from '../../messages/carrier.ts';
import { openClicksend } from './clicksend.ts';

let clock: HandClock;
let cloud: ClicksendCloud;
let owner: LinkOwner;
let link: Link;
let log: { event: string; facts: Record<string, unknown> }[];

const half = { next: () => 0.5, bytes: (n: number) => new Uint8Array(n) };
const seconds = () => Math.floor(clock.now() / 1_000);
const receipt = (message_id: string, timestamp = seconds()) =>
  cloud.addReceipt({ message_id, timestamp, status_code: 201 });
const ids = () => owner.receiptList.map(({ upstreamId }) => upstreamId);
const marks = (list = 'receipts') => cloud.callsOf('PUT', `/v3/sms/${list}-read`).map(({ body }) => body);

/** Lets `ms` pass and waits until both lists have been looked at and no call follows any more. */
const look = async (ms = 15_000) => {
  const before = ['receipts', 'inbound'].map((list) => cloud.callsOf('GET', `/v3/sms/${list}`).length);
  clock.advance(ms);
  await until(() =>
    ['receipts', 'inbound'].every((list, i) => cloud.callsOf('GET', `/v3/sms/${list}`).length > before[i]!),
  );
  await quiet();
};
/** A poller at rest has its next turn on the clock; two at rest, and nothing else ticks here. */
const quiet = () => until(() => resting() === 2);
let resting: () => number;

/** The hand clock, counting timers of a poll interval or more; the deadline of a call is shorter. */
const countingClock = () => {
  const waiting = new Set<object>();
  resting = () => waiting.size;
  return {
    ...clock,
    after(ms: number, run: () => void) {
      const token = {};
      if (ms >= 15_000) waiting.add(token);
      const cancel = clock.after(ms, () => {
        waiting.delete(token);
        run();
      });
      return () => {
        waiting.delete(token);
        cancel();
      };
    },
  };
};

beforeEach(async () => {
  clock = handClock();
  owner = new LinkOwner();
  log = [];
  cloud = await new ClicksendCloud({ now: clock.now }).open();
  const parts = {
    clock: countingClock(),
    random: half,
    log: (event: string, facts: Record<string, unknown>) => log.push({ event, facts }),
  };
  link = (openClicksend(cloud.url('&poll=15s&timeout=7s'), parts) as Carrier).open(0, owner);
});
afterEach(async () => {
  await link.close(0);
  await cloud.close();
});

describe('receipts', () => {
  it('are stored as they come, at once after a start, and each once', async () => {
    receipt('A');
    await look(0);
    expect(ids()).toEqual(['A']);
    receipt('B');
    await look();
    await look();
    expect(ids()).toEqual(['A', 'B']);
    expect(owner.receiptList[0]).toMatchObject({ state: 'delivered', recipient: null });
  });

  it('are read to the last page', async () => {
    for (let i = 0; i < 250; i++) receipt(`R${i}`);
    await look(0);
    expect(new Set(ids()).size).toBe(250);
    expect(cloud.callsOf('GET', '/v3/sms/receipts').map(({ query }) => query.get('page'))).toEqual(['1', '2', '3']);
  });

  it('are marked as read when they are stored and a minute old, not before', async () => {
    receipt('A');
    for (const ms of [0, 15_000, 15_000, 15_000, 15_000]) await look(ms);
    expect(marks()).toEqual([]);
    await look();
    expect(marks()).toEqual([{ date_before: seconds() - 60 }]);
    expect(cloud.receipts).toEqual([]);
    expect(ids()).toEqual(['A']);
  });

  it('that enter the list late, with an earlier moment, are not lost', async () => {
    receipt('A', seconds() - 100);
    let late = true;
    owner.storing = async () => {
      if (late) receipt('B', seconds() - 50);
      late = false;
    };
    await look(0);
    expect(marks()).toHaveLength(1);
    await look();
    expect(ids()).toEqual(['A', 'B']);
  });

  it('are never marked while they are being stored, or when that fails', async () => {
    receipt('A', seconds() - 100);
    let fail: (error: Error) => void = () => undefined;
    owner.storing = () =>
      new Promise((_, reject) => {
        fail = reject;
      });
    clock.advance(0);
    await until(() => cloud.callsOf('GET', '/v3/sms/receipts').length === 1);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(marks()).toEqual([]);
    fail(new Error('the database is away'));
    await quiet();
    expect(marks()).toEqual([]);
    expect(log).toContainEqual({
      event: 'clicksend.poll-failed',
      facts: { list: 'receipts', why: 'the database is away', restMs: 30_000 },
    });
    owner.storing = async () => undefined;
    clock.advance(30_000);
    await until(() => marks().length === 1);
    expect(ids()).toEqual(['A']);
  });

  it('are not marked where rows vanished while the pages were read', async () => {
    for (let i = 0; i < 150; i++) receipt(`R${i}`, seconds() - 100);
    let first = true;
    owner.storing = async () => {
      // Another reader marks the older half: the second page starts where the third would have.
      if (first) cloud.receipts.splice(0, 100);
      first = false;
    };
    await look(0);
    expect(marks()).toEqual([]);
    clock.advance(30_000);
    await until(() => marks().length === 1);
    expect(new Set(ids()).size).toBe(150);
  });

  it('stay where they are when the mark fails, and are not stored twice', async () => {
    receipt('A', seconds() - 100);
    cloud.next({ kind: 'cut' }, '/receipts-read');
    await look(0);
    expect(cloud.receipts).toHaveLength(1);
    clock.advance(30_000);
    await until(() => cloud.receipts.length === 0);
    expect(ids()).toEqual(['A']);
  });
});

describe('a list that cannot be read', () => {
  it.each([
    ['no answer', { kind: 'cut' }, /closed|reset|hang/i],
    ['an unreadable one', { kind: 'raw', body: '{"response_code":"SUCCESS","data":{"data":7}}' }, /unreadable/],
    ['a wrong key', { kind: 'status', status: 401, code: 'UNAUTHORIZED' }, /401 UNAUTHORIZED/],
  ] as const)('is looked at again after a pause: %s', async (_, mishap, why) => {
    receipt('A');
    cloud.next(mishap, '/sms/receipts');
    await look(0);
    expect(log).toEqual([
      {
        event: 'clicksend.poll-failed',
        facts: { list: 'receipts', why: expect.stringMatching(why), restMs: 30_000 },
      },
    ]);
    clock.advance(30_000);
    await until(() => ids().length === 1);
  });

  it('is left alone as long as the cloud asks', async () => {
    cloud.next({ kind: 'status', status: 429, code: 'X', headers: { 'retry-after': '300' } }, '/sms/receipts');
    await look(0);
    expect(log[0]?.facts).toMatchObject({ restMs: 300_000 });
    clock.advance(15_000);
    await quiet();
    expect(cloud.callsOf('GET', '/v3/sms/inbound')).toHaveLength(2);
    expect(cloud.callsOf('GET', '/v3/sms/receipts')).toHaveLength(1);
    clock.advance(285_000);
    await until(() => cloud.callsOf('GET', '/v3/sms/receipts').length === 2);
  });

  it('is not looked at after closing', async () => {
    await look(0);
    await link.close(0);
    const { length } = cloud.calls;
    clock.advance(3_600_000);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(cloud.calls).toHaveLength(length);
  });
});

describe('closing in the middle of a round', () => {
  it('makes no further call, though the link still waits for a send', async () => {
    await look(0);
    receipt('A', seconds() - 100);
    let stored: () => void = () => undefined;
    owner.storing = () =>
      new Promise((resolve) => {
        stored = resolve;
      });
    clock.advance(15_000);
    await until(() => cloud.callsOf('GET', '/v3/sms/receipts').length === 2);
    cloud.next({ kind: 'silent', accept: true });
    const text = { id: 'm', recipient: '+61411111111', sender: '', body: 'Hi', parts: 1, validUntil: clock.now() };
    link.send([text]);
    await until(() => cloud.callsOf('POST', '/v3/sms/send').length === 1);
    await until(() => resting() === 1);
    const closed = link.close(5_000);
    stored();
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    cloud.release();
    await closed;
    expect(marks()).toEqual([]);
    expect(resting()).toBe(0);
    expect(owner.kindsOf([text])).toEqual(['accepted']);
  });
});

describe('messages from handsets', () => {
  it('are stored once by the id the cloud gave them, and then marked', async () => {
    const reply = { message_id: 'IN-1', from: '+61411111111', to: '+61422222222', body: 'Thanks!' };
    // Two POLL rules list a message twice.
    cloud.addReply({ ...reply, timestamp: seconds() - 100 });
    cloud.addReply({ ...reply, timestamp: seconds() - 100 });
    await look(0);
    expect(owner.inboundList).toEqual([
      { providerId: 'IN-1', from: '+61411111111', to: '+61422222222', body: 'Thanks!', part: null },
    ]);
    expect(marks('inbound')).toEqual([{ date_before: seconds() - 60 }]);
    expect(cloud.replies).toEqual([]);
    expect(marks('receipts')).toEqual([]);
  });
});
