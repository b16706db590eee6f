import { describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { balanceOf, rowsOf } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { FakeCarrier, takeAll, takeNothing } from './rig/fake-carrier.ts';
import { numbered, openAccount, PRICE, setPrice } from './rig/pipeline.ts';
import { until } from './rig/until.ts';

const rig = eachTest();

describe('more calls than money', () => {
  test(verifies('fault:F35', 'of 200 parallel sends with money for 100, exactly 100 are accepted'), async () => {
    const carrier = new FakeCarrier({ window: 50 });
    const node = await rig.start(carrier);
    const caller = await openAccount(rig.db, { creditMicro: 100 * PRICE });
    const answers = await Promise.all(numbered(200).map((message) => node.send(caller, [message])));
    const refusals = answers.flatMap(({ rows }) => rows.map(({ refusal }) => refusal));
    expect(refusals.filter((refusal) => refusal === null)).toHaveLength(100);
    expect(refusals.filter((refusal) => refusal === 'INSUFFICIENT_CREDIT')).toHaveLength(100);
    await rig.reached(caller, { submitted: 100, refused: 100 });
    expect(carrier.log).toHaveLength(100);
    expect(await balanceOf(rig.db, caller.accountId)).toEqual({ available: 0, held: 0, spent: 100 * PRICE });
  });

  test(verifies('fault:F35', 'also from two nodes at once, and one call larger than the balance'), async () => {
    const carrier = new FakeCarrier({ window: 50, links: 2 });
    const nodes = [await rig.start(carrier), await rig.start(carrier)];
    const caller = await openAccount(rig.db, { creditMicro: 100 * PRICE + PRICE - 1 });
    await Promise.all(Array.from({ length: 40 }, (_, call) => nodes[call % 2]!.send(caller, numbered(5, call * 5))));
    const rows = await rowsOf(rig.db, caller.accountId);
    expect(rows.filter(({ status }) => status !== 8)).toHaveLength(100);
    expect((await balanceOf(rig.db, caller.accountId)).available).toBe(PRICE - 1);
  });
});

test(verifies('fault:F36', 'price:frozen', 'a price that changes while messages wait is theirs no more'), async () => {
  const carrier = new FakeCarrier({ window: 100, script: takeNothing });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db, { creditMicro: 1_000 * PRICE });
  const soon = node.clock.now() / 1000 + 3_600;
  await node.send(caller, numbered(10));
  await node.send(
    caller,
    numbered(10, 10).map((message) => ({ ...message, schedule: soon })),
  );
  await setPrice(rig.db, 10 * PRICE, node.clock.now() + 1);
  await node.rates.refresh();
  node.clock.advance(1);
  const { rows } = await node.send(caller, numbered(10, 20));
  expect(rows[0]!.priceMicro).toBe(10 * PRICE);
  node.clock.advance(3_600_000);
  await until('the scheduled ones', () => {
    node.clock.advance(250);
    return carrier.log.length === 30;
  });
  for (const sent of carrier.log) carrier.respond(takeAll(sent, 0)!);
  await rig.reached(caller, { submitted: 30 });
  const charged = (await rowsOf(rig.db, caller.accountId)).map((row) => row.charged_micro);
  expect(charged.toSorted((a, b) => a - b)).toEqual([...Array(20).fill(PRICE), ...Array(10).fill(10 * PRICE)]);
  expect((await balanceOf(rig.db, caller.accountId)).spent).toBe(120 * PRICE);
});

test(
  verifies('fault:F37', 'thirds of a cent through reserve, capture and release leave not a micro-unit behind'),
  async () => {
    let turn = 0;
    const carrier = new FakeCarrier({ window: 1_000 });
    carrier.script = (sent, nth) =>
      turn++ % 3 === 0 ? { kind: 'refused', id: sent.message.id, code: 'x', words: 'no' } : takeAll(sent, nth);
    const node = await rig.start(carrier);
    const caller = await openAccount(rig.db, { creditMicro: 10_000_000 });
    await Promise.all([0, 1, 2].map((call) => node.send(caller, numbered(999, call * 999))));
    await rig.reached(caller, { submitted: 1_998, failed: 999 });
    const spent = 1_998 * PRICE;
    expect(await balanceOf(rig.db, caller.accountId)).toEqual({ available: 10_000_000 - spent, held: 0, spent });
  },
);
