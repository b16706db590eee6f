import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { clearHooks, deliveriesOf, endpointsOf } from '../../../../test/rig/webhooks.ts';
import { inTransaction } from '../db/transaction.ts';
import { messageIds } from '../messages/ids.ts';
import { systemClock, systemRandom } from '../system.ts';
import { enqueueWebhooks, type NewWebhook } from './enqueue.ts';

let database: TestDatabase;
let accounts: number[];
beforeAll(async () => {
  database = await openTestDatabase();
  accounts = [];
  for (const name of ['ana', 'ben']) accounts.push((await addAccount(database.db, name)).accountId);
});
afterAll(() => database.close());

const newId = messageIds(systemClock, systemRandom);
const event = (accountId: number, url: string, body = 'x'): NewWebhook => ({
  accountId,
  url,
  method: 'json',
  kind: 'inbound',
  subjectId: null,
  fields: { body },
  depth: 0,
  occurredAt: 7,
});
const queue = (items: readonly NewWebhook[]) =>
  inTransaction(database.db.enginePool, (run) => enqueueWebhooks(run, items, { at: 42, newId }));

test('a chunk of several accounts goes to the endpoints of each, its ids in order', async () => {
  const urls = ['https://a.example/', 'https://b.example/'];
  const items = accounts.flatMap((id) =>
    urls.flatMap((url) => [event(id, url, `1 ${url}`), event(id, url, `2 ${url}`)]),
  );
  const ids = await queue(items);
  const endpoints = await endpointsOf(database.db);
  expect(endpoints).toHaveLength(4);
  const byId = new Map((await deliveriesOf(database.db)).map((row) => [row.id, row]));
  for (const [i, item] of items.entries()) {
    const row = byId.get(ids[i]!);
    expect(row).toMatchObject({ account_id: item.accountId, body: JSON.stringify(item.fields), next_attempt_at: 42 });
    const endpoint = endpoints.find(({ endpoint_id }) => endpoint_id === row.endpoint_id);
    expect(endpoint).toMatchObject({ account_id: item.accountId, url: item.url });
  }
  expect(await queue([])).toEqual([]);
  await clearHooks(database.db);
});

test(
  verifies('invariant:I9', 'chunks with the same new addresses in any order hold up none of each other'),
  async () => {
    const urls = Array.from({ length: 40 }, (_, i) => `https://h${i}.example/`);
    const chunks = Array.from({ length: 8 }, (_, n) =>
      urls.map((_, i) => event(accounts[0]!, urls[(i * 7 + n * 13) % 40]!)),
    );
    const ids = (await Promise.all(chunks.map(queue))).flat();
    expect(await endpointsOf(database.db)).toHaveLength(40);
    expect((await deliveriesOf(database.db)).map(({ id }) => id)).toEqual([...ids].sort());
    await clearHooks(database.db);
  },
);

test('an address that is none is kept as it is, to be refused when it is tried', async () => {
  const odd = ['not a url', `https://a.example/${'x'.repeat(5_000)}`, 'http://[::1', '\ud800\u0000'];
  await queue(odd.map((url) => event(accounts[0]!, url)));
  const urls = (await endpointsOf(database.db)).map(({ url }) => url);
  expect(urls).toContain('not%20a%20url');
  expect(Math.max(...urls.map((url) => url.length))).toBe(2_049);
  await clearHooks(database.db);
});
