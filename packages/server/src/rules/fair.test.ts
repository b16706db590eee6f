import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { FakeCarrier } from '../../../../test/faults/rig/fake-carrier.ts';
import { type Node, numbered, openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { until } from '../../../../test/faults/rig/until.ts';
import { addList, regulars } from '../../../../test/rig/campaigns.ts';
import { actionsOf, addReceiptRule, addRule, OURS, openRules, ownNumber, STAFF } from '../../../../test/rig/rules.ts';
import { insertTexts } from '../inbound/store-texts.ts';
import { askChunk } from './ask-rules.ts';
import type { RunnerParts } from './run-rules.ts';

const rig = eachTest();

async function open() {
  const node = await rig.start(new FakeCarrier({ window: 100 }));
  const account = async () => {
    const caller = await openAccount(rig.db);
    await rig.db.enginePool.query('delete from inbound_rules where account_id = $1', [caller.accountId]);
    return caller;
  };
  return { node, noisy: await account(), quiet: await account() };
}

/** Texts to an account, each from another handset. */
async function write(node: Node, accountId: number, count: number, body = 'Hello'): Promise<void> {
  const texts = Array.from({ length: count }, (_, i) => ({
    id: node.sms.newId(),
    account_id: accountId,
    received_at: 0,
    sender: `+614${String(20_000_000 + i)}`,
    recipient: OURS,
    body,
    answers_id: null,
    keyword: null,
    whole: true,
  }));
  await insertTexts(rig.db.enginePool, texts);
}

/** Lets nothing of `held` through until it is told to; counts what waits at once, and who got through in which order. */
function gate(node: Node, held: number) {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const state = { waiting: 0, most: 0, passed: [] as number[], open: () => open() };
  const commit: RunnerParts['commit'] = async (job) => {
    const { accountId } = job.rows[0]!;
    state.waiting++;
    state.most = Math.max(state.most, state.waiting);
    if (accountId === held) await opened;
    state.waiting--;
    const result = await node.sms.commit(job);
    state.passed.push(accountId);
    return result;
  };
  return { ...state, commit, state };
}

test(verifies('rules:fair', 'what one account’s rules do keeps no other waiting'), async () => {
  const { node, noisy, quiet } = await open();
  await addRule(rig.db, noisy.accountId, { action: 'SMS', action_address: STAFF });
  await addRule(rig.db, quiet.accountId, { action: 'SMS', action_address: STAFF });
  const { state, commit } = gate(node, noisy.accountId);
  const rules = openRules(rig.db, node, { commit });
  await write(node, noisy.accountId, 60);
  const running = rules.runner.run();
  await until('the first is under way', () => state.waiting > 0);
  await write(node, quiet.accountId, 3);
  await rules.runner.tick();
  await until('the other is served', () => state.passed.length === 3);
  expect(state.passed).toEqual(Array(3).fill(quiet.accountId));
  expect(state.most).toBeLessThanOrEqual(4 + 3);
  state.open();
  await running;
  await rules.runner.run();
  const done = await actionsOf(rig.db, noisy.accountId);
  expect(done.filter(({ state }) => state === 1)).toHaveLength(60);
  expect(rules.logged).toEqual([]);
});

test(
  verifies('rules:fair', 'rules:group-sms', 'a forward to a long list waits for its turn after each chunk'),
  async () => {
    const { node, noisy, quiet } = await open();
    const third = await openAccount(rig.db);
    for (const { accountId } of [noisy, quiet, third]) {
      await rig.db.enginePool.query('delete from inbound_rules where account_id = $1', [accountId]);
      const list = await addList(rig.db, accountId, regulars(3_500));
      await addRule(rig.db, accountId, { action: 'GROUP_SMS', action_address: String(list) });
    }
    const passed: number[] = [];
    let atOnce = 0;
    let most = 0;
    const rules = openRules(rig.db, node, {
      async commit(job) {
        most = Math.max(most, ++atOnce);
        node.clock.advance(1);
        const result = await node.sms.commit(job).finally(() => atOnce--);
        passed.push(job.rows[0]!.accountId);
        return result;
      },
    });
    await write(node, noisy.accountId, 3);
    for (const { accountId } of [quiet, third]) await write(node, accountId, 1);
    await rules.runner.run();
    expect(most).toBe(2);
    // The last comes in before the first has had its second chunk done twice over.
    expect(passed.indexOf(third.accountId)).toBeLessThan(6);
    for (const [{ accountId }, forwards] of [[noisy, 3] as const, [third, 1] as const]) {
      const actions = await actionsOf(rig.db, accountId);
      expect(actions).toHaveLength(forwards);
      for (const action of actions) expect(action).toMatchObject({ state: 1, facts: { sent: 3_500 } });
    }
    expect(rules.logged).toEqual([]);
  },
);

test(verifies('rules:fair', 'rules:receipts', 'one account’s receipts keep no other’s waiting'), async () => {
  const { node, noisy, quiet } = await open();
  for (const url of ['a', 'b', 'c'])
    await addReceiptRule(rig.db, noisy.accountId, {
      action: 'URL',
      action_address: `https://noisy.example.test/${url}`,
    });
  await addReceiptRule(rig.db, quiet.accountId, { action: 'URL', action_address: 'https://quiet.example.test/' });
  const many = await node.send(noisy, numbered(1_000));
  const [one] = (await node.send(quiet, numbered(1))).rows;
  await rig.reached(noisy, { submitted: 1_000 });
  await rig.reached(quiet, { submitted: 1 });
  const pool = rig.db.enginePool;
  await pool.query('update events set rules_due = false');
  const end = (accountId: number, ids: string[], count: number) =>
    pool.query(
      `insert into events (account_id, at, kind, message_ids, statuses, error_codes, rules_due)
       select $1, n, 'message.status', $2::uuid[], array_fill(3::smallint, array[$4::integer]),
         array_fill(null::smallint, array[$4::integer]), true from generate_series(1, $3::integer) n`,
      [accountId, ids, count, ids.length],
    );
  const ids = many.rows.map(({ id }) => id);
  await end(noisy.accountId, ids, 6);
  await end(quiet.accountId, [one!.id], 2);
  const { receipts, logged } = openRules(rig.db, node);
  await receipts.run();
  const { rows: pushes } = await pool.query(
    'select account_id, occurred_at, subject_id, xmin::text as transaction from webhook_deliveries order by id',
  );
  expect(pushes).toHaveLength(6 * 3_000 + 2);
  const places = pushes.flatMap(({ account_id }, i) => (account_id === quiet.accountId ? [i] : []));
  expect(Math.max(...places)).toBeLessThan(3_000 * 2 + 2);
  const sizes = [...Map.groupBy(pushes, ({ transaction }) => transaction).values()].map(({ length }) => length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(3_000 + 2);
  const ofOne = pushes.filter(({ subject_id }) => subject_id === ids[0]).map(({ occurred_at }) => Number(occurred_at));
  expect(ofOne).toEqual([...ofOne].sort((a, b) => a - b));
  expect(logged).toEqual([]);
});

test(verifies('rules:barred', 'of an account that may not act nothing is pushed, forwarded or sent'), async () => {
  const { node, quiet } = await open();
  await ownNumber(rig.db, quiet);
  const { accountId } = quiet;
  const pool = rig.db.enginePool;
  await addRule(rig.db, accountId, { action: 'URL', action_address: 'https://crm.example.test/', position: 1 });
  await addRule(rig.db, accountId, { action: 'SMPP', action_address: 'crm', position: 2 });
  await addRule(rig.db, accountId, { action: 'EMAIL_FIXED', action_address: 'ana@bakehouse.test', position: 3 });
  await addRule(rig.db, accountId, {
    action: 'poll',
    message_search_type: 1,
    message_search_term: 'keep',
    position: 4,
  });
  await addReceiptRule(rig.db, accountId, { action: 'URL', action_address: 'https://crm.example.test/' });
  const { rows } = await node.send(quiet, numbered(1));
  await rig.reached(quiet, { submitted: 1 });
  for (const bar of ['banned = true', 'banned = false, active = false']) {
    await pool.query(`update accounts set ${bar} where account_id = $1`, [accountId]);
    await pool.query(
      `insert into events (account_id, at, kind, message_ids, statuses, error_codes, rules_due)
       values ($1, 0, 'message.status', array[$2::uuid], array[3::smallint], array[null::smallint], true)`,
      [accountId, rows[0]!.id],
    );
    await write(node, accountId, 1, 'Keep this');
    await write(node, accountId, 1, 'Not this');
    const { runner, receipts } = openRules(rig.db, node);
    await runner.run();
    await receipts.run();
  }
  expect(await actionsOf(rig.db, accountId)).toEqual([]);
  const { rows: pushes } = await pool.query('select 1 from webhook_deliveries union all select 1 from esme_deliveries');
  expect(pushes).toEqual([]);
  const { rows: texts } = await pool.query(
    'select polled, rules_at is not null as asked, body from inbound_texts order by id',
  );
  const asked = [true, false, true, false].map((polled) => ({
    polled,
    asked: true,
    body: polled ? 'Keep this' : 'Not this',
  }));
  expect(texts).toEqual(asked);
  expect((await pool.query('select 1 from events where rules_due')).rows).toEqual([]);
});

test(verifies('rules:fair', 'one account’s texts keep no other’s waiting for their rules'), async () => {
  const { node, noisy, quiet } = await open();
  for (const { accountId } of [noisy, quiet])
    await addRule(rig.db, accountId, { action: 'EMAIL_FIXED', action_address: 'ana@bakehouse.test' });
  await write(node, noisy.accountId, 190);
  await write(node, quiet.accountId, 2);
  const { parts, runner } = openRules(rig.db, node);
  expect((await askChunk(parts, [], 100)).ids).toHaveLength(100);
  expect(await actionsOf(rig.db, quiet.accountId)).toHaveLength(2);
  const { rows } = await rig.db.enginePool.query(
    `select count(*)::integer as asked from inbound_texts where rules_at is not null and account_id = $1
       and id < all(select id from inbound_texts where rules_at is null and account_id = $1)`,
    [noisy.accountId],
  );
  expect(rows).toEqual([{ asked: 98 }]);
  await runner.run();
  expect(await actionsOf(rig.db, noisy.accountId)).toHaveLength(190);
});
