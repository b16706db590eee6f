import { withClient } from '@veredus/server/db/with-client';
import type { CarrierReceipt, ReceiptState } from '@veredus/server/messages/carrier';
import { receiptTaker } from '@veredus/server/messages/take-receipts';
import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { rowsOf, tally } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { FakeCarrier, receipt, takeAll, takeNothing, takes } from './rig/fake-carrier.ts';
import { numbered, openAccount } from './rig/pipeline.ts';
import { until } from './rig/until.ts';

const rig = eachTest();
const DAY_MS = 86_400_000;

async function submitted(count: number, carrier = new FakeCarrier({ window: 100, links: 2 })) {
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  await node.send(caller, numbered(count));
  await rig.reached(caller, { submitted: count });
  return { carrier, node, caller, ids: carrier.log.map(({ message }) => `up-${message.id}-1`) };
}

/** Every receipt kept, and those of them that moved a message. */
async function kept(): Promise<{ all: number; moved: number; orphans: number }> {
  const { rows } = await rig.db.enginePool.query(
    `select count(*)::integer as all, count(status)::integer as moved,
       count(*) filter (where message_id is null)::integer as orphans from receipts`,
  );
  return rows[0];
}

test(verifies('fault:F15', 'receipt:raw-first', 'a receipt before its response waits for it'), async () => {
  const carrier = new FakeCarrier({ script: takeNothing });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  await node.send(caller, numbered(1));
  await until('the submit', () => carrier.log.length === 1);
  await carrier.receipts([receipt('early', 'delivered')]);
  expect(await kept()).toEqual({ all: 1, moved: 0, orphans: 1 });
  expect(await tally(rig.db, caller.accountId)).toEqual({ claimed: 1 });
  carrier.respond(takes(carrier.log[0]!.message.id, ['early']));
  await rig.reached(caller, { delivered: 1 });
  expect(await kept()).toEqual({ all: 1, moved: 1, orphans: 0 });
});

test(verifies('fault:F15', 'response and receipt in one breath find each other'), async () => {
  const carrier = new FakeCarrier({ window: 100, script: takeNothing });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  await node.send(caller, numbered(50));
  await until('the submits', () => carrier.log.length === 50);
  const said = carrier.log.map(async (sent, at) => {
    const early = at % 2 === 0 ? carrier.receipts([receipt(`up-${sent.message.id}-1`, 'delivered')]) : null;
    carrier.respond(takeAll(sent, 0)!);
    await (early ?? carrier.receipts([receipt(`up-${sent.message.id}-1`, 'delivered')]));
  });
  await Promise.all(said);
  // Looks follow each other after a pause, and this clock moves by hand only.
  await until('all delivered', async () => {
    node.clock.advance(1_000);
    await node.receipts.matchOrphans();
    return (await tally(rig.db, caller.accountId)).delivered === 50;
  });
});

test(
  verifies('fault:F16', 'the same receipt five times, and again after a restart, moves its message once'),
  async () => {
    const { carrier, node, caller, ids } = await submitted(1);
    const again = receipt(ids[0]!, 'delivered');
    await carrier.receipts([again, again]);
    await carrier.receipts([again]);
    await carrier.receipts([again]);
    await node.dispatcher.stop(0);
    const successor = new FakeCarrier({ links: 2 });
    const next = await rig.start(successor, { at: node.clock.now() + 60_000 });
    await successor.receipts([again], 1);
    await next.receipts.matchOrphans();
    expect(await kept()).toEqual({ all: 5, moved: 1, orphans: 0 });
    expect(await tally(rig.db, caller.accountId)).toEqual({ delivered: 1 });
  },
);

const EVENTS: ReceiptState[] = ['enroute', 'accepted', 'expired', 'undeliverable', 'delivered'];

/** What a message must have come to: the first final word stands, except that a late delivery replaces an expiry. */
function verdict(order: readonly ReceiptState[]): string {
  let state = 'submitted';
  for (const event of order) {
    if (event === 'delivered' && state !== 'failed') state = 'delivered';
    else if (state === 'submitted' && event === 'expired') state = 'expired';
    else if (state === 'submitted' && event === 'undeliverable') state = 'failed';
  }
  return state;
}

const orders = (events: readonly ReceiptState[]): ReceiptState[][] =>
  events.length < 2
    ? [[...events]]
    : events.flatMap((event) => orders(events.filter((other) => other !== event)).map((rest) => [event, ...rest]));

test(
  verifies('fault:F17', 'invariant:I6', 'receipts in all 120 orders end where the states allow, and never go back'),
  async () => {
    const all = orders(EVENTS);
    const { carrier, caller, ids } = await submitted(all.length);
    for (let round = 0; round < EVENTS.length; round++) {
      await carrier.receipts(all.map((order, message) => receipt(ids[message]!, order[round]!)));
      const expected: Record<string, number> = {};
      for (const order of all) {
        const state = verdict(order.slice(0, round + 1));
        expected[state] = (expected[state] ?? 0) + 1;
      }
      expect(await tally(rig.db, caller.accountId), `after ${round + 1}`).toEqual(expected);
    }
    expect((await kept()).all).toBe(120 * 5);
  },
);

