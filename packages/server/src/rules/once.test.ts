import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { FakeCarrier } from '../../../../test/faults/rig/fake-carrier.ts';
import { openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { until } from '../../../../test/faults/rig/until.ts';
import { addList, regulars } from '../../../../test/rig/campaigns.ts';
import {
  actionsOf,
  addRule,
  HANDSET,
  mailsOf,
  openRules,
  ownNumber,
  pushesOf,
  type Rules,
} from '../../../../test/rig/rules.ts';
import { withClient } from '../db/with-client.ts';
import { Refusal } from '../refusal.ts';
import { dropOldActions } from './store-actions.ts';

const rig = eachTest();

/** An account on two nodes. */
async function open() {
  const carrier = new FakeCarrier();
  const [one, two] = [await rig.start(carrier), await rig.start(carrier, { name: 'two' })];
  const caller = await openAccount(rig.db);
  await ownNumber(rig.db, caller);
  return { caller, one, two, add: addRule.bind(null, rig.db, caller.accountId) };
}

async function texted(): Promise<{ recipient: string; body: string }[]> {
  const { rows } = await rig.db.enginePool.query('select recipient, body from messages where channel = 1 order by id');
  return rows;
}

const numberOf = (i: number) => `+614${String(20_000_000 + i)}`;

test(
  verifies('fault:F39', 'rules:once', 'a text that is delivered five times, to two nodes, is one text with one answer'),
  async () => {
    const { caller, one, two, add } = await open();
    await add({ action: 'AUTO_REPLY', body: 'Thanks.', position: 1 });
    await add({ action: 'URL', action_address: 'https://crm.example.test/', position: 2 });
    await add({ action: 'EMAIL_FIXED', action_address: 'ana@bakehouse.test', position: 3 });
    const nodes = [openRules(rig.db, one), openRules(rig.db, two)];
    for (let i = 0; i < 5; i++) await nodes[i % 2]!.arrive(HANDSET, 'Hello', { providerId: 'theirs-1' });
    await Promise.all(nodes.map(({ runner }) => runner.run()));
    await nodes[0]!.receive(HANDSET, 'Hello', { providerId: 'theirs-1' });
    expect(await texted()).toHaveLength(1);
    expect(await pushesOf(rig.db, caller.accountId)).toHaveLength(1);
    expect(await mailsOf(rig.db, caller.accountId)).toHaveLength(1);
    expect(await actionsOf(rig.db, caller.accountId)).toHaveLength(3);
  },
);

test(verifies('rules:once', 'two nodes at once answer each of many texts once'), async () => {
  const { one, two, add } = await open();
  const list = await addList(
    rig.db,
    (await rig.db.enginePool.query('select max(account_id) as id from accounts')).rows[0].id,
    [],
  );
  await add({ action: 'AUTO_REPLY', body: 'Thanks.', position: 1 });
  await add({ action: 'CREATE_CONTACT', action_address: String(list), position: 2 });
  const nodes = [openRules(rig.db, one), openRules(rig.db, two)];
  const count = 450;
  for (let i = 0; i < count; i++) await nodes[0]!.arrive(numberOf(i % 150), `text ${i}`);
  await Promise.all(nodes.map(({ runner }) => runner.run()));
  await Promise.all(nodes.map(({ runner }) => runner.run()));
  const recipients = (await texted()).map(({ recipient }) => recipient);
  expect(recipients).toHaveLength(count);
  expect(new Set(recipients).size).toBe(150);
  const { rows } = await rig.db.enginePool.query(
    'select count(*)::integer as contacts from contacts where list_id = $1',
    [list],
  );
  expect(rows).toEqual([{ contacts: 150 }]);
  expect(nodes.flatMap(({ logged }) => logged)).toEqual([]);
});

test(verifies('rules:once', 'a node that fell silent and comes back late does nothing twice'), async () => {
  const { caller, one, two, add } = await open();
  await add({ action: 'AUTO_REPLY', body: 'Thanks.' });
  let reached = false;
  let letGo = () => {};
  const silence = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const slow = openRules(rig.db, one, {
    async commit(job) {
      reached = true;
      await silence;
      return one.sms.commit(job);
    },
  });
  const other = openRules(rig.db, two);
  const running = slow.receive(HANDSET, 'Hello');
  await until('it is about to answer', () => reached);
  await other.runner.run();
  expect(await texted()).toEqual([]);
  two.clock.advance(60_001);
  await other.runner.run();
  letGo();
  await running;
  expect(await texted()).toHaveLength(1);
  expect(await actionsOf(rig.db, caller.accountId)).toMatchObject([{ state: 1, attempts: 2 }]);
  expect(slow.logged).toEqual([]);
});

test(verifies('rules:once', 'whether a commit was heard of or not, the action is done once'), async () => {
  const { caller, one, add } = await open();
  await add({ action: 'AUTO_REPLY', body: 'Thanks.' });
  let fails: 'before' | 'after' | null = 'before';
  const rules = openRules(rig.db, one, {
    async commit(job) {
      const how = fails;
      fails = how === 'before' ? 'after' : null;
      if (how === 'before') throw new Refusal('unavailable', 'The database is away.');
      const result = await one.sms.commit(job);
      if (how === 'after') throw new Error('Connection terminated unexpectedly');
      return result;
    },
  });
  await rules.receive(HANDSET, 'Hello');
  expect(await texted()).toEqual([]);
  expect(await actionsOf(rig.db, caller.accountId)).toMatchObject([
    { state: 0, attempts: 1, outcome: 'The database is away.' },
  ]);
  await rules.runner.run();
  expect(await texted()).toEqual([]);
  one.clock.advance(1_000);
  await rules.runner.run();
  one.clock.advance(3_600_000);
  await rules.runner.run();
  expect(await texted()).toHaveLength(1);
  expect(await actionsOf(rig.db, caller.accountId)).toMatchObject([{ state: 1, attempts: 2, outcome: 'Answered.' }]);
});

test(verifies('rules:once', 'rules:group-sms', 'a forward to a list goes on elsewhere from where it was'), async () => {
  const { caller, one, two, add } = await open();
  const list = await addList(rig.db, caller.accountId, regulars(2_500));
  await add({ action: 'GROUP_SMS', action_address: String(list) });
  let commits = 0;
  const first: Rules = openRules(rig.db, one, {
    async commit(job) {
      if (++commits === 2) void first.runner.stop();
      return one.sms.commit(job);
    },
  });
  await first.receive(HANDSET, 'Choir');
  expect(commits).toBe(2);
  expect(await texted()).toHaveLength(2_000);
  await openRules(rig.db, two).runner.run();
  const recipients = (await texted()).map(({ recipient }) => recipient);
  expect(recipients).toHaveLength(2_500);
  expect(new Set(recipients).size).toBe(2_500);
  expect(await actionsOf(rig.db, caller.accountId)).toMatchObject([{ state: 1, facts: { sent: 2_500 } }]);
});

test(verifies('rules:once', 'rules:group-sms', 'and goes on rightly when a commit was not heard of'), async () => {
  const { caller, one, add } = await open();
  const list = await addList(rig.db, caller.accountId, regulars(2_500));
  await add({ action: 'GROUP_SMS', action_address: String(list) });
  let commits = 0;
  const rules = openRules(rig.db, one, {
    async commit(job) {
      const result = await one.sms.commit(job);
      if (++commits < 4) throw new Refusal('unavailable', 'The database is away.');
      return result;
    },
  });
  await rules.receive(HANDSET, 'Choir');
  for (let i = 0; i < 4; i++) {
    one.clock.advance(30_000);
    await rules.runner.run();
  }
  const recipients = (await texted()).map(({ recipient }) => recipient);
  expect(recipients).toHaveLength(2_500);
  expect(new Set(recipients).size).toBe(2_500);
  expect(await actionsOf(rig.db, caller.accountId)).toMatchObject([
    { state: 1, outcome: 'Forwarded to 2500 contacts.' },
  ]);
});

test(verifies('rules:failure', 'a fault is tried again for a day, then told; and keeps nobody waiting'), async () => {
  const { caller, one, add } = await open();
  await add({ action: 'AUTO_REPLY', body: 'Thanks.', position: 1 });
  await add({ action: 'EMAIL_FIXED', action_address: 'ana@bakehouse.test', position: 2 });
  const rules = openRules(rig.db, one, {
    commit: async () => {
      throw new TypeError('a bug');
    },
  });
  await rules.receive(HANDSET, 'Hello');
  expect(await mailsOf(rig.db, caller.accountId)).toHaveLength(1);
  for (let minutes = 0; minutes <= 24 * 60 + 10; minutes += 10) {
    one.clock.advance(600_000);
    await rules.runner.run();
  }
  const [reply] = await actionsOf(rig.db, caller.accountId);
  expect(reply).toMatchObject({ state: 2, outcome: expect.stringContaining('fault of the platform') });
  expect(reply!.outcome).not.toContain('a bug');
  expect(rules.logged.some(({ facts }) => facts.error === 'a bug')).toBe(true);
  expect(await dropOldActions(rig.db.enginePool, one.clock.now() + 1, 100)).toBe(2);
});

test(verifies('rules:failure', 'a text the rules cannot be asked about keeps no other waiting'), async () => {
  const { one, add } = await open();
  await add({ action: 'AUTO_REPLY', body: 'Thanks.' });
  const rules = openRules(rig.db, one);
  for (let i = 0; i < 3; i++) await rules.arrive(numberOf(i), 'Hello');
  await withClient(rig.url, (admin) =>
    admin.query(`alter table rule_actions add constraint never check (handset <> '${numberOf(1)}')`),
  );
  await rules.runner.run();
  expect((await texted()).map(({ recipient }) => recipient)).toEqual([numberOf(0), numberOf(2)]);
  await rules.receive(numberOf(3), 'Hello');
  expect(await texted()).toHaveLength(3);
  expect(rules.logged.filter(({ event }) => event === 'rules.text-failed')).toHaveLength(1);
});
