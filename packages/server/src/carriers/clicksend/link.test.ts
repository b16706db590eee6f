import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClicksendCloud, type CloudOptions, type Mishap } from '../../../../../test/rig/clicksend-cloud.ts';
import { type HandClock, handClock } from '../../../../../test/rig/hand-clock.ts';
import { LinkOwner, until } from '../../../../../test/rig/link-owner.ts';
import type { Carrier, Link, Outgoing } from '../../messages/carrier.ts';
import { openClicksend } from './clicksend.ts';

let clock: HandClock;
let cloud: ClicksendCloud;
let owner: LinkOwner;
let carrier: Carrier;
let link: Link;
let made = 0;

const half = { next: () => 0.5, bytes: (n: number) => new Uint8Array(n) };
const messages = (count: number, more: Partial<Outgoing> = {}): Outgoing[] =>
  Array.from({ length: count }, () => ({
    id: `0199a000-0000-7000-8000-${String(++made).padStart(12, '0')}`,
    recipient: '+61411111111',
    sender: '',
    body: `Text ${made}`,
    parts: 1,
    validUntil: clock.now() + 86_400_000,
    ...more,
  }));
const open = async (terms = '&poll=off', options: Partial<CloudOptions> = {}) => {
  cloud = await new ClicksendCloud({ now: clock.now, ...options }).open();
  carrier = openClicksend(cloud.url(terms), { clock, random: half, log: () => undefined }) as Carrier;
  link = carrier.open(0, owner);
};
const settled = (list: readonly Outgoing[]) => until(() => !owner.kindsOf(list).includes(null));
const send = async (list: Outgoing[]) => {
  link.send(list);
  await settled(list);
  return owner.kindsOf(list);
};
/** The first message after a start goes alone. */
const warmUp = async () => {
  expect(await send(messages(1))).toEqual(['accepted']);
  cloud.calls.length = 0;
};
const bodies = () =>
  cloud.callsOf('POST', '/v3/sms/send').map(({ body }) => (body as { messages: unknown[] }).messages);

beforeEach(() => {
  clock = handClock();
  owner = new LinkOwner();
});
afterEach(async () => {
  await Promise.all([link.close(0), clock.advance(0)]);
  await cloud.close();
});

describe('[carrier:clicksend] what leaves', () => {
  it('is our text, number and sender, and our id to know it by', async () => {
    await open();
    const [one] = messages(1, { sender: 'KoalaCo', parts: 2 });
    expect(await send([one!])).toEqual(['accepted']);
    const { body, recipient, id } = one!;
    expect(bodies()).toEqual([[{ to: recipient, from: 'KoalaCo', body, custom_string: id, source: 'veredus' }]]);
    const upstream = cloud.taken[0]!.message_id;
    expect(owner.outcomeList).toEqual([{ kind: 'accepted', id, upstreamIds: [upstream, upstream] }]);
  });

  it('is one message first, then a thousand a call', async () => {
    await open('&poll=off&window=5000');
    const list = messages(2_500);
    expect(new Set(await send(list))).toEqual(new Set(['accepted']));
    expect(bodies().map((sent) => sent.length)).toEqual([1, 1_000, 1_000, 499]);
    expect(cloud.taken.map(({ custom_string }) => custom_string)).toHaveLength(2_500);
    expect(new Set(cloud.taken.map(({ custom_string }) => custom_string)).size).toBe(2_500);
  });

  it('gathers what comes while four calls are out', async () => {
    await open();
    await warmUp();
    const list = messages(10);
    for (let i = 0; i < 4; i++) cloud.next({ kind: 'silent', accept: true });
    for (const one of list) link.send([one]);
    await until(() => bodies().length === 4);
    expect(link.free).toBe(carrier.window - 10);
    cloud.release();
    await settled(list);
    expect(bodies().map((sent) => sent.length)).toEqual([1, 1, 1, 1, 6]);
    expect(link.free).toBe(carrier.window);
  });

  it('says when there is room again, and never more than its window', async () => {
    await open('&poll=off&window=5');
    clock.advance(0);
    expect(owner.readies).toBe(1);
    cloud.next({ kind: 'silent', accept: true });
    const list = messages(1, { parts: 8 });
    link.send(list);
    expect(link.free).toBe(0);
    await until(() => cloud.calls.length === 1);
    cloud.release();
    await settled(list);
    expect(link.free).toBe(5);
    expect(owner.readies).toBe(2);
  });

  it('keeps to its rate', async () => {
    await open('&poll=off&tps=10');
    expect([carrier.window, link.free]).toEqual([10, 10]);
    await send(messages(2, { parts: 4 }));
    expect(link.free).toBe(2);
    await send(messages(1, { parts: 4 }));
    expect(link.free).toBe(0);
    const { readies } = owner;
    clock.advance(200);
    expect([link.free, owner.readies]).toEqual([0, readies]);
    clock.advance(100);
    expect([link.free, owner.readies]).toEqual([1, readies + 1]);
    clock.advance(5_000);
    expect(link.free).toBe(10);
  });
});

