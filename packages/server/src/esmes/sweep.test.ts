import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount, idAt, storeMessages } from '../../../../test/rig/stored-messages.ts';
import { firstIdOf } from '../messages/ids.ts';
import { DeliveryKind, type NewDelivery } from './delivery.ts';
import { claimDeliveries, dropOldDeliveries, settleDeliveries } from './store-deliveries.ts';
import { insertDeliveries } from './store-queue.ts';
import { dropOldSubmits, insertSubmits, type Submit } from './store-submits.ts';

let own: TestDatabase;
let account: { accountId: number; userId: number };
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 2, 1);

beforeAll(async () => {
  own = await openTestDatabase();
  account = await addAccount(own.db, 'ana');
});
afterAll(() => own.close());
beforeEach(() => own.db.enginePool.query('delete from esme_submits'));

test('submits are dropped by their age, but for those whose receipt is still to come', async () => {
  const { accountId, userId } = account;
  const old = NOW - 40 * DAY;
  const [sent, scheduled] = await storeMessages(own.db, [
    { account_id: accountId, user_id: userId, created_at: old, status: 3 },
    { account_id: accountId, user_id: userId, created_at: old, status: 0, next_attempt_at: NOW + DAY },
  ]);
  const young = idAt(NOW);
  const submit = (id: string): Submit => ({
    ...{ id, accountId, systemId: 'acme', messageId: id, at: old, registered: 1, source: 'a', destination: 'b' },
    part: null,
  });
  await insertSubmits(own.db.enginePool, [sent!, scheduled!, young].map(submit));
  expect(await dropOldSubmits(own.db.enginePool, firstIdOf(NOW - 30 * DAY), 100)).toBe(1);
  const { rows } = await own.db.enginePool.query('select id from esme_submits order by id');
  expect(rows.map(({ id }) => id)).toEqual([scheduled, young]);
});

test('deliveries are dropped by their age once they are over', async () => {
  const { accountId } = account;
  const delivery = (createdAt: number, order: number): NewDelivery => ({
    ...{ id: idAt(createdAt, order), accountId, systemId: 'acme', kind: DeliveryKind.text, subjectId: null },
    ...{ source: '"a\\', destination: "b'", body: 'c', facts: {}, createdAt },
  });
  const all = [delivery(NOW - 40 * DAY, 1), delivery(NOW - 40 * DAY, 2), delivery(NOW, 3)];
  await insertDeliveries(own.db.enginePool, all);
  const over = [all[0]!, all[2]!].map(({ id }) => ({
    ...{ id, claimedUntil: 0, nextAttemptAt: null },
    ...{ outcome: 'delivered', tried: true },
  }));
  await settleDeliveries(own.db.enginePool, over, NOW);
  expect(await dropOldDeliveries(own.db.enginePool, NOW - 30 * DAY, 100)).toBe(1);
  const { rows } = await own.db.enginePool.query('select id, source, destination from esme_deliveries order by id');
  expect(rows).toMatchObject([{ id: all[1]!.id, source: '"a\\', destination: "b'" }, { id: all[2]!.id }]);
});

test(
  verifies('smpp-door:at-least-once', 'whose claim has run out says nothing more of it, but that it was taken'),
  async () => {
    const pool = own.db.enginePool;
    const { accountId } = account;
    const delivery: NewDelivery = {
      ...{ id: idAt(NOW, 7), accountId, systemId: 'acme', kind: DeliveryKind.text, subjectId: null },
      ...{ source: 'a', destination: 'b', body: 'c', facts: {}, createdAt: NOW },
    };
    await insertDeliveries(pool, [delivery]);
    const rooms = [{ accountId, systemId: 'acme', room: 10 }];
    const [first] = await claimDeliveries(pool, rooms, { now: NOW, until: NOW + 1_000 });
    const [second] = await claimDeliveries(pool, rooms, { now: NOW + 1_000, until: NOW + 2_000 });
    const settle = (claimedUntil: number, outcome: string) =>
      settleDeliveries(pool, [{ id: delivery.id, claimedUntil, nextAttemptAt: null, outcome, tried: true }], NOW);
    const now = async () => {
      const text = 'select attempts, claimed_until, done_at, outcome from esme_deliveries where id = $1';
      return (await pool.query(text, [delivery.id])).rows;
    };
    await settle(first!.claimedUntil, 'ESME_RX_R_APPN');
    expect(await now()).toEqual([{ attempts: 2, claimed_until: second!.claimedUntil, done_at: null, outcome: null }]);
    await settle(first!.claimedUntil, 'delivered');
    expect(await now()).toMatchObject([{ done_at: NOW, outcome: 'delivered' }]);
  },
);
