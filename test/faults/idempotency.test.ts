import { Refusal } from '@veredus/server/refusal';
import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { tally } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { FakeCarrier } from './rig/fake-carrier.ts';
import { numbered, openAccount } from './rig/pipeline.ts';
import { until } from './rig/until.ts';

const rig = eachTest();

test(verifies('fault:F38', 'invariant:I4', '64 clients with one key have one effect and one answer'), async () => {
  const carrier = new FakeCarrier({ links: 2, window: 100 });
  const nodes = [await rig.start(carrier), await rig.start(carrier)];
  const caller = await openAccount(rig.db);
  const answers = await Promise.all(
    Array.from({ length: 64 }, (_, client) => nodes[client % 2]!.send(caller, numbered(3), 'key-1')),
  );
  const seen = answers.map(({ rows }) => rows.map(({ id, body, priceMicro }) => ({ id, body, priceMicro })));
  for (const answer of seen) expect(answer).toEqual(seen[0]);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  // The node that won may be the one without a bind; then the other finds the messages at its next look at the table.
  await until('the three messages', async () => {
    for (const node of nodes) node.clock.advance(250);
    return (await tally(rig.db, caller.accountId)).submitted === 3;
  });
  expect(carrier.log).toHaveLength(3);
});

test(
  verifies('fault:F38', 'idempotency:other-body', 'another body under the key is refused and sends nothing'),
  async () => {
    const node = await rig.start(new FakeCarrier());
    const caller = await openAccount(rig.db);
    await node.send(caller, numbered(1), 'key-1');
    const refused = await node.send(caller, numbered(1, 1), 'key-1').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refusal);
    expect((refused as Refusal).kind).toBe('key-reused');
    await rig.reached(caller, { submitted: 1 });
  },
);

test(verifies('fault:F38', 'a key is an account’s own'), async () => {
  const node = await rig.start(new FakeCarrier());
  const [one, two] = [await openAccount(rig.db), await openAccount(rig.db)];
  const first = await node.send(one, numbered(1), 'key-1');
  const second = await node.send(two, numbered(1), 'key-1');
  expect(second.replayed).toBe(false);
  expect(second.rows[0]!.id).not.toBe(first.rows[0]!.id);
});

test(
  verifies('fault:F38', 'idempotency:in-flight', 'a key whose first call hangs is answered as in progress after 2 s'),
  async () => {
    const node = await rig.start(new FakeCarrier());
    const caller = await openAccount(rig.db);
    const other = await rig.db.enginePool.connect();
    try {
      await other.query('begin');
      await other.query(
        `insert into idempotency_keys (account_id, route, key, digest, message_ids, created_at) values ($1, 'smsSend', 'key-1', '', '{}', 0)`,
        [caller.accountId],
      );
      const started = performance.now();
      const refused = await node.send(caller, numbered(1), 'key-1').catch((error: unknown) => error);
      expect((refused as Refusal).kind).toBe('in-progress');
      expect(performance.now() - started).toBeGreaterThan(1_900);
      await other.query('rollback');
    } finally {
      other.release();
    }
    expect(await tally(rig.db, caller.accountId)).toEqual({});
    await node.send(caller, numbered(1), 'key-1');
    await rig.reached(caller, { submitted: 1 });
  },
);
