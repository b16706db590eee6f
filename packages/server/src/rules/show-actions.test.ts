import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { FakeCarrier } from '../../../../test/faults/rig/fake-carrier.ts';
import { openAccount, START } from '../../../../test/faults/rig/pipeline.ts';
import { addRule, HANDSET, openRules, ownNumber } from '../../../../test/rig/rules.ts';
import type { Caller } from '../accounts/caller.ts';
import { showActions } from './show-actions.ts';

const rig = eachTest();

const show = (caller: Caller, id: number, query: Record<string, string> = {}) => {
  const read = readCall(endpoints.inboundRuleActions, { params: { inbound_rule_id: String(id) }, query });
  if (!read.ok) throw new Error(JSON.stringify(read.fields));
  const parts = { db: rig.db, publicUrl: () => 'https://msg.example.test' };
  return showActions(parts, caller, read.call.params, read.call.query);
};

test(verifies('rules:shown', 'page by page, with what came of each; to nobody else'), async () => {
  const node = await rig.start(new FakeCarrier());
  const caller = await openAccount(rig.db);
  const stranger = await openAccount(rig.db);
  await ownNumber(rig.db, caller);
  const reply = await addRule(rig.db, caller.accountId, { action: 'AUTO_REPLY', body: 'Hello', position: 1 });
  const broken = await addRule(rig.db, caller.accountId, { action: 'SMS', action_address: 'x', position: 2 });
  const { receive } = openRules(rig.db, node);
  for (let i = 0; i < 12; i++) {
    await receive(HANDSET, `text ${i}`);
    node.clock.advance(1_000);
  }
  const { data } = await show(caller, reply, { limit: '5' });
  expect(data).toMatchObject({ total: 12, last_page: 3, per_page: 5 });
  expect(data.next_page_url).toBe(
    `https://msg.example.test/v3/automations/sms/inbound/${reply}/actions?limit=5&page=2`,
  );
  expect(data.data.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'done', 'done', 'done']);
  const last = (await show(caller, reply, { limit: '5', page: '3' })).data.data.at(-1);
  const { rows } = await rig.db.enginePool.query('select upper(min(id::text)) as id from inbound_texts');
  expect(last).toEqual({
    action_id: expect.stringMatching(/^[0-9A-F-]{36}$/),
    message_id: rows[0].id,
    handset: HANDSET,
    action: 'AUTO_REPLY',
    state: 'done',
    outcome: 'Answered.',
    attempts: 1,
    date_added: START / 1000,
    date_done: START / 1000,
  });
  expect((await show(caller, reply, { page: '9' })).data.data).toEqual([]);
  expect((await show(caller, broken)).data.data[0]).toMatchObject({ state: 'stopped' });
  await expect(show(stranger, reply)).rejects.toMatchObject({ kind: 'not-found' });
  // What a rule did is shown as long as it is kept, also when the rule is gone.
  await rig.db.enginePool.query('delete from inbound_rules');
  expect((await show(caller, reply)).data.total).toBe(12);
  await expect(show(caller, 2_000_000_000)).rejects.toMatchObject({ kind: 'not-found' });
});

test(verifies('rules:shown', 'a rule that has done nothing has an empty page'), async () => {
  const caller = await openAccount(rig.db);
  const rule = await addRule(rig.db, caller.accountId, { action: 'POLL' });
  expect((await show(caller, rule)).data).toMatchObject({ total: 0, data: [], from: null });
});
