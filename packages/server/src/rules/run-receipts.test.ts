import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { FakeCarrier, receipt } from '../../../../test/faults/rig/fake-carrier.ts';
import { numbered, openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { actionsOf, addReceiptRule, HANDSET, mailsOf, openRules, pushesOf } from '../../../../test/rig/rules.ts';
import { withClient } from '../db/with-client.ts';
import { showMessageId } from '../messages/ids.ts';
import { Status } from '../messages/status.ts';
import { matchesReceipt } from './receipt-fields.ts';

const rig = eachTest();
const URL_A = 'https://crm.example.test/receipts';

async function open() {
  const carrier = new FakeCarrier({ window: 100 });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  const { accountId } = caller;
  return {
    carrier,
    node,
    caller,
    ...openRules(rig.db, node),
    add: addReceiptRule.bind(null, rig.db, accountId),
    async pushes() {
      const pushes = await pushesOf(rig.db, accountId);
      return pushes.map(({ url, body }) => ({ url, ...Object.fromEntries(new URLSearchParams(body)) }) as Told);
    },
    async due(): Promise<number> {
      const { rows } = await rig.db.enginePool.query('select count(*)::integer as due from events where rules_due');
      return rows[0].due;
    },
  };
}
type Told = { url: string } & Record<string, string>;

/** Two messages, the first delivered, the second not. */
async function twoEnds(world: Awaited<ReturnType<typeof open>>): Promise<[string, string]> {
  const messages = numbered(2).map((message) => ({ ...message, custom_string: 'order-8841' }));
  const { rows } = await world.node.send(world.caller, messages);
  await rig.reached(world.caller, { submitted: 2 });
  const [first, second] = rows.map(({ id }) => id) as [string, string];
  await world.carrier.receipts([receipt(`up-${first}-1`, 'delivered'), receipt(`up-${second}-1`, 'undeliverable')]);
  await rig.reached(world.caller, { delivered: 1, failed: 1 });
  return [first, second];
}

test(verifies('rules:receipts', 'all, the failures only, or the successes only; in ClickSend’s fields'), async () => {
  const world = await open();
  await world.add({ action: 'URL', action_address: `${URL_A}/all` });
  await world.add({ action: 'url', action_address: `${URL_A}/failed`, match_type: 1 });
  await world.add({ action: 'URL', action_address: `${URL_A}/successful`, match_type: 2 });
  await world.add({ action: 'URL', action_address: `${URL_A}/also-all`, match_type: 3 });
  await world.add({ action: 'URL', action_address: `${URL_A}/off`, enabled: false });
  await world.add({ action: 'URL', action_address: `${URL_A}/mails`, channel: 'email' });
  const [first, second] = (await twoEnds(world)).map(showMessageId);
  await world.receipts.run();
  const told = (await world.pushes()).map(({ url, message_id }) => `${url.slice(URL_A.length)} ${message_id}`);
  expect(told.sort()).toEqual(
    [
      `/all ${first}`,
      `/all ${second}`,
      `/also-all ${first}`,
      `/also-all ${second}`,
      `/failed ${second}`,
      `/successful ${first}`,
    ].sort(),
  );
  expect(await world.due()).toBe(0);
  expect(world.woken.pushed).toBeGreaterThan(0);
});

test(verifies('rules:receipts', 'says what ClickSend’s push says'), async () => {
  const world = await open();
  await world.add({ action: 'URL', action_address: URL_A });
  const [first, second] = (await twoEnds(world)).map(showMessageId);
  await world.receipts.run();
  const { accountId, userId } = world.caller;
  const seconds = String(Math.floor(world.node.clock.now() / 1000));
  const both = {
    url: URL_A,
    timestamp_send: seconds,
    timestamp: seconds,
    custom_string: 'order-8841',
    user_id: String(accountId),
    subaccount_id: String(userId),
    message_type: 'sms',
  };
  const byId = new Map((await world.pushes()).map((push) => [push.message_id, push]));
  expect(byId.get(first)).toEqual({
    ...both,
    message_id: first,
    status: 'Delivered',
    status_code: '201',
    status_text: 'Success: Message received on handset.',
    error_code: '',
    error_text: '',
  });
  expect(byId.get(second)).toEqual({
    ...both,
    message_id: second,
    status: 'Undelivered',
    status_code: '301',
    status_text: 'Error: Delivery failure.',
    error_code: '8',
    error_text: 'Subscriber unknown or inactive',
  });
});

test(
  verifies('rules:receipts', 'fault:F16', 'a receipt that comes five times, read by two nodes, is told once'),
  async () => {
    const world = await open();
    await world.add({ action: 'URL', action_address: URL_A });
    const { rows } = await world.node.send(world.caller, numbered(1));
    await rig.reached(world.caller, { submitted: 1 });
    for (let i = 0; i < 5; i++) await world.carrier.receipts([receipt(`up-${rows[0]!.id}-1`, 'delivered')]);
    await rig.reached(world.caller, { delivered: 1 });
    const other = openRules(rig.db, world.node);
    await Promise.all([world.receipts.run(), other.receipts.run()]);
    await world.receipts.run();
    expect(await world.pushes()).toHaveLength(1);
  },
);

test(verifies('rules:receipts', 'of one message the earlier state is told before the later'), async () => {
  const world = await open();
  await world.add({ action: 'URL', action_address: URL_A });
  const { rows } = await world.node.send(world.caller, numbered(1));
  await rig.reached(world.caller, { submitted: 1 });
  const upstream = `up-${rows[0]!.id}-1`;
  await world.carrier.receipts([receipt(upstream, 'expired')]);
  await rig.reached(world.caller, { expired: 1 });
  await world.carrier.receipts([receipt(upstream, 'delivered')]);
  await rig.reached(world.caller, { delivered: 1 });
  await world.receipts.run();
  expect((await world.pushes()).map(({ status }) => status)).toEqual(['Undelivered', 'Delivered']);
});

test(verifies('rules:receipts', 'is mailed where the rule says EMAIL'), async () => {
  const world = await open();
  await world.add({ action: 'EMAIL', action_address: 'ops@bakehouse.test', match_type: 1 });
  const [, second] = await twoEnds(world);
  await world.receipts.run();
  await world.runner.run();
  const [mail, ...others] = await mailsOf(rig.db, world.caller.accountId);
  expect(others).toEqual([]);
  expect(mail).toMatchObject({ recipient: 'ops@bakehouse.test', source: 'rule.receipt' });
  expect(mail!.subject).toContain('Undelivered');
  expect(mail!.body).toContain(`message_id: ${showMessageId(second)}`);
  expect(mail!.body).toContain('custom_string: order-8841');
  expect(await actionsOf(rig.db, world.caller.accountId)).toMatchObject([{ action: 'EMAIL', state: 1 }]);
  expect(await world.due()).toBe(0);
});

test(verifies('rules:receipts', 'also to the SMPP client that submitted the message'), async () => {
  const world = await open();
  const { accountId, userId } = world.caller;
  await rig.db.enginePool.query(
    `insert into esmes (system_id, account_id, user_id, password_hash, created_at) values ('crm', $1, $2, '', 0)`,
    [accountId, userId],
  );
  const { rows } = await world.node.send(world.caller, numbered(1));
  await rig.db.enginePool.query(
    `insert into esme_submits (id, account_id, system_id, message_id, at, registered, source, destination)
     values ($1, $2, 'crm', $1, 0, 1, 'Bakehouse', $3)`,
    [rows[0]!.id, accountId, HANDSET],
  );
  await rig.reached(world.caller, { submitted: 1 });
  await world.carrier.receipts([receipt(`up-${rows[0]!.id}-1`, 'delivered')]);
  await rig.reached(world.caller, { delivered: 1 });
  await world.receipts.run();
  await world.receipts.run();
  const { rows: queued } = await rig.db.enginePool.query(
    'select system_id, kind, source, destination from esme_deliveries',
  );
  expect(queued).toEqual([{ system_id: 'crm', kind: 2, source: HANDSET, destination: 'Bakehouse' }]);
  expect(world.woken.forwarded).toBe(1);
});

test(verifies('rules:failure', 'receipts that cannot be told keep no others waiting, and are told later'), async () => {
  const world = await open();
  await world.add({ action: 'URL', action_address: URL_A });
  const { rows } = await world.node.send(world.caller, numbered(3));
  await rig.reached(world.caller, { submitted: 3 });
  for (const [i, { id }] of rows.entries()) {
    await world.carrier.receipts([receipt(`up-${id}-1`, 'delivered')]);
    await rig.reached(world.caller, { ...(i < 2 && { submitted: 2 - i }), delivered: i + 1 });
  }
  const bad = rows[1]!.id;
  await withClient(rig.url, (admin) =>
    admin.query(`alter table webhook_deliveries add constraint never check (subject_id <> '${bad}')`),
  );
  await world.receipts.run();
  expect(await world.pushes()).toHaveLength(2);
  await withClient(rig.url, (admin) => admin.query('alter table webhook_deliveries drop constraint never'));
  await world.receipts.run();
  expect(await world.pushes()).toHaveLength(2);
  world.node.clock.advance(60_001);
  await world.receipts.run();
  expect((await world.pushes()).map(({ message_id }) => message_id)).toContain(showMessageId(bad));
  expect(await world.due()).toBe(0);
});

test('thousands are told in a few statements', async () => {
  const world = await open();
  await world.add({ action: 'URL', action_address: URL_A });
  const { rows } = await world.node.send(world.caller, numbered(1_000));
  await rig.reached(world.caller, { submitted: 1_000 });
  await rig.db.enginePool.query('update events set rules_due = false');
  const ids = rows.map(({ id }) => id);
  await rig.db.enginePool.query(
    `insert into events (account_id, at, kind, message_ids, statuses, error_codes, rules_due)
     select $1, 0, 'message.status', $2::uuid[], array_fill(3::smallint, array[1000]), array_fill(null::smallint, array[1000]), true
     from generate_series(1, 10)`,
    [world.caller.accountId, ids],
  );
  const started = performance.now();
  await world.receipts.run();
  const took = performance.now() - started;
  expect(await world.pushes()).toHaveLength(10_000);
  // Measured: 0.7 s on 2 shared cores. Row by row it would be half a minute.
  expect(took).toBeLessThan(10_000);
});

describe('which receipts a rule is for', () => {
  const ends = [Status.delivered, Status.failed, Status.expired, Status.partial];
  test.each([
    [0, [true, true, true, true]],
    [1, [false, true, true, true]],
    [2, [true, false, false, false]],
    [3, [true, true, true, true]],
  ])('match_type %i', (type, expected) => {
    expect(ends.map((status) => matchesReceipt(type, status))).toEqual(expected);
  });
});
