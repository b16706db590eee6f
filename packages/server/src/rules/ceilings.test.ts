import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { numbered } from '../../../../test/faults/rig/pipeline.ts';
import { addList, regulars } from '../../../../test/rig/campaigns.ts';
import { addReceiptRule, eventsOf, HANDSET, openWorld } from '../../../../test/rig/rules.ts';
import { ALERTS } from './alerts.ts';
import { MAILS } from './loop-guard.ts';

const rig = eachTest();
const HOUR_MS = 3_600_000;

async function open() {
  const world = await openWorld(rig);
  const { accountId } = world.caller;
  return {
    ...world,
    accountId,
    stops: () => eventsOf(rig.db, accountId, 'rule.loop-stopped'),
    states: async () => (await world.actions()).map(({ state }) => state),
    /** As if a rule had acted so often, each time for another handset. */
    async acted(ruleId: number, action: string, count: number, kind = 'inbound') {
      await rig.db.enginePool.query(
        `insert into rule_actions (action_id, account_id, created_at, kind, rule_id, rule_name, subject_id, handset, action, state)
         select gen_random_uuid(), $1, $2, $6, $3, 'Rule', gen_random_uuid(), '+61430' || n, $4, 1 from generate_series(1, $5::integer) n`,
        [accountId, world.node.clock.now(), ruleId, action, count, kind],
      );
    },
    forget: () =>
      rig.db.enginePool.query('delete from rule_actions where subject_id <> all(select id from inbound_texts)'),
  };
}

test.each([
  ['AUTO_REPLY', { body: 'We bake at six.' }, 1_000],
  ['SMS', { action_address: '+61411111112' }, 1_000],
  ['GROUP_SMS', {}, 10],
])(
  verifies('rules:ceilings', 'fault:F40', '%s for ever new senders ends after some, and is told of once'),
  async (action, rule, most) => {
    const world = await open();
    const list = await addList(rig.db, world.accountId, regulars(2));
    const ruleId = await world.add({ action, action_address: String(list), ...rule, position: 1 });
    await world.add({ action: 'AUTO_REPLY', body: 'Another', position: 2 });
    await world.acted(ruleId, action, most - 2);
    for (let i = 0; i < 4; i++) await world.arrive(`+6144000000${i}`, 'Hello');
    await world.runner.run();
    await world.receive('+61440000009', 'Hello');
    await world.forget();
    const actions = await world.actions();
    expect(actions.filter(({ rule_id }) => rule_id === ruleId).map(({ state }) => state)).toEqual([1, 1, 3, 3, 3]);
    expect(actions.filter(({ rule_id }) => rule_id !== ruleId).map(({ state }) => state)).toEqual([1, 1, 1, 1, 1]);
    expect(actions.find(({ state }) => state === 3)!.outcome).toContain(`${most} times within an hour`);
    expect(await world.stops()).toMatchObject([
      { rule_id: ruleId, alert_due: true, subject: expect.stringContaining(`${most} times within an hour`) },
    ]);
    world.node.clock.advance(HOUR_MS);
    await world.receive('+61440000010', 'Hello');
    expect((await world.actions()).filter(({ rule_id }) => rule_id === ruleId).at(-1)).toMatchObject({ state: 1 });
  },
);

test(verifies('rules:ceilings', 'fault:F40', 'senders that are no telephone number are one to the guard'), async () => {
  const world = await open();
  await world.add({ action: 'EMAIL_FIXED', action_address: 'ana@bakehouse.test' });
  for (let i = 0; i < 12; i++) await world.receive(`Machine${i}`, 'Hello');
  expect(await world.states()).toEqual([...Array(10).fill(1), 3, 3]);
  expect(await world.stops()).toHaveLength(1);
  await world.receive(HANDSET, 'Hello');
  expect(await world.mails()).toHaveLength(11);
});

