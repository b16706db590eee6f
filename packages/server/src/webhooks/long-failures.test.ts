import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import {
  clearHooks,
  deliveriesOf,
  endpointsOf,
  eventsOf,
  type Hooks,
  openHooks,
} from '../../../../test/rig/webhooks.ts';

let database: TestDatabase;
let accountId: number;
let hooks: Hooks;
beforeAll(async () => {
  database = await openTestDatabase();
  ({ accountId } = await addAccount(database.db, 'hooks'));
});
afterAll(() => database.close());
beforeEach(async () => {
  hooks = await openHooks(database.db, accountId);
});
afterEach(async () => {
  await hooks.close();
  await clearHooks(database.db);
  expect(hooks.logged).toEqual([]);
});

const HOUR = 3_600_000;
const status = (code: number, headers: Record<string, string> = {}) => {
  hooks.answers.set('hooks.example', (response) => response.writeHead(code, headers).end(`said ${code}`));
};
const deliveries = () => deliveriesOf(database.db);
const endpoint = async () => (await endpointsOf(database.db))[0];

describe(verifies('webhooks:breaker', 'an endpoint that fails again and again'), () => {
  const many = (count: number) => hooks.queue(...Array.from({ length: count }, () => ({})));

  test('is left alone but for one probe at a time, with growing pauses', async () => {
    status(500);
    await many(200);
    await hooks.settle();
    while ((await endpoint()).failures < 5) await hooks.next();
    const opened = hooks.internet.clock.now();
    const before = hooks.got.length;
    expect(before).toBe(5);
    for (let probes = 0; probes < 12; probes++) await hooks.next();
    const pauses = hooks.got.slice(before).map(({ at }, i, all) => at - (i === 0 ? opened : all[i - 1]!.at));
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300, 300].map((seconds) => seconds * 1_000));
    // Those that wait have lost none of their attempts.
    const waiting = await deliveries();
    expect(waiting.filter(({ attempts }) => attempts === 0).length).toBeGreaterThan(180);
    expect(waiting.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(hooks.got.length);
    expect(waiting.every(({ state }) => state === 0)).toBe(true);
  });

  test('is back with its first success: what waits comes soon, and its people are told', async () => {
    status(500);
    await many(50);
    await hooks.settle();
    for (let i = 0; i < 8; i++) await hooks.next();
    hooks.answers.clear();
    await hooks.next();
    expect(await endpoint()).toMatchObject({ failures: 0, failing_since: null, blocked_until: null });
    expect((await eventsOf(database.db)).map(({ kind, alert_due }) => [kind, alert_due])).toEqual([
      ['webhook.recovered', false],
    ]);
    hooks.internet.clock.advance(61_000);
    for (let i = 0; i < 3; i++) await hooks.settle();
    expect((await deliveries()).every(({ state }) => state === 1)).toBe(true);
    const delivered = new Set(hooks.got.slice(9).map(({ headers }) => headers['webhook-id']));
    expect(delivered.size).toBe(50);
  });

  test('does not leave until tomorrow what failed the day before: it comes within a minute, evenly', async () => {
    status(500);
    await many(4);
    await hooks.settle();
    while ((await deliveries()).some(({ attempts }) => attempts < 6)) await hooks.next();
    hooks.answers.clear();
    await many(1);
    while ((await endpoint()).failures > 0) await hooks.next();
    const now = hooks.internet.clock.now();
    const waiting = (await deliveries()).filter(({ state }) => state === 0);
    expect(waiting).toHaveLength(4);
    const pauses = waiting.map(({ next_attempt_at }) => next_attempt_at - now).sort((a, b) => a - b);
    expect(pauses).toEqual([15_000, 30_000, 45_000, 60_000]);
    while (await hooks.next());
    expect((await deliveries()).every(({ state }) => state === 1)).toBe(true);
    expect(hooks.internet.clock.now() - now).toBe(60_000);
  });
});

describe('an endpoint that fails for days', () => {
  test(verifies(
    'fault:F28',
    'invariant:I9',
    'webhooks:id',
    'and then works gets everything, with the same ids',
  ), async () => {
    status(500);
    const begun = hooks.internet.clock.now();
    const ids = await hooks.queue(...Array.from({ length: 30 }, (_, i) => ({ fields: { body: String(i) } })));
    await hooks.settle();
    // A day later more comes.
    const end = begun + 72 * HOUR;
    while (hooks.internet.clock.now() < end) {
      await hooks.next(end);
      if (ids.length === 30 && hooks.internet.clock.now() > begun + 24 * HOUR) ids.push(...(await hooks.queue({}, {})));
    }
    expect(await endpoint()).toMatchObject({ disabled_at: null });
    hooks.answers.clear();
    while (await hooks.next());
    const all = await deliveries();
    expect(all).toHaveLength(32);
    expect(all.every(({ state }) => state === 1)).toBe(true);
    const seen = Map.groupBy(hooks.got, ({ headers }) => headers['webhook-id']!);
    expect([...seen.keys()].sort()).toEqual(ids.map((id) => `msg_${id}`).sort());
    // Every attempt of one said the same.
    for (const attempts of seen.values()) expect(new Set(attempts.map(({ body }) => body)).size).toBe(1);
    expect((await eventsOf(database.db)).map(({ kind }) => kind)).toEqual(['webhook.recovered']);
  }, 60_000);

  test(verifies(
    'fault:F28',
    'webhooks:disabled',
    'and never works is disabled at the end, with a notice',
  ), async () => {
    status(500);
    const begun = hooks.internet.clock.now();
    await hooks.queue({}, {}, {});
    await hooks.settle();
    while ((await endpoint()).disabled_at === null) {
      await hooks.next();
      if (hooks.internet.clock.now() - begun < 75 * HOUR) expect(await eventsOf(database.db)).toEqual([]);
    }
    expect((await endpoint()).disabled_at - begun).toBeGreaterThan(75 * HOUR);
    expect((await endpoint()).disabled_at - begun).toBeLessThanOrEqual(76 * HOUR);
    await hooks.settle();
    expect((await deliveries()).map(({ state }) => state)).toEqual([2, 2, 2]);
    const events = await eventsOf(database.db);
    expect(events).toMatchObject([{ kind: 'webhook.disabled', alert_due: true, account_id: accountId }]);
    expect(events[0].facts.text).toContain('Every attempt has failed since 2026-01-01 00:00 UTC.');
  }, 60_000);

  test(verifies('webhooks:disabled', 'with one success in between stays enabled when a delivery dies'), async () => {
    status(500);
    await hooks.queue({ fields: { body: 'poison' } });
    await hooks.settle();
    hooks.answers.set('hooks.example', (response) => response.writeHead(500).end());
    while ((await deliveries())[0].state === 0) {
      await hooks.next();
      if ((await deliveries())[0].attempts === 7 && (await deliveries()).length === 1) {
        hooks.answers.clear();
        await hooks.queue({});
        while ((await endpoint()).failures > 0) await hooks.next();
        // Its success makes what waits due soon, the poison as well: it fails again.
        status(500);
      }
    }
    expect((await deliveries())[0]).toMatchObject({ state: 2 });
    expect(await endpoint()).toMatchObject({ disabled_at: null });
  }, 60_000);
});
