import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount, idAt, storeMessages } from '../../../../test/rig/stored-messages.ts';
import { firstIdOf } from '../messages/ids.ts';
import { DeliveryKind, type NewDelivery } from './delivery.ts';
import { dropOldDeliveries, settleDeliveries } from './store-deliveries.ts';
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
  const over = [all[0]!, all[2]!].map(({ id }) => ({ id, nextAttemptAt: null, outcome: 'delivered', tried: true }));
  await settleDeliveries(own.db.enginePool, over, NOW);
  expect(await dropOldDeliveries(own.db.enginePool, NOW - 30 * DAY, 100)).toBe(1);
  const { rows } = await own.db.enginePool.query('select id, source, destination from esme_deliveries order by id');
  expect(rows).toMatchObject([{ id: all[1]!.id, source: '"a\\', destination: "b'" }, { id: all[2]!.id }]);
});
