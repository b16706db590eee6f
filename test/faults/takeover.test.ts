import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { tally } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { FakeCarrier, takeAll, takeNothing } from './rig/fake-carrier.ts';
import { numbered, openAccount } from './rig/pipeline.ts';
import { until } from './rig/until.ts';

const rig = eachTest();
const WINDOW = 10;
const LEASE_MS = 30_000;

/** A node that falls silent with a full window out and 20 messages claimed behind it. */
async function silent() {
  const carrier = new FakeCarrier({ window: WINDOW, script: takeNothing });
  const node = await rig.start(carrier, { name: 'first' });
  const caller = await openAccount(rig.db);
  await node.send(caller, numbered(30));
  await until('a full window', () => carrier.log.length === WINDOW);
  return { carrier, node, caller };
}

test(
  verifies('fault:F2', 'dispatch:high-water', 'of a dead node the window is UNKNOWN and the rest goes at once'),
  async () => {
    const { node, caller } = await silent();
    const successor = new FakeCarrier({ window: WINDOW, script: takeAll });
    const next = await rig.start(successor, { name: 'second', gone: ['first'], at: node.clock.now() + 1 });
    await rig.reached(caller, { unknown: WINDOW, submitted: 20 });
    expect(successor.log).toHaveLength(20);
    expect(next.dispatcher.state().links).toHaveLength(1);
  },
);

test(
  verifies('dispatch:fencing', 'a silent node is taken over only after its lease; then it can neither send nor settle'),
  async () => {
    const { carrier, node, caller } = await silent();
    const successor = new FakeCarrier({ window: WINDOW, script: takeAll });
    const next = await rig.start(successor, { name: 'second', at: node.clock.now() });
    next.clock.advance(LEASE_MS);
    expect(await next.recover()).toEqual({ unknown: 0, requeued: 0 });
    expect(next.dispatcher.state().links).toHaveLength(0);
    next.clock.advance(1);
    expect(await next.recover()).toEqual({ unknown: WINDOW, requeued: 20 });
    // The bind is free: the successor takes it with its next heartbeat.
    await until('the bind', () => {
      next.clock.advance(1_000);
      return next.dispatcher.state().links.length === 1;
    });
    await rig.reached(caller, { unknown: WINDOW, submitted: 20 });
    // The first wakes up: answers to what it sent are still worth having, but nothing more leaves under its old token.
    carrier.script = takeAll;
    for (const sent of [...carrier.log]) carrier.respond(takeAll(sent, 0)!);
    await until('its answers', async () => {
      node.clock.advance(1_000);
      return (await tally(rig.db, caller.accountId)).submitted === 30;
    });
    expect(carrier.log).toHaveLength(WINDOW);
  },
);

test(
  verifies('dispatch:fencing', 'of two nodes with one bind, the one without it takes nothing from the other'),
  async () => {
    const carrier = new FakeCarrier({ window: WINDOW, script: takeAll });
    const first = await rig.start(carrier, { name: 'first' });
    const second = await rig.start(carrier, { name: 'second' });
    expect(second.dispatcher.state().links).toHaveLength(0);
    const caller = await openAccount(rig.db);
    await second.send(caller, numbered(20));
    second.clock.advance(1_000);
    // Time enough for it to do what it must not.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(second.dispatcher.state()).toMatchObject({ waiting: 0, out: 0 });
    const { rows } = await rig.db.enginePool.query(
      `select 1 from messages m join claim_leases l on l.token = m.claim_token where l.node = 'second'`,
    );
    expect(rows).toEqual([]);
    await until('what the first finds in the table', async () => {
      first.clock.advance(250);
      return (await tally(rig.db, caller.accountId)).submitted === 20;
    });
  },
);
