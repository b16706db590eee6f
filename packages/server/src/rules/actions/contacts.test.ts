import { expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { eachTest } from '../../../../../test/faults/rig/each-test.ts';
import { addList } from '../../../../../test/rig/campaigns.ts';
import { eventsOf, HANDSET, OTHER, OURS, openWorld } from '../../../../../test/rig/rules.ts';

const rig = eachTest();

test(verifies('rules:move-contact', 'from the list of the message answered'), async () => {
  const world = await openWorld(rig);
  const { accountId } = world.caller;
  const from = await addList(rig.db, accountId, [{ phone_number: HANDSET, first_name: 'Ana' }]);
  const to = await addList(rig.db, accountId, []);
  await world.node.send(world.caller, [{ to: '', list_id: String(from), body: 'Rye?', from: OURS }]);
  await rig.reached(world.caller, { submitted: 1 });
  await world.add({ action: 'MOVE_CONTACT', action_address: String(to) });
  const [before] = await world.contacts(from);
  await world.receive(HANDSET, 'Yes');
  expect(await world.contacts(from)).toEqual([]);
  expect(await world.contacts(to)).toEqual([before]);
  // The message it answers was to the first list, where he is no more.
  await world.receive(HANDSET, 'Yes');
  await world.receive(OTHER, 'Yes');
  expect(await world.actions()).toMatchObject([
    { state: 1, outcome: `Moved contact ${before.contact_id} from list ${from} to list ${to}.` },
    { state: 2, outcome: expect.stringContaining('no contact of list') },
    { state: 2, outcome: expect.stringContaining('no message to a list') },
  ]);
});

test(verifies('rules:move-contact', 'nobody stands twice: what both were is one'), async () => {
  const world = await openWorld(rig);
  const { accountId } = world.caller;
  const from = await addList(rig.db, accountId, [{ phone_number: HANDSET, first_name: 'Ana', last_name: 'Lopez' }]);
  const to = await addList(rig.db, accountId, [{ phone_number: HANDSET, first_name: 'Annie' }]);
  await world.node.send(world.caller, [{ to: '', list_id: String(from), body: 'Rye?', from: OURS }]);
  await rig.reached(world.caller, { submitted: 1 });
  await world.add({ action: 'MOVE_CONTACT', action_address: String(to) });
  await world.receive(HANDSET, 'Yes');
  expect(await world.contacts(from)).toEqual([]);
  expect(await world.contacts(to)).toMatchObject([{ first_name: 'Annie', last_name: 'Lopez' }]);
});

test(verifies('rules:create-contact', 'a list that is gone, or the Opt-Out list, is a failure in words'), async () => {
  const world = await openWorld(rig);
  const { rows } = await rig.db.enginePool.query('select list_id from lists where is_opt_out');
  await world.add({ action: 'CREATE_CONTACT', action_address: '999999', position: 1 });
  await world.add({ action: 'CREATE_CONTACT', action_address: String(rows[0].list_id), position: 2 });
  await world.add({ action: 'GROUP_SMS', action_address: '999999', position: 3 });
  await world.add({ action: 'MOVE_CONTACT', action_address: 'soon', position: 4 });
  await world.receive(HANDSET, 'join');
  expect(await world.actions()).toMatchObject([
    { state: 2, outcome: expect.stringContaining('no list 999999') },
    { state: 2, outcome: expect.stringContaining('Opt-Out') },
    { state: 2, outcome: expect.stringContaining('999999 is gone') },
    { state: 2, outcome: expect.stringContaining('not the id of a list') },
  ]);
  expect(await eventsOf(rig.db, world.caller.accountId, 'rule.failed')).toHaveLength(4);
});

test.each([
  ['CREATE_CONTACT', { first_name: null, last_name: null, email: null }],
  ['CREATE_CONTACT_PLUS_NAME', { first_name: 'Ana', last_name: 'López Díaz', email: null }],
  ['CREATE_CONTACT_PLUS_EMAIL', { first_name: null, last_name: null, email: 'ana@bakehouse.test' }],
  ['CREATE_CONTACT_PLUS_NAME_EMAIL', { first_name: 'Ana', last_name: 'López Díaz', email: 'ana@bakehouse.test' }],
])(`[rules:create-contact] %s`, async (action, told) => {
  const world = await openWorld(rig);
  const list = await addList(rig.db, world.caller.accountId, []);
  await world.add({ action, action_address: String(list), message_search_type: 1, message_search_term: 'join' });
  await world.receive(HANDSET, 'Join: Ana López Díaz, ana@bakehouse.test!');
  expect(await world.contacts(list)).toMatchObject([{ phone_number: HANDSET, ...told }]);
  await world.receive(HANDSET, 'JOIN Annie annie@bakehouse.test');
  const again = await world.contacts(list);
  expect(again).toHaveLength(1);
  if (told.first_name) expect(again[0]).toMatchObject({ first_name: 'Annie', last_name: 'López Díaz' });
  if (told.email) expect(again[0]).toMatchObject({ email: 'annie@bakehouse.test' });
  await world.receive(HANDSET, 'join');
  expect(await world.contacts(list)).toEqual(again);
  expect((await world.actions()).map(({ state }) => state)).toEqual([1, 1, 1]);
});