/** One number as carriers write it. The response has it one way, the receipt another. */
const FORMS: Record<string, (id: number) => string> = {
  hex: (id) => id.toString(16),
  HEX: (id) => id.toString(16).toUpperCase(),
  'padded hex': (id) => id.toString(16).toUpperCase().padStart(16, '0'),
  decimal: (id) => String(id),
  'padded decimal': (id) => String(id).padStart(20, '0'),
};
const pairs = Object.keys(FORMS).flatMap((said) => Object.keys(FORMS).map((reported) => [said, reported] as const));

test(
  verifies('fault:F18', 'receipt:matching', 'an id comes in 25 pairs of base, padding and case, and each is matched'),
  async () => {
    const carrier = new FakeCarrier({ window: 100, script: takeNothing });
    const node = await rig.start(carrier);
    const caller = await openAccount(rig.db);
    await node.send(caller, numbered(pairs.length));
    await until('the submits', () => carrier.log.length === pairs.length);
    // Far enough apart that no reading of one is a reading of another; with letters in their hexadecimal form.
    const idOf = (at: number) => 0xabc_0000 + at * 0x1_1111;
    carrier.respond(...carrier.log.map(({ message }, at) => takes(message.id, [FORMS[pairs[at]![0]]!(idOf(at))])));
    await rig.reached(caller, { submitted: pairs.length });
    for (const [at, pair] of pairs.entries()) {
      // Each through a taker of its own: one learns the form its carrier keeps to, and no carrier has them all.
      const taker = receiptTaker({
        pool: rig.db.enginePool,
        clock: node.clock,
        newId: () => crypto.randomUUID(),
        carrierId: 1,
        receiptIds: 'auto',
      });
      await taker.take([receipt(FORMS[pair[1]]!(idOf(at)), 'delivered', carrier.log[at]!.message.recipient.slice(1))]);
      const row = (await rowsOf(rig.db, caller.accountId)).find(({ id }) => id === carrier.log[at]!.message.id);
      expect(row?.status, pair.join(' reported as ')).toBe(3);
    }
  },
);

test(verifies('fault:F18', 'an id that two messages could have is matched to neither'), async () => {
  const carrier = new FakeCarrier({ window: 100, script: takeNothing });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  const to = '+61410000001';
  await node.send(caller, [
    { to, body: 'one' },
    { to, body: 'two' },
    { to: '+61410000002', body: 'three' },
  ]);
  await until('the submits', () => carrier.log.length === 3);
  // 10 in hexadecimal is 16 in decimal.
  const [one, two, three] = carrier.log.map(({ message }) => message.id);
  carrier.respond(takes(one!, ['10']), takes(two!, ['16']), takes(three!, ['22']));
  await rig.reached(caller, { submitted: 3 });
  await carrier.receipts([receipt('16', 'delivered', to)]);
  node.clock.advance(10_000);
  await node.receipts.matchOrphans();
  expect(await tally(rig.db, caller.accountId)).toEqual({ submitted: 3 });
  expect(await kept()).toEqual({ all: 1, moved: 0, orphans: 1 });
  // 22 is 16 in hexadecimal, but it was sent to somebody else: the handset tells them apart.
  await carrier.receipts([receipt('16', 'delivered', '61410000002')]);
  await rig.reached(caller, { submitted: 2, delivered: 1 });
});

test.each([
  ['25 hours later', 25 * 3_600_000],
  ['8 days later', 8 * DAY_MS],
])('[fault:F19] a receipt on another bind, after a restart, %s', async (_, afterMs) => {
  const { node, caller, ids } = await submitted(4);
  await node.dispatcher.stop(0);
  const successor = new FakeCarrier({ links: 2 });
  await rig.start(successor, { at: node.clock.now() + afterMs });
  await successor.receipts(
    ids.slice(0, 2).map((id) => receipt(id, 'delivered')),
    0,
  );
  await successor.receipts(
    ids.slice(2).map((id) => receipt(id, 'delivered')),
    1,
  );
  await rig.reached(caller, { delivered: 4 });
});

test(verifies('fault:F15', 'receipt:raw-first', 'a receipt that cannot be stored is not acknowledged'), async () => {
  const { carrier, caller, ids } = await submitted(1);
  await withClient(rig.url, (admin) =>
    admin.query(`alter table receipts_default add constraint shut check (raw <> 'shut')`),
  );
  const shut: CarrierReceipt = { ...receipt(ids[0]!, 'delivered'), raw: 'shut' };
  await expect(carrier.receipts([shut])).rejects.toThrow(/shut/);
  expect(await tally(rig.db, caller.accountId)).toEqual({ submitted: 1 });
  await carrier.receipts([{ ...shut, raw: 'open' }]);
  await rig.reached(caller, { delivered: 1 });
});
