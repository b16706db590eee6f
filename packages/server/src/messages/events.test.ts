import type { Caller } from '@veredus/server/accounts/caller';
import { readReceipt } from '@veredus/server/receipts/read-receipts';
import { beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { FakeCarrier, receipt, takeNothing } from '../../../../test/faults/rig/fake-carrier.ts';
import { numbered, openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { until } from '../../../../test/faults/rig/until.ts';
import { Status } from './status.ts';
import { cancelQueued } from './store-cancel.ts';

const rig = eachTest();
let caller: Caller;
beforeEach(async () => {
  caller = await openAccount(rig.db);
});

const query = async (text: string, ...values: unknown[]) => (await rig.db.enginePool.query(text, values)).rows;

/** One line a message, in the order it was recorded. */
const recorded = () =>
  query(
    `select id, status, error_code, rules_due from events e, unnest(message_ids, statuses, error_codes) as m(id, status, error_code)
     where account_id = $1 and kind = 'message.status' order by event_id, id`,
    caller.accountId,
  );
const statuses = async () => (await recorded()).map(({ status }) => status);
const rule = (action: string, enabled = true) =>
  query(
    `insert into receipt_rules (account_id, rule_name, action, enabled) values ($1, 'r', $2, $3)`,
    ...[caller.accountId, action, enabled],
  );

async function submitted(count: number, carrier = new FakeCarrier({ window: 100 })) {
  const node = await rig.start(carrier);
  await node.send(caller, numbered(count));
  return { node, carrier };
}

describe('the states of messages are recorded', () => {
  test(verifies('events:message-status', 'a chunk at a time, each once, whatever comes again'), async () => {
    const { carrier } = await submitted(3);
    await rig.reached(caller, { submitted: 3 });
    const receipts = carrier.log.map(({ message }) => receipt(`up-${message.id}-1`, 'delivered'));
    await carrier.receipts([...receipts, ...receipts]);
    await carrier.receipts(receipts);
    expect(await statuses()).toEqual([2, 2, 2, 3, 3, 3]);
    const rows = await query(`select cardinality(message_ids) as n from events where $1 = any(statuses)`, 3);
    expect(rows).toEqual([{ n: 3 }]);
  });

  test(verifies('events:message-status', 'also by the careful path, for texts of several parts'), async () => {
    const carrier = new FakeCarrier({ window: 100 });
    const node = await rig.start(carrier);
    await node.send(caller, [{ to: '+61410000001', body: 'x'.repeat(200) }]);
    await rig.reached(caller, { submitted: 1 });
    const { id } = carrier.log[0]!.message;
    await carrier.receipts([receipt(`up-${id}-1`, 'delivered')]);
    await carrier.receipts([receipt(`up-${id}-2`, 'undeliverable')]);
    expect(await recorded()).toMatchObject([{ status: Status.submitted }, { id, status: Status.failed }]);
  });

  test(
    verifies('events:rules-due', 'only for accounts with somebody to tell, and only when nothing better can come'),
    async () => {
      const due = async () => (await recorded()).map(({ rules_due }) => rules_due);
      await rule('URL', false);
      const { node, carrier } = await submitted(1);
      await rig.reached(caller, { submitted: 1 });
      await carrier.receipts([receipt(`up-${carrier.log[0]!.message.id}-1`, 'delivered')]);
      expect(await due()).toEqual([false, false]);
      await rule('url');
      await node.send(caller, numbered(1, 10));
      await rig.reached(caller, { delivered: 1, submitted: 1 });
      await carrier.receipts([receipt(`up-${carrier.log[1]!.message.id}-1`, 'expired')]);
      expect(await due()).toEqual([false, false, false, true]);
    },
  );
});

describe('a message that fails without a receipt of the carrier’s', () => {
  const receiptOf = async (id: string) => (await readReceipt({ db: rig.db }, caller, { message_id: id })).data;

  test(verifies('receipt:own', 'refused at the submit: its sender gets a receipt all the same, once'), async () => {
    const refuse = new FakeCarrier({
      script: ({ message }) => ({ kind: 'refused', id: message.id, code: '0x0b', words: 'no such number' }),
    });
    await submitted(2, refuse);
    await rig.reached(caller, { failed: 2 });
    const [row] = await query('select id from messages where account_id = $1', caller.accountId);
    expect(await receiptOf(row.id)).toMatchObject({ status_code: 301, error_code: 15, message_type: 'sms' });
    expect(await statuses()).toEqual([Status.failed, Status.failed]);
    expect(await query('select raw from receipts')).toHaveLength(2);
  });

  test(verifies('receipt:own', 'refused after the time-out'), async () => {
    const silent = new FakeCarrier({ script: takeNothing });
    await submitted(1, silent);
    await until('the submit', () => silent.log.length === 1);
    const { id } = silent.log[0]!.message;
    silent.respond({ kind: 'unknown', id, words: 'no answer' });
    await rig.reached(caller, { unknown: 1 });
    expect(await query('select raw from receipts')).toEqual([]);
    silent.respond({ kind: 'refused', id, code: '0x0b', words: 'no such number' });
    await rig.reached(caller, { failed: 1 });
    expect(await receiptOf(id)).toMatchObject({ status_code: 301 });
    expect(await statuses()).toEqual([Status.unknown, Status.failed]);
  });
});

test(
  verifies('events:message-status', 'what was cancelled, and what a dead node leaves UNKNOWN, are told too'),
  async () => {
    const silent = new FakeCarrier({ script: takeNothing, window: 1 });
    const node = await rig.start(silent);
    await rule('URL');
    const later = { schedule: Math.floor(node.clock.now() / 1_000) + 3_600 };
    const { rows } = await node.send(caller, [...numbered(1), { ...numbered(1, 1)[0]!, ...later }]);
    await until('the submit', () => silent.log.length === 1);
    await cancelQueued(rig.db.enginePool, { accountId: caller.accountId, id: rows[1]!.id, now: node.clock.now() });
    node.clock.advance(60_000);
    await node.recover();
    expect(await recorded()).toMatchObject([
      { id: rows[1]!.id, status: Status.cancelled, rules_due: false },
      { id: rows[0]!.id, status: Status.unknown, rules_due: false },
    ]);
  },
);
