import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { openAccount, PRICE, START } from '../../../../test/faults/rig/pipeline.ts';
import { addList } from '../../../../test/rig/campaigns.ts';
import { eventsOf, HANDSET, OTHER, OURS, openWorld, type pushesOf, STAFF } from '../../../../test/rig/rules.ts';
import { askChunk } from './ask-rules.ts';

const rig = eachTest();

test(verifies('rules:email', 'to the main user’s address, and to the one of the rule'), async () => {
  const world = await openWorld(rig);
  await rig.db.enginePool.query(`update users set email = 'ana@bakehouse.test' where account_id = $1`, [
    world.caller.accountId,
  ]);
  await world.add({ action: 'EMAIL_USER' });
  await world.add({ action: 'EMAIL_FIXED', action_address: 'orders@bakehouse.test' });
  await world.receive(HANDSET, 'Two rye\nplease');
  const mails = await world.mails();
  expect(mails.map(({ recipient }) => recipient).sort()).toEqual(['ana@bakehouse.test', 'orders@bakehouse.test']);
  for (const mail of mails) {
    expect(mail).toMatchObject({ subject: `SMS from ${HANDSET}`, source: 'rule.email' });
    expect(mail.body).toContain('Two rye\nplease');
    expect(mail.body).toContain(`To: ${OURS}`);
  }
});

test(verifies('rules:email', 'an account without an address is told so'), async () => {
  const world = await openWorld(rig);
  await world.add({ action: 'EMAIL_USER' });
  await world.receive(HANDSET, 'Hello');
  expect(await world.actions()).toMatchObject([{ state: 2, outcome: expect.stringContaining('has no address') }]);
});

test(verifies('rules:url', 'as a form, as JSON or in the query; other rules’ pushes beside it'), async () => {
  const world = await openWorld(rig);
  const action_address = 'https://crm.example.test/hook';
  await world.add({ action: 'URL', action_address, position: 1 });
  await world.add({ action: 'url', action_address, webhook_type: 'JSON', position: 2 });
  await world.add({ action: 'URL', action_address, webhook_type: 'get', position: 3 });
  await world.receive(HANDSET, 'Two & a half');
  const [form, json, get] = (await world.pushes()) as [Push, Push, Push];
  expect(form).toMatchObject({ method: 'POST', content_type: 'application/x-www-form-urlencoded', kind: 'inbound' });
  const fields = Object.fromEntries(new URLSearchParams(form.body));
  const { accountId, userId } = world.caller;
  expect(fields).toMatchObject({ from: HANDSET, to: OURS, body: 'Two & a half', user_id: String(accountId) });
  expect(fields).toHaveProperty('originalmessageid', '');
  expect(JSON.parse(json.body)).toMatchObject({
    message_id: await world.textId(),
    timestamp: START / 1000,
    subaccount_id: userId,
    message: 'Two & a half',
  });
  expect(JSON.parse(json.body)).not.toHaveProperty('originalmessageid');
  expect(get).toMatchObject({ method: 'GET', body: '' });
  expect(Object.fromEntries(new URLSearchParams(get.query))).toEqual(fields);
  expect(world.woken.pushed).toBe(1);
  expect((await world.actions()).map(({ state }) => state)).toEqual([1, 1, 1]);
});
type Push = Awaited<ReturnType<typeof pushesOf>>[number];

test(verifies('rules:poll', 'rules:none', 'makes readable what it matches, unless NONE came first'), async () => {
  const world = await openWorld(rig);
  await world.add({ action: 'NONE', message_search_type: 2, message_search_term: 'spam', position: 1 });
  await world.add({ action: 'POLL', message_search_type: 2, message_search_term: 'rye', position: 2 });
  await world.add({ action: 'POLL', message_search_type: 2, message_search_term: 'rye', position: 3 });
  await world.add({ action: 'AUTO_REPLY', body: 'no', enabled: false, position: 4 });
  for (const body of ['Rye please', 'Rye spam', 'Wheat']) await world.receive(HANDSET, body);
  const { rows } = await rig.db.enginePool.query('select body, polled, rules_at from inbound_texts order by id');
  expect(rows).toEqual([
    { body: 'Rye please', polled: true, rules_at: START },
    { body: 'Rye spam', polled: false, rules_at: START },
    { body: 'Wheat', polled: false, rules_at: START },
  ]);
  expect(await world.actions()).toEqual([]);
});

