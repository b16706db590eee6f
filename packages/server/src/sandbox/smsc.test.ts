import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { openCarrier } from '../carriers/registry.ts';
import type { CarrierInbound, CarrierReceipt, Link, Outcome } from '../messages/carrier.ts';
import { systemClock, systemRandom } from '../system.ts';
import { openSmsc, type Smsc } from './smsc.ts';

/** The carrier's link runs on the machine's clock, the pretend network on one that the test moves. */
const clock = handClock();
let smsc: Smsc;
let link: Link;
let outcomes: Outcome[];
let receipts: CarrierReceipt[];
let inbound: CarrierInbound[];
let heard: string[];

const until = async (done: () => boolean, stepMs = 20) => {
  for (let looks = 0; !done(); looks++) {
    if (looks > 2_000) throw new Error('waited in vain');
    clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
const send = (recipient: string, body = 'Hello', parts = 1) =>
  link.send([
    { id: recipient, recipient, sender: '+61491570006', body, parts, validUntil: systemClock.now() + 3_600_000 },
  ]);

beforeEach(async () => {
  [outcomes, receipts, inbound, heard] = [[], [], [], []];
  const random = { ...systemRandom, next: () => 0.5 };
  smsc = await openSmsc({ clock, random, log: () => {}, systemId: 'sandbox', password: 'pw' });
  const carrier = openCarrier(smsc.url, { clock: systemClock, random: systemRandom, log: () => {} });
  if ('faults' in carrier) throw new Error(carrier.faults.join());
  link = carrier.open(0, {
    ready: () => {},
    down: () => {},
    outcomes: (list) => {
      outcomes.push(...list);
      heard.push(...list.map(({ kind }) => kind));
    },
    receipts: async (list) => {
      receipts.push(...list);
      heard.push(...list.map(({ state }) => state));
    },
    inbound: async (list) => void inbound.push(...list),
  });
  await until(() => link.free > 0);
});
afterEach(async () => {
  await link.close(1_000);
  await smsc.close();
});

describe('the pretend network', () => {
  it('delivers to any number, and the phone shows it', async () => {
    send('+61400000001', 'Grüße €');
    await until(() => receipts.length === 1);
    expect(receipts[0]).toMatchObject({ state: 'delivered', recipient: '61400000001' });
    expect(smsc.phones.list()).toEqual(['+61400000001']);
    expect(smsc.phones.messages('+61400000001')).toMatchObject([
      { from: '+61491570006', body: 'Grüße €', parts: 1, media: [] },
    ]);
  });

  it('[sandbox:phones] shows a long text whole', async () => {
    const body = 'Ein langer Text mit € und 😀. '.repeat(12);
    send('+61400000002', body, 6);
    await until(() => smsc.phones.list().length === 1);
    expect(smsc.phones.messages('+61400000002')).toMatchObject([{ body, parts: 6 }]);
  });

  it.each([
    ['+61411111111', ['accepted', 'delivered']],
    ['+61422222222', ['accepted', 'undeliverable']],
    ['+61433333333', ['refused']],
    ['+61444444444', ['accepted', 'expired']],
    ['+14055555555', ['deferred']],
    ['+447777777777', ['delivered', 'accepted']],
  ])('[sandbox:sentinels] %s behaves as documented: %j', async (number, expected) => {
    send(number);
    await until(() => heard.length >= expected.length);
    expect(heard).toEqual(expected);
  });

  it('[sandbox:sentinels] a throttled number takes the second try, a silent one never reports, a late one after a minute', async () => {
    send('+14055555555');
    await until(() => outcomes.length === 1);
    await until(() => link.free > 0);
    send('+14055555555');
    send('+14055555666');
    send('+8615555555555');
    await until(() => heard.includes('delivered'));
    const before = clock.monotonic();
    await until(() => receipts.some(({ recipient }) => recipient === '8615555555555'), 500);
    expect(clock.monotonic() - before).toBeGreaterThan(50_000);
    expect(receipts.map(({ recipient }) => recipient)).toEqual(['14055555555', '8615555555555']);
  });

  it('[sandbox:answer] a handset can write back, in parts where it must', async () => {
    expect(smsc.phones.answer('+61400000003', { to: '+61491570006', body: 'STOP' })).toBe(true);
    smsc.phones.answer('+61400000003', { to: '+61491570006', body: 'x'.repeat(200) });
    await until(() => inbound.length === 3);
    expect(inbound[0]).toEqual({
      providerId: null,
      from: '+61400000003',
      to: '+61491570006',
      body: 'STOP',
      part: null,
    });
    expect(inbound.slice(1).map(({ part }) => [part?.number, part?.of])).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });
});
