import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { balanceOf, rowsOf, tally } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { FakeCarrier, receipt, takes } from './rig/fake-carrier.ts';
import { openAccount, PRICE } from './rig/pipeline.ts';

const rig = eachTest();
const THREE_PARTS = { to: '+61410000001', body: 'x'.repeat(153 * 3) };

async function sent(upstreamIds: (string | null)[]) {
  const carrier = new FakeCarrier({
    script: ({ message }) => ({ ...takes(message.id, upstreamIds), code: 'ESME_RSUBMITFAIL', words: 'part 2' }),
  });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  await node.send(caller, [THREE_PARTS]);
  return { carrier, node, caller };
}

const movedReceipts = async () => {
  const { rows } = await rig.db.enginePool.query('select count(status)::integer as n from receipts');
  return rows[0].n;
};

test(
  verifies('fault:F22', 'a rejected part makes the message partial, and only the parts taken are paid'),
  async () => {
    const { carrier, caller } = await sent(['a', null, 'c']);
    await rig.reached(caller, { partial: 1 });
    expect(await balanceOf(rig.db, caller.accountId)).toEqual({ available: -2 * PRICE, held: 0, spent: 2 * PRICE });
    await carrier.receipts([receipt('a', 'delivered'), receipt('c', 'delivered')]);
    expect(await tally(rig.db, caller.accountId)).toEqual({ partial: 1 });
    expect((await rowsOf(rig.db, caller.accountId))[0]).toMatchObject({ charged_micro: 2 * PRICE, words: 'part 2' });
    expect(carrier.log).toHaveLength(1);
  },
);

test(verifies('fault:F22', 'with no part taken it has failed and costs nothing'), async () => {
  const { caller } = await sent([null, null, null]);
  await rig.reached(caller, { failed: 1 });
  expect(await balanceOf(rig.db, caller.accountId)).toEqual({ available: 0, held: 0, spent: 0 });
});

test(verifies('fault:F22', 'the receipts of all parts make one, when the last has come, in any order'), async () => {
  const { carrier, caller } = await sent(['a', 'b', 'c']);
  await rig.reached(caller, { submitted: 1 });
  await carrier.receipts([receipt('c', 'delivered')]);
  await carrier.receipts([receipt('a', 'delivered'), receipt('a', 'delivered')]);
  expect(await tally(rig.db, caller.accountId)).toEqual({ submitted: 1 });
  expect(await movedReceipts()).toBe(0);
  await carrier.receipts([receipt('b', 'delivered')]);
  expect(await tally(rig.db, caller.accountId)).toEqual({ delivered: 1 });
  expect(await movedReceipts()).toBe(1);
});

test(verifies('fault:F22', 'one part that was not delivered is a message that was not'), async () => {
  const { carrier, caller } = await sent(['a', 'b', 'c']);
  await rig.reached(caller, { submitted: 1 });
  await carrier.receipts([receipt('a', 'delivered')]);
  await carrier.receipts([receipt('b', 'undeliverable')]);
  await carrier.receipts([receipt('c', 'delivered')]);
  expect(await tally(rig.db, caller.accountId)).toEqual({ failed: 1 });
  expect(await movedReceipts()).toBe(1);
});