describe('an answer', () => {
  it('has a verdict for each message of the call', async () => {
    const byBody: Record<string, string> = { a: 'INVALID_RECIPIENT', b: 'THROTTLED', c: 'INSUFFICIENT_CREDIT' };
    await open('&poll=off', { statusOf: ({ body }) => byBody[body] ?? 'SUCCESS' });
    await warmUp();
    const list = ['a', 'b', 'c', 'd'].flatMap((body) => messages(1, { body }));
    expect(await send(list)).toEqual(['refused', 'deferred', 'deferred', 'accepted']);
    expect(bodies()).toHaveLength(1);
    expect(link.free).toBe(carrier.window);
  });

  it('that refuses a whole call costs only the message that is at fault', async () => {
    await open('&poll=off', { refuseCallFor: ({ body }) => body === 'bad' });
    await warmUp();
    const list = [...messages(37), ...messages(1, { body: 'bad' }), ...messages(62)];
    const kinds = await send(list);
    expect(kinds.map((kind, i) => (kind === 'accepted' ? -1 : i)).filter((i) => i >= 0)).toEqual([37]);
    expect(kinds[37]).toBe('refused');
    expect(cloud.taken).toHaveLength(1 + 99);
  });
});

describe('no message is sent again without certainty', () => {
  const open500: Mishap = { kind: 'status', status: 500, code: 'INTERNAL_SERVER_ERROR', accept: true };
  const mishaps: [string, Mishap][] = [
    ['a 500 after accepting', open500],
    ['a 500 that accepted nothing', { ...open500, accept: false }],
    ['a gateway’s 502', { kind: 'status', status: 502, code: 'BAD_GATEWAY', accept: true }],
    ['a cut after accepting', { kind: 'cut', accept: true }],
    ['a cut within the answer', { kind: 'cut-in-answer', accept: true }],
    ['an unreadable 200', { kind: 'raw', body: '<html>Welcome</html>', accept: true }],
    [
      'a 200 that says nothing of the message',
      { kind: 'raw', body: '{"response_code":"SUCCESS","data":{"messages":[]}}' },
    ],
    ['an answer without an end', { kind: 'endless' }],
  ];

  it.each(mishaps)('%s', async (_, mishap) => {
    await open();
    cloud.next(mishap);
    const list = messages(1);
    expect(await send(list)).toEqual(['unknown']);
    clock.advance(3_600_000);
    await until(() => link.free === carrier.window);
    expect(bodies()).toHaveLength(1);
  });

  it('no answer in time', async () => {
    await open();
    cloud.next({ kind: 'silent', accept: true });
    const list = messages(3);
    link.send(list);
    await until(() => cloud.calls.length === 1);
    clock.advance(60_000);
    await settled(list);
    expect(owner.kindsOf(list)).toEqual(['unknown', 'unsent', 'unsent']);
    expect(bodies()).toHaveLength(1);
  });

  it('an unknown one is known when its receipt carries our id', async () => {
    await open('&poll=15s');
    cloud.next(open500);
    const [one] = messages(1, { parts: 2 });
    expect(await send([one!])).toEqual(['unknown']);
    const { message_id } = cloud.taken[0]!;
    const timestamp = clock.now() / 1_000;
    cloud.addReceipt({ message_id, timestamp, status_code: 201, custom_string: one!.id.toUpperCase() });
    clock.advance(15_000);
    await until(() => owner.receiptList.length === 1);
    expect(owner.outcomeList.at(-1)).toEqual({
      kind: 'accepted',
      id: one!.id,
      upstreamIds: [message_id, message_id],
    });
  });
});