test(verifies('rules:smpp', 'queued for the account’s own client, and for no other’s'), async () => {
  const world = await openWorld(rig);
  const { accountId, userId } = world.caller;
  const stranger = await openAccount(rig.db);
  const esme = `insert into esmes (system_id, account_id, user_id, password_hash, created_at) values ($1, $2, $3, '', 0)`;
  await rig.db.enginePool.query(esme, ['crm', accountId, userId]);
  await rig.db.enginePool.query(esme, ['theirs', stranger.accountId, stranger.userId]);
  await world.add({ action: 'SMPP', action_address: 'crm', position: 1 });
  await world.add({ action: 'SMPP', action_address: 'theirs', position: 2 });
  await world.receive(HANDSET, 'Two rye');
  const { rows } = await rig.db.enginePool.query(
    'select account_id, system_id, source, destination, body, upper(subject_id::text) as subject from esme_deliveries',
  );
  const subject = await world.textId();
  expect(rows).toEqual([
    { account_id: accountId, system_id: 'crm', source: HANDSET, destination: OURS, body: 'Two rye', subject },
  ]);
  expect(await world.actions()).toMatchObject([{ state: 1 }, { state: 2 }]);
  expect(world.woken.forwarded).toBe(1);
});

test(verifies('rules:opted-out', 'STOP is answered by nothing, but told of'), async () => {
  const world = await openWorld(rig);
  const list = await addList(rig.db, world.caller.accountId, [{ phone_number: STAFF }]);
  const acting = ['AUTO_REPLY', 'SMS', 'GROUP_SMS', 'CREATE_CONTACT', 'CREATE_CONTACT_PLUS_NAME', 'MOVE_CONTACT'];
  const address = (action: string) => (action === 'SMS' ? STAFF : String(list));
  for (const [position, action] of acting.entries())
    await world.add({ action, action_address: address(action), position });
  await world.add({ action: 'POLL', position: 10 });
  await world.add({ action: 'URL', action_address: 'https://crm.example.test/', position: 11 });
  await world.add({ action: 'EMAIL_FIXED', action_address: 'ana@bakehouse.test', position: 12 });
  await world.receive(HANDSET, 'Stop');
  expect(await world.messages()).toEqual([]);
  expect(await world.contacts(list)).toHaveLength(1);
  expect(await world.pushes()).toHaveLength(1);
  expect(await world.mails()).toHaveLength(1);
  const actions = await world.actions();
  expect(actions.map(({ state }) => state)).toEqual([...acting.map(() => 3), 1, 1]);
  // What may be meant as an opt-out is not answered, but goes on to whoever looks at it.
  await world.receive(OTHER, 'Can you stop by tomorrow?');
  expect((await world.messages()).map(({ recipient }) => recipient).sort()).toEqual([STAFF, STAFF]);
});

test(
  verifies('rules:failure', 'no credit, an opted-out recipient and a broken rule are told, and others go on'),
  async () => {
    const world = await openWorld(rig, { creditMicro: PRICE });
    const { accountId } = world.caller;
    await world.add({ action: 'FLY', position: 1 });
    // Shown in the reason, and cut in the middle of a character there.
    await world.add({ action: 'SMS', action_address: `${'x'.repeat(99)}\u{1f35e}`, position: 1 });
    await world.add({ action: 'SMS', action_address: 'nobody', position: 2 });
    await world.add({ action: 'AUTO_REPLY', body: ' ', position: 3 });
    await world.add({ action: 'SMS', action_address: `${STAFF},${OTHER}`, position: 4 });
    await world.receive(HANDSET, 'Hello');
    const actions = await world.actions();
    expect(actions).toMatchObject([
      { action: 'FLY', state: 2, outcome: expect.stringContaining('no action FLY') },
      { state: 2, outcome: expect.stringMatching(/x\ufffd\.$/) },
      { state: 2, outcome: expect.stringContaining('nobody') },
      { state: 2, outcome: expect.stringContaining('EMPTY_MESSAGE') },
      { state: 1, outcome: expect.stringMatching(/^Forwarded to \+6141111111[23]\. Not to .*INSUFFICIENT_CREDIT/) },
    ]);
    const failed = await eventsOf(rig.db, accountId, 'rule.failed');
    expect(failed).toHaveLength(4);
    expect(failed[0]).toMatchObject({
      rule_name: 'FLY',
      handset: HANDSET,
      message_id: await world.textId(),
      alert_due: false,
    });
  },
);

test(verifies('rules:failure', 'an account that may not send any more'), async () => {
  const world = await openWorld(rig);
  await world.add({ action: 'AUTO_REPLY', body: 'Hello' });
  await world.arrive(HANDSET, 'Hello');
  await askChunk(world.parts, [], 10);
  await rig.db.enginePool.query('update accounts set banned = true');
  await world.receive(HANDSET, 'Hello again');
  expect(await world.messages()).toEqual([]);
  expect(await world.actions()).toMatchObject([{ state: 2, outcome: 'The account is not active.' }]);
});
