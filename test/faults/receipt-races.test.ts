import type { Client, Pool } from '@veredus/server/db/transaction';
import { Status } from '@veredus/server/messages/status';
import { recordPart } from '@veredus/server/messages/store-receipts';
import { receiptTaker } from '@veredus/server/messages/take-receipts';
import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { rowsOf, tally } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { FakeCarrier, receipt, takeNothing, takes } from './rig/fake-carrier.ts';
import { numbered, openAccount } from './rig/pipeline.ts';
import { until } from './rig/until.ts';

const rig = eachTest();

test(verifies('fault:F22', 'receipts of two parts written at the same moment do not miss each other'), async () => {
  const carrier = new FakeCarrier({ script: ({ message }) => takes(message.id, ['a', 'b']) });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  await node.send(caller, [{ to: '+61410000001', body: 'x'.repeat(200) }]);
  await rig.reached(caller, { submitted: 1 });
  const messageId = (await rowsOf(rig.db, caller.accountId))[0]!.id;
  const [one, two] = [await rig.db.enginePool.connect(), await rig.db.enginePool.connect()];
  try {
    await one.query('begin');
    await two.query('begin');
    const first = await recordPart(one, { carrierId: 1, messageId, part: 1, state: 1 });
    const second = recordPart(two, { carrierId: 1, messageId, part: 2, state: 1 });
    await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 100))]);
    await one.query('commit');
    expect([first, await second]).toEqual([null, Status.delivered]);
    await two.query('rollback');
  } finally {
    one.release();
    two.release();
  }
});

/** A pool on which something may happen between the answer to a named statement and its arrival. */
function interrupted(pool: Pool, name: string, meanwhile: () => Promise<void>): Pool {
  const connect = async () => {
    const client = await pool.connect();
    const query = async (...args: unknown[]) => {
      const result = await (client.query as (...args: unknown[]) => Promise<unknown>)(...args);
      if ((args[0] as { name?: string }).name === name) await meanwhile();
      return result;
    };
    return { query, release: (broken?: Error) => client.release(broken) } as unknown as Client;
  };
  return { connect, query: pool.query.bind(pool) } as unknown as Pool;
}

test(verifies('fault:F15', 'a receipt that comes while orphans are looked for is looked for itself'), async () => {
  const carrier = new FakeCarrier({ script: takeNothing });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  await node.send(caller, numbered(1));
  await until('the submit', () => carrier.log.length === 1);
  // The node's own taker finds nothing to look for, and stays out of it.
  node.clock.advance(1_000);
  await node.receipts.matchOrphans();
  let looks = 0;
  const pool = interrupted(rig.db.enginePool, 'orphans', async () => {
    if (looks++ === 0) await taker.take([receipt('early', 'delivered')]);
  });
  const newId = () => crypto.randomUUID();
  const taker = receiptTaker({ pool, clock: node.clock, newId, carrierId: 1, receiptIds: 'same' });
  expect(await taker.matchOrphans()).toBe(0);
  carrier.respond(takes(carrier.log[0]!.message.id, ['early']));
  await rig.reached(caller, { submitted: 1 });
  node.clock.advance(1_000);
  expect(await taker.matchOrphans()).toBe(1);
  expect(await tally(rig.db, caller.accountId)).toEqual({ delivered: 1 });
});

test(
  verifies('fault:F15', 'six hundred receipts that are nobody’s do not hide the one that is somebody’s'),
  async () => {
    const carrier = new FakeCarrier({ script: takeNothing });
    const node = await rig.start(carrier);
    const caller = await openAccount(rig.db);
    await node.send(caller, numbered(1));
    await until('the submit', () => carrier.log.length === 1);
    await carrier.receipts(Array.from({ length: 600 }, (_, i) => receipt(`stranger-${i}`, 'delivered')));
    await carrier.receipts([receipt('early', 'delivered')]);
    carrier.respond(takes(carrier.log[0]!.message.id, ['early']));
    await until('its receipt', async () => {
      node.clock.advance(1_000);
      await node.receipts.matchOrphans();
      return (await tally(rig.db, caller.accountId)).delivered === 1;
    });
  },
);