describe('what certainly did not leave goes back unsent', () => {
  it('where nobody listens, with pauses that grow', async () => {
    await open();
    await cloud.close();
    const rests: number[] = [];
    for (let i = 0; i < 12; i++) {
      const list = messages(3);
      expect(await send(list)).toEqual(['unsent', 'unsent', 'unsent']);
      expect(link.free).toBe(0);
      let rest = 0;
      for (; link.free === 0; rest += 250) clock.advance(250);
      rests.push(rest);
    }
    expect(rests).toEqual([750, 1500, 3000, 6000, 12000, 24000, 48000, 96000, 192000, 225000, 225000, 225000]);
    expect(owner.downs).toHaveLength(12);
    expect(owner.downs[0]).toMatch(/^The cloud cannot be reached: .*REFUSED.* Next try in 0\.8 s\.$/);
  });

  it.each([
    [401, 'UNAUTHORIZED', 'The cloud refuses our user name or key (401 UNAUTHORIZED'],
    [403, 'FORBIDDEN', 'The cloud refuses our user name or key (403 FORBIDDEN'],
    [404, 'NOT_FOUND', 'The cloud takes no messages at this address (404 NOT_FOUND'],
    [308, 'X', 'The cloud takes no messages at this address (308 X'],
  ])('after %i, and the operator is told', async (status, code, words) => {
    await open();
    await warmUp();
    cloud.next({ kind: 'status', status, code });
    const list = messages(5);
    expect(await send(list)).toEqual(Array(5).fill('unsent'));
    await until(() => owner.downs.length === 1);
    expect(owner.downs[0]).toContain(words);
    expect(owner.downs[0]).not.toContain('k3y');
    expect(link.free).toBe(0);
    clock.advance(1_000);
    expect(link.free).toBe(carrier.window);
    expect(await send(messages(3))).toEqual(Array(3).fill('accepted'));
    expect(bodies().map((sent) => sent.length)).toEqual([5, 1, 2]);
  });

  it('with a wrong key', async () => {
    await open();
    const wrong = cloud.url('&poll=off');
    wrong.password = 'wrong';
    await link.close(0);
    carrier = openClicksend(wrong, { clock, random: half, log: () => undefined }) as Carrier;
    link = carrier.open(0, owner);
    expect(await send(messages(3))).toEqual(Array(3).fill('unsent'));
    expect(bodies()).toHaveLength(1);
    expect(JSON.stringify([carrier.name, owner.downs])).not.toContain('wrong');
  });

  it('when the cloud asks for fewer calls, as long as it asks', async () => {
    await open();
    cloud.next({ kind: 'status', status: 429, code: 'TOO_MANY_REQUESTS', headers: { 'retry-after': '90' } });
    const list = messages(3);
    expect(await send(list)).toEqual(['deferred', 'unsent', 'unsent']);
    expect(owner.outcomeList.at(-1)).toMatchObject({ kind: 'deferred', afterMs: 90_000 });
    clock.advance(89_999);
    expect(link.free).toBe(0);
    clock.advance(1);
    expect(link.free).toBe(carrier.window);
  });

  it('when it comes to a link that just went down', async () => {
    await open();
    cloud.next({ kind: 'status', status: 401, code: 'UNAUTHORIZED' });
    await send(messages(1));
    expect(await send(messages(2))).toEqual(['unsent', 'unsent']);
    expect(bodies()).toHaveLength(1);
  });
});

describe('trouble', () => {
  it('in one of several calls is told when the others have ended', async () => {
    await open();
    await warmUp();
    cloud.next({ kind: 'silent', accept: true });
    cloud.next({ kind: 'status', status: 500, code: 'X' });
    const [first, second] = [messages(1), messages(2)];
    link.send(first!);
    await until(() => bodies().length === 1);
    expect(await send(second!)).toEqual(['unknown', 'unknown']);
    expect(owner.downs).toEqual([]);
    cloud.release();
    await settled(first!);
    expect(owner.kindsOf(first!)).toEqual(['accepted']);
    await until(() => owner.downs.length === 1);
  });

  it('costs one message a try, however many wait', async () => {
    await open();
    for (let i = 0; i < 3; i++) {
      cloud.next({ kind: 'status', status: 500, code: 'X' });
      const kinds = await send(messages(500));
      expect(kinds.filter((kind) => kind === 'unknown')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'unsent')).toHaveLength(499);
      clock.advance(300_000);
    }
  });
});

describe('the Idempotency-Key', () => {
  const keys = () => cloud.callsOf('POST', '/v3/sms/send').map(({ headers }) => headers['idempotency-key']);

  it('is the same for the same messages, until one was put off for certain', async () => {
    await open();
    const list = messages(1);
    cloud.next({ kind: 'status', status: 401, code: 'X' });
    expect(await send(list)).toEqual(['unsent']);
    clock.advance(60_000);
    cloud.next({ kind: 'status', status: 429, code: 'X', headers: { 'retry-after': '1' } });
    link.send(list);
    await until(() => owner.kindsOf(list)[0] === 'unsent,deferred');
    clock.advance(60_000);
    link.send(list);
    await until(() => owner.kindsOf(list)[0] === 'unsent,deferred,accepted');
    await send(messages(1));
    expect(keys()[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(keys()[1]).toBe(keys()[0]);
    expect(new Set(keys()).size).toBe(3);
  });
});

describe('closing', () => {
  it('waits for what is out and gives back what waits', async () => {
    await open();
    cloud.next({ kind: 'silent', accept: true });
    const list = messages(3);
    link.send(list);
    await until(() => cloud.calls.length === 1);
    const closed = link.close(5_000);
    expect(owner.kindsOf(list)).toEqual([null, 'unsent', 'unsent']);
    expect(link.free).toBe(0);
    cloud.release();
    await closed;
    expect(owner.kindsOf(list)).toEqual(['accepted', 'unsent', 'unsent']);
  });

  it('does not wait beyond its deadline', async () => {
    await open();
    cloud.next({ kind: 'silent', accept: true });
    const list = messages(1);
    link.send(list);
    await until(() => cloud.calls.length === 1);
    const closed = link.close(5_000);
    clock.advance(5_000);
    await closed;
    expect(owner.kindsOf(list)).toEqual(['unknown']);
  });
});
