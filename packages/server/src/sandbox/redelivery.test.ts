import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { LinkOwner, until } from '../../../../test/rig/link-owner.ts';
import { openCarrier } from '../carriers/registry.ts';
import type { Link } from '../messages/carrier.ts';
import { openSmsc, type Smsc } from './smsc.ts';

/** A message centre keeps what nobody has taken from it. Both sides on one clock that the test moves. */
const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
let clock: HandClock;
let smsc: Smsc;
let owner: LinkOwner;
let links: Link[];

beforeEach(async () => {
  clock = handClock();
  owner = new LinkOwner();
  links = [];
  smsc = await openSmsc({ clock, random, log: () => {}, systemId: 'sandbox', password: 'pw' });
});
afterEach(async () => {
  for (const link of links) await hangUp(link);
  await smsc.close();
});

async function dial(query = ''): Promise<Link> {
  const carrier = openCarrier(`${smsc.url}?${query}`, { clock, random, log: () => {} });
  if ('faults' in carrier) throw new Error(carrier.faults.join());
  const link = carrier.open(0, owner);
  links.push(link);
  await until(() => link.free > 0);
  return link;
}
async function hangUp(link: Link): Promise<void> {
  links = links.filter((other) => other !== link);
  await link.close(1_000);
}
const send = (link: Link) =>
  link.send([
    { id: 'm', recipient: '+61400000001', sender: 'S', body: 'Hi', parts: 1, validUntil: clock.now() + 3_600_000 },
  ]);
/** Time passes in steps, so that what is on the wire between them can arrive. */
const pass = (done: () => boolean) =>
  until(() => {
    clock.advance(10);
    return done();
  });

it('a receipt that could not be stored comes again', async () => {
  const link = await dial();
  let failed = 0;
  owner.storing = async () => {
    if (++failed <= 2) throw new TypeError('the database is down');
  };
  send(link);
  await pass(() => owner.receiptList.length === 1);
  expect(failed).toBe(3);
  expect(clock.monotonic()).toBeGreaterThan(10_000);
});

it('a receipt waits for the next bind when its own is gone', async () => {
  const link = await dial();
  send(link);
  await until(() => owner.outcomeList.length === 1);
  await hangUp(link);
  clock.advance(60_000);
  expect(owner.receiptList).toEqual([]);
  await dial();
  await pass(() => owner.receiptList.length === 1);
  expect(owner.receiptList[0]).toMatchObject({ state: 'delivered', recipient: '61400000001' });
});

it('a receipt for a transmitter leaves by the receiver', async () => {
  const link = await dial('mode=tx+rx');
  send(link);
  await pass(() => owner.receiptList.length === 1);
  expect(owner.receiptList[0]).toMatchObject({ state: 'delivered' });
});

it('closes with a stranger on the line who never bound', async () => {
  const other = await openSmsc({ clock, random, log: () => {}, systemId: 'sandbox', password: 'pw' });
  const stranger = connect(other.port, '127.0.0.1');
  stranger.on('error', () => {});
  let greeted = false;
  stranger.on('connect', () => {
    greeted = true;
  });
  await until(() => greeted);
  await other.close();
  stranger.destroy();
});
