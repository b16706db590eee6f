import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { FakeCarrier } from '../../../../test/faults/rig/fake-carrier.ts';
import { openAccount } from '../../../../test/faults/rig/pipeline.ts';
import {
  actionsOf,
  addRule,
  eventsOf,
  HANDSET,
  mailsOf,
  openRules,
  ownNumber,
  pushesOf,
} from '../../../../test/rig/rules.ts';
import { insertTexts } from '../inbound/store-texts.ts';

const rig = eachTest();
const OTHER = '+61411111113';

async function open() {
  const carrier = new FakeCarrier();
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  await ownNumber(rig.db, caller);
  await rig.db.enginePool.query(`update users set email = 'ana@bakehouse.test'`);
  const { accountId } = caller;
  return {
    ...openRules(rig.db, node),
    node,
    accountId,
    caller,
    add: addRule.bind(null, rig.db, accountId),
    actions: () => actionsOf(rig.db, accountId),
    stops: () => eventsOf(rig.db, accountId, 'rule.loop-stopped'),
    async sent(to = HANDSET) {
      const { rows } = await rig.db.enginePool.query(
        'select count(*)::integer as sent from messages where channel = 1 and recipient = $1',
        [to],
      );
      return rows[0].sent as number;
    },
  };
}

test(verifies('fault:F40', 'an answering machine is answered ten times in ten minutes, and told of once'), async () => {
  const world = await open();
  const ruleId = await world.add({ action: 'AUTO_REPLY', body: 'We bake at six.' });
  // Each answer is answered at once.
  for (let i = 0; i < 25; i++) {
    await world.receive(HANDSET, 'I am out of office.');
    world.node.clock.advance(1_000);
  }
  expect(await world.sent()).toBe(10);
  const states = (await world.actions()).map(({ state }) => state);
  expect(states).toEqual([...Array(10).fill(1), ...Array(15).fill(3)]);
  expect(await world.stops()).toMatchObject([
    {
      rule_id: ruleId,
      action: 'AUTO_REPLY',
      handset: HANDSET,
      alert_due: true,
      subject: expect.stringContaining(HANDSET),
    },
  ]);
  await world.receive(OTHER, 'Hello');
  expect(await world.sent(OTHER)).toBe(1);

  // After a while it is answered again, and its next stop is told of again.
  world.node.clock.advance(600_000);
  for (let i = 0; i < 12; i++) await world.receive(HANDSET, 'I am out of office.');
  expect(await world.sent()).toBe(20);
  expect(await world.stops()).toHaveLength(2);
});

test(verifies('fault:F40', 'whichever nodes hear of it, and however many texts at once'), async () => {
  const world = await open();
  await world.add({ action: 'AUTO_REPLY', body: 'We bake at six.', position: 1 });
  await world.add({ action: 'URL', action_address: 'https://crm.example.test/', position: 2 });
  for (let i = 0; i < 450; i++) await world.arrive(HANDSET, `text ${i}`);
  const other = openRules(rig.db, world.node);
  await Promise.all([world.runner.run(), other.runner.run()]);
  expect(await world.sent()).toBe(10);
  expect(await world.stops()).toHaveLength(1);
  expect(await pushesOf(rig.db, world.accountId)).toHaveLength(450);
});

test(verifies('fault:F40', 'forwards and mails are stopped as well, each rule by itself'), async () => {
  const world = await open();
  await world.add({ action: 'SMS', action_address: OTHER, position: 1 });
  await world.add({ action: 'EMAIL_USER', position: 2 });
  for (let i = 0; i < 11; i++) await world.receive(HANDSET, 'Loop');
  expect(await world.sent(OTHER)).toBe(10);
  expect(await mailsOf(rig.db, world.accountId)).toHaveLength(10);
  expect(await world.stops()).toHaveLength(2);
});

test(
  verifies('rules:alerts', 'fault:F40', 'the stop is mailed to the main user, once, whichever node does it'),
  async () => {
    const world = await open();
    await world.add({ action: 'AUTO_REPLY', body: 'We bake at six.', rule_name: 'Opening\r\nhours' });
    for (let i = 0; i < 12; i++) await world.receive(HANDSET, 'Loop');
    const other = openRules(rig.db, world.node);
    await Promise.all([world.alerts.run(), other.alerts.run()]);
    await world.alerts.run();
    const mails = await mailsOf(rig.db, world.accountId);
    expect(mails).toMatchObject([
      { recipient: 'ana@bakehouse.test', source: 'alert', subject: expect.stringContaining(HANDSET) },
    ]);
    expect(mails[0]!.subject).not.toMatch(/[\r\n]/);
    expect(await world.stops()).toMatchObject([{ alert_due: false }]);
  },
);

test(verifies('rules:alerts', 'an account without an address is logged once and forgotten'), async () => {
  const world = await open();
  await rig.db.enginePool.query(`update users set email = ''`);
  await world.add({ action: 'AUTO_REPLY', body: 'We bake at six.' });
  for (let i = 0; i < 12; i++) await world.receive(HANDSET, 'Loop');
  await world.alerts.run();
  await world.alerts.run();
  expect(world.logged.map(({ event }) => event)).toEqual(['rule.loop-stopped', 'alert.nobody']);
  expect(await world.stops()).toMatchObject([{ alert_due: false }]);
});

test(verifies('fault:F41', 'a text three pushes led to is not pushed once more; all else is done'), async () => {
  const world = await open();
  await world.add({ action: 'URL', action_address: 'https://crm.example.test/', position: 1 });
  await world.add({ action: 'AUTO_REPLY', body: 'Hello', position: 2 });
  const text = {
    account_id: world.accountId,
    received_at: 0,
    recipient: '+61422222222',
    answers_id: null,
    keyword: null,
  };
  const texts = [0, 2, 3, 7].map((depth, i) => ({
    ...text,
    id: world.node.sms.newId(),
    sender: `+6142000000${i}`,
    body: `depth ${depth}`,
    whole: true,
    depth,
  }));
  await insertTexts(rig.db.enginePool, texts);
  await rig.db.enginePool.query(`update inbound_texts set depth = substr(body, 7)::smallint`);
  await world.runner.run();
  expect((await pushesOf(rig.db, world.accountId)).map(({ depth }) => depth)).toEqual([0, 2]);
  const actions = await world.actions();
  expect(actions.filter(({ action }) => action === 'URL').map(({ state }) => state)).toEqual([1, 1, 3, 3]);
  expect(actions.filter(({ action }) => action === 'AUTO_REPLY').map(({ state }) => state)).toEqual([1, 1, 1, 1]);
});
