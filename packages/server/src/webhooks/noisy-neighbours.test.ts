import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { clearHooks, deliveriesOf, type Hooks, openHooks } from '../../../../test/rig/webhooks.ts';

let database: TestDatabase;
let slowOnes: number[];
let accountId: number;
let hooks: Hooks;
beforeAll(async () => {
  database = await openTestDatabase();
  ({ accountId } = await addAccount(database.db, 'good'));
  slowOnes = [];
  for (let i = 0; i < 8; i++) slowOnes.push((await addAccount(database.db, `slow-${i}`)).accountId);
});
afterAll(() => database.close());
beforeEach(async () => {
  hooks = await openHooks(database.db, accountId);
});
afterEach(async () => {
  // What hangs is hung up on, and told as a failure.
  const stopping = hooks.sender.stop(0);
  hooks.internet.clock.advance(20_000);
  await stopping;
  await hooks.close();
  await clearHooks(database.db);
});

const SECOND = 1_000;
const good = () => hooks.got.filter(({ host }) => host === 'good.example');

/** Sends an event to the good one each second for so long, while time passes by hand; the delays of those that arrived, in ms. */
async function delaysOver(seconds: number): Promise<number[]> {
  const queuedAt = new Map<string, number>();
  for (let second = 0; second < seconds; second++) {
    const [id] = await hooks.queue({ url: 'https://good.example/' });
    queuedAt.set(`msg_${id}`, hooks.internet.clock.now());
    await hooks.sender.run();
    // Its answer comes in a moment of real time, in which the hand clock stands still; a slow one's does not come.
    const found = good().length;
    if (found < queuedAt.size) await eventually(async () => good().length > found, 500).catch(() => null);
    hooks.internet.clock.advance(SECOND);
  }
  return good().map(({ headers, at }) => at - queuedAt.get(headers['webhook-id']!)!);
}

const p95 = (delays: readonly number[]) => [...delays].sort((a, b) => a - b)[Math.floor(delays.length * 0.95)]!;

describe(verifies('fault:F27', 'invariant:I9', 'while a receiver takes 29 seconds each'), () => {
  test('with ten thousand events waiting for it, another one waits for nothing', async () => {
    hooks.answers.set('slow.example', () => {});
    for (let chunk = 0; chunk < 10; chunk++)
      await hooks.queue(...Array.from({ length: 1_000 }, () => ({ url: 'https://slow.example/' })));
    const delays = await delaysOver(60);
    expect(delays).toHaveLength(60);
    expect(p95(delays)).toBeLessThan(5 * SECOND);
    // It holds one attempt at a time, and nothing of it is lost.
    const slow = hooks.got.filter(({ host }) => host === 'slow.example');
    expect(slow.length).toBeLessThanOrEqual(5);
    const { rows } = await database.db.enginePool.query(
      `select count(*)::integer as waiting from webhook_deliveries d join webhook_endpoints e using (endpoint_id)
       where e.url like '%slow%' and state = 0`,
    );
    expect(rows[0].waiting).toBe(10_000);
  }, 60_000);

  test('and hundreds of such, of many accounts, as well', async () => {
    // Known to work before the storm.
    await hooks.queue({ url: 'https://good.example/' });
    await hooks.settle();
    hooks.got.length = 0;
    for (let i = 0; i < 400; i++) hooks.answers.set(`slow-${i}.example`, () => {});
    await hooks.queue(
      ...Array.from({ length: 2_000 }, (_, i) => ({
        accountId: slowOnes[i % slowOnes.length]!,
        url: `https://slow-${i % 400}.example/`,
      })),
    );
    await hooks.sender.run();
    const delays = await delaysOver(60);
    expect(delays).toHaveLength(60);
    expect(p95(delays)).toBeLessThan(5 * SECOND);
    expect(hooks.got.length - 60).toBeGreaterThan(100);
    const open = await hooks.internet.open();
    expect(open).toBeLessThanOrEqual(256);
    expect((await deliveriesOf(database.db)).filter(({ state }) => state === 2)).toEqual([]);
  }, 60_000);
});