test(
  verifies('rules:ceilings', 'rules:email', 'what rules mail within an hour has an end, receipts with it'),
  async () => {
    const world = await open();
    const ruleId = await world.add({ action: 'EMAIL_FIXED', action_address: 'ana@bakehouse.test', position: 1 });
    await world.add({ action: 'AUTO_REPLY', body: 'Thanks', position: 2 });
    await world.acted(ruleId, 'EMAIL_FIXED', MAILS - 3);
    await addReceiptRule(rig.db, world.accountId, { action: 'EMAIL', action_address: 'ops@bakehouse.test' });
    const { rows } = await world.node.send(world.caller, numbered(5));
    await rig.reached(world.caller, { submitted: 5 });
    const ids = rows.map(({ id }) => id);
    const endAll = () =>
      rig.db.enginePool.query(
        `insert into events (account_id, at, kind, message_ids, statuses, error_codes, rules_due) values ($1, 0, 'message.status',
        $2::uuid[], array_fill(4::smallint, array[5]), array_fill(null::smallint, array[5]), true)`,
        [world.accountId, ids],
      );
    await world.receive(HANDSET, 'Hello');
    await endAll();
    await endAll();
    await world.receipts.run();
    await world.runner.run();
    await world.receive(HANDSET, 'Hello again');
    expect((await world.mails()).map(({ recipient }) => recipient)).toEqual([
      'ana@bakehouse.test',
      'ops@bakehouse.test',
      'ops@bakehouse.test',
    ]);
    const { rows: stopped } = await rig.db.enginePool.query(
      'select kind, action from rule_actions where state = 3 order by action_id',
    );
    expect(stopped).toEqual([
      { kind: 'receipt', action: 'EMAIL' },
      { kind: 'inbound', action: 'EMAIL_FIXED' },
    ]);
    expect(await world.stops()).toMatchObject([
      { alert_due: true, subject: expect.stringContaining(`${MAILS} mails`) },
    ]);
    expect((await world.messages()).filter(({ source }) => source === 'rule.auto-reply')).toHaveLength(2);

    world.node.clock.advance(HOUR_MS);
    await world.receive(HANDSET, 'And again');
    expect(await world.mails()).toHaveLength(4);
  },
);

test(verifies('rules:email', 'one text is mailed to one address once, however many rules want it'), async () => {
  const world = await open();
  const { rows } = await world.node.send(world.caller, numbered(1));
  await rig.reached(world.caller, { submitted: 1 });
  await rig.db.enginePool.query(`update users set email = 'ana@bakehouse.test'`);
  for (const [i, address] of ['ops@bakehouse.test', ' OPS@bakehouse.test', 'other@bakehouse.test'].entries())
    await world.add({ action: 'EMAIL_FIXED', action_address: address, position: i });
  for (const position of [8, 9]) await world.add({ action: 'EMAIL_USER', position });
  await world.receive(HANDSET, 'Hello');
  expect((await world.mails()).map(({ recipient }) => recipient).sort()).toEqual([
    'ana@bakehouse.test',
    'ops@bakehouse.test',
    'other@bakehouse.test',
  ]);
  expect(await world.states()).toEqual([1, 3, 1, 1, 3]);
  await world.receive(HANDSET, 'Hello again');
  expect(await world.mails()).toHaveLength(6);

  for (const match_type of [0, 1])
    await addReceiptRule(rig.db, world.accountId, {
      action: 'EMAIL',
      action_address: 'ops@bakehouse.test',
      match_type,
    });
  await rig.db.enginePool.query(
    `insert into events (account_id, at, kind, message_ids, statuses, error_codes, rules_due)
     values ($1, 0, 'message.status', array[$2::uuid], array[4::smallint], array[null::smallint], true)`,
    [world.accountId, rows[0]!.id],
  );
  await world.receipts.run();
  await world.runner.run();
  expect((await world.mails()).filter(({ source }) => source === 'rule.receipt')).toHaveLength(1);
});

test(verifies('rules:email', 'a mail says whose it is and why it comes'), async () => {
  const world = await open();
  await rig.db.enginePool.query(`update accounts set name = E'Bake\\r\\n\\r\\nhouse' where account_id = $1`, [
    world.accountId,
  ]);
  await world.add({ action: 'EMAIL_FIXED', action_address: 'ana@bakehouse.test', rule_name: 'Orders\nby text' });
  await world.receive(HANDSET, 'Hello');
  const [mail] = await world.mails();
  expect(mail!.body).toContain(
    `You get this mail because a rule of the account "Bake house" (number ${world.accountId}), "Orders by text", mails texts`,
  );
  expect(mail!.body).toContain('whoever runs this server');
});

test(verifies('rules:alerts', 'a flood of alerts is some mails, and one that says there is more'), async () => {
  const world = await open();
  await rig.db.enginePool.query(`update users set email = 'ana@bakehouse.test'`);
  const alert = (count: number) =>
    rig.db.enginePool.query(
      `insert into events (account_id, at, kind, facts, alert_due)
       select $1, 0, 'webhook.disabled', '{"subject": "Look at this"}', true from generate_series(1, $2::integer)`,
      [world.accountId, count],
    );
  await alert(ALERTS + 30);
  await world.alerts.run();
  await alert(5);
  await world.alerts.run();
  const subjects = (await world.mails()).map(({ subject }) => subject);
  expect(subjects).toHaveLength(ALERTS + 1);
  expect(subjects.filter((subject) => subject === 'Look at this')).toHaveLength(ALERTS);
  expect(subjects.at(-1)).toContain('More needs your attention');
  expect((await rig.db.enginePool.query('select 1 from events where alert_due')).rows).toEqual([]);
  expect(world.logged.filter(({ event }) => event === 'alert.left-out')).toHaveLength(29 + 5);
  world.node.clock.advance(HOUR_MS);
  await alert(1);
  await world.alerts.run();
  expect((await world.mails()).at(-1)!.subject).toBe('Look at this');
});
