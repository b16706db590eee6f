import { Status } from '@veredus/server/messages/status';
import { HOLD_MS, releaseOldHolds } from '@veredus/server/messages/store-holds';
import { describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { balanceOf, rowsOf, tally } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { FakeCarrier, receipt, takeAll, takeNothing, takes } from './rig/fake-carrier.ts';
import { numbered, openAccount, PRICE } from './rig/pipeline.ts';
import { until } from './rig/until.ts';

const rig = eachTest();
const WINDOW = 10;
const DAY_MS = 86_400_000;

/** A node whose carrier has been handed as much as its window holds, and has answered none of it. */
async function fullWindow(messages: number) {
  const carrier = new FakeCarrier({ window: WINDOW, script: takeNothing });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  await node.send(caller, numbered(messages));
  await until('a full window', () => carrier.log.length === Math.min(WINDOW, messages));
  return { carrier, node, caller };
}

describe('a carrier that hangs up', () => {
  test(verifies('fault:F11', 'with a full window leaves the window UNKNOWN, and the rest goes once'), async () => {
    const { carrier, node, caller } = await fullWindow(30);
    carrier.hangUp();
    await until('unknown', async () => (await tally(rig.db, caller.accountId)).unknown === WINDOW);
    expect(carrier.log).toHaveLength(WINDOW);
    carrier.script = takeAll;
    carrier.comeBack();
    await rig.reached(caller, { unknown: WINDOW, submitted: 20 });
    node.clock.advance(DAY_MS);
    await node.recover();
    expect(await tally(rig.db, caller.accountId)).toEqual({ unknown: WINDOW, submitted: 20 });
  });

  test(verifies('fault:F11', 'sends again what it held but had not written'), async () => {
    const { carrier, node, caller } = await fullWindow(30);
    carrier.script = takeAll;
    carrier.hangUp(0, 4);
    await until('unknown', async () => (await tally(rig.db, caller.accountId)).unknown === WINDOW - 4);
    carrier.comeBack();
    node.clock.advance(1_000);
    await rig.reached(caller, { unknown: WINDOW - 4, submitted: 24 });
    const rows = await rowsOf(rig.db, caller.accountId);
    expect(rows.every(({ attempts }) => attempts === 1)).toBe(true);
  });
});

describe('a submit without an answer', () => {
  test(verifies('fault:F12', 'dispatch:unknown', 'is UNKNOWN, shown, held, and never sent again'), async () => {
    const { carrier, node, caller } = await fullWindow(3);
    const before = await balanceOf(rig.db, caller.accountId);
    carrier.respond(...carrier.log.map(({ message }) => ({ kind: 'unknown' as const, id: message.id, words: 'none' })));
    await rig.reached(caller, { unknown: 3 });
    for (let hours = 0; hours < 96; hours += 12) {
      node.clock.advance(12 * 3_600_000);
      await node.recover();
    }
    expect(carrier.log).toHaveLength(3);
    expect(await balanceOf(rig.db, caller.accountId)).toEqual(before);
  });

  test(
    verifies('fault:F12', 'ledger:unknown', 'frees its money after the hold, and pays by a receipt after all'),
    async () => {
      const { carrier, node, caller } = await fullWindow(1);
      carrier.hangUp();
      await rig.reached(caller, { unknown: 1 });
      const end = node.clock.now() + DAY_MS + HOLD_MS;
      expect(await releaseOldHolds(rig.db.enginePool, end - 1_000, 10)).toBe(0);
      expect(await releaseOldHolds(rig.db.enginePool, end + 1_000, 10)).toBe(1);
      expect(await balanceOf(rig.db, caller.accountId)).toEqual({ available: 0, held: 0, spent: 0 });
      expect((await rowsOf(rig.db, caller.accountId))[0]!.status).toBe(Status.unknown);

      const { recipient, body } = carrier.log[0]!.message;
      await carrier.receipts([{ ...receipt('lost-id', 'delivered', recipient), raw: `id:lost-id text:${body}` }]);
      node.clock.advance(5_000);
      await node.receipts.matchOrphans();
      await rig.reached(caller, { delivered: 1 });
      expect(await balanceOf(rig.db, caller.accountId)).toEqual({ available: -PRICE, held: 0, spent: PRICE });
    },
  );
});

describe('an answer after the time-out', () => {
  test(verifies('fault:F13', 'makes an UNKNOWN message submitted, pays it, and its receipt finds it'), async () => {
    const { carrier, node, caller } = await fullWindow(1);
    const { id } = carrier.log[0]!.message;
    carrier.respond({ kind: 'unknown', id, words: 'no answer within 60 s' });
    await rig.reached(caller, { unknown: 1 });
    node.clock.advance(61_000);
    carrier.respond(takes(id, ['late-1']));
    await rig.reached(caller, { submitted: 1 });
    expect(await balanceOf(rig.db, caller.accountId)).toEqual({ available: -PRICE, held: 0, spent: PRICE });
    await carrier.receipts([receipt('late-1', 'delivered')]);
    await rig.reached(caller, { delivered: 1 });
  });

  test(verifies('fault:F13', 'may also be a refusal, which gives the money back'), async () => {
    const { carrier, caller } = await fullWindow(1);
    const { id } = carrier.log[0]!.message;
    carrier.respond({ kind: 'unknown', id, words: 'no answer within 60 s' });
    await rig.reached(caller, { unknown: 1 });
    carrier.respond({ kind: 'refused', id, code: 'ESME_RINVDSTADR', words: 'no such number' });
    await rig.reached(caller, { failed: 1 });
    expect(await balanceOf(rig.db, caller.accountId)).toEqual({ available: 0, held: 0, spent: 0 });
  });
});
