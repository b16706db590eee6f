import { expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { rowsOf } from '../../../../../test/faults/rig/books.ts';
import { eachTest } from '../../../../../test/faults/rig/each-test.ts';
import { PRICE } from '../../../../../test/faults/rig/pipeline.ts';
import { addList, regulars } from '../../../../../test/rig/campaigns.ts';
import { HANDSET, OTHER, OURS, openWorld, STAFF } from '../../../../../test/rig/rules.ts';

const rig = eachTest();

test(verifies('rules:auto-reply', 'answers from the number written to, with body or else action_address'), async () => {
  const world = await openWorld(rig);
  await world.add({ action: 'AUTO_REPLY', body: 'We bake at six.', action_address: 'unused', position: 1 });
  await world.add({ action: 'AUTO_REPLY', action_address: 'Closed on Sundays.', position: 2 });
  await world.receive(HANDSET, 'When?');
  const reply = { recipient: HANDSET, sender: OURS, shared_sender: false, source: 'rule.auto-reply', refusal: null };
  const custom_string = await world.textId();
  expect(await world.messages()).toMatchObject([
    { ...reply, body: 'We bake at six.', custom_string },
    { ...reply, body: 'Closed on Sundays.', custom_string },
  ]);
  expect(await world.actions()).toMatchObject([
    { state: 1, outcome: 'Answered.', attempts: 1 },
    { state: 1, outcome: 'Answered.' },
  ]);
});

test(verifies('rules:auto-reply', 'what was answered from the shared number is answered from it again'), async () => {
  const world = await openWorld(rig);
  await world.node.send(world.caller, [{ to: HANDSET, body: 'Come by!' }]);
  await rig.reached(world.caller, { submitted: 1 });
  await world.add({ action: 'AUTO_REPLY', body: 'Thanks.' });
  await rig.db.enginePool.query(`update accounts set default_sender = 'Bakehouse'`);
  await world.receive(HANDSET, 'Yes', { to: '+61400000777' });
  expect(await world.messages()).toMatchObject([{}, { body: 'Thanks.', sender: '', shared_sender: true }]);
});

test(verifies('rules:auto-reply', 'an answer that is too long is not sent in part'), async () => {
  const world = await openWorld(rig);
  await world.add({ action: 'AUTO_REPLY', body: 'long '.repeat(300) });
  await world.receive(HANDSET, 'Hello');
  expect(await world.messages()).toMatchObject([{ refusal: 'SOMETHING_IS_WRONG' }]);
  expect(await world.actions()).toMatchObject([{ state: 2, outcome: expect.stringContaining('parts') }]);
});

test(verifies('rules:auto-reply', 'placeholders are filled in from the list that was written to'), async () => {
  const world = await openWorld(rig);
  const list = await addList(rig.db, world.caller.accountId, [
    { phone_number: HANDSET, first_name: 'Ana StopMsg.me/xxxxx' },
  ]);
  await world.node.send(world.caller, [{ to: '', list_id: String(list), body: 'Come by!', from: OURS }]);
  await rig.reached(world.caller, { submitted: 1 });
  await world.add({ action: 'AUTO_REPLY', body: 'Thanks, (First Name|you).' });
  await world.receive(HANDSET, 'Yes');
  await world.receive(OTHER, 'Yes');
  expect((await world.messages()).slice(1)).toMatchObject([
    { body: 'Thanks, Ana StopMsg.me/xxxxx.', list_id: list },
    { recipient: OTHER, body: 'Thanks, you.', list_id: null },
  ]);
});

test(verifies('rules:sms', 'to every number, each once, with who wrote; at the usual price'), async () => {
  const world = await openWorld(rig);
  await world.add({ action: 'SMS', action_address: `${STAFF}, 0411 111 113; ${STAFF},${HANDSET}` });
  await world.receive(HANDSET, 'Two rye');
  const message = { body: `From ${HANDSET}: Two rye`, source: 'rule.forward', refusal: null, shared_sender: true };
  expect(await world.messages()).toMatchObject([
    { ...message, recipient: STAFF },
    { ...message, recipient: OTHER },
  ]);
  const rows = await rowsOf(rig.db, world.caller.accountId);
  expect(rows.map((row) => row.price_micro)).toEqual([PRICE, PRICE]);
});

test(verifies('rules:sms', 'two who write the same are both forwarded; a text as long as can be is cut'), async () => {
  const world = await openWorld(rig);
  await world.add({ action: 'SMS', action_address: STAFF });
  await world.receive(HANDSET, 'ok');
  await world.receive(OTHER, 'ok');
  await world.receive(OTHER, 'ok');
  await world.receive(OTHER, `${'long '.repeat(300)}StopMsg.me/xxxxx`);
  const messages = await world.messages();
  expect(messages.slice(0, 3).map(({ body }) => body)).toEqual([
    `From ${HANDSET}: ok`,
    ...Array(2).fill(`From ${OTHER}: ok`),
  ]);
  expect(messages[3]).toMatchObject({ refusal: null });
  expect(messages[3].body.startsWith(`From ${OTHER}: long long`)).toBe(true);
});

test(verifies('rules:sms', 'never back to who wrote'), async () => {
  const world = await openWorld(rig);
  await world.add({ action: 'SMS', action_address: HANDSET });
  await world.receive(HANDSET, 'Hello');
  expect(await world.messages()).toEqual([]);
  expect(await world.actions()).toMatchObject([{ state: 3 }]);
});

test(
  verifies('rules:group-sms', 'to each number of the list once, but not to who wrote or has opted out'),
  async () => {
    const world = await openWorld(rig);
    const { accountId } = world.caller;
    const list = await addList(rig.db, accountId, [
      { phone_number: STAFF },
      { phone_number: HANDSET },
      { phone_number: OTHER },
      { phone_number: STAFF },
      { email: 'ana@bakehouse.test' },
      { phone_number: '+61411111114' },
    ]);
    await rig.db.enginePool.query(
      `insert into suppressions (account_id, channel, address, reason, created_at) values ($1, 1, '+61411111114', 'keyword', 0)`,
      [accountId],
    );
    await world.add({ action: 'GROUP_SMS', action_address: String(list) });
    await world.receive(HANDSET, 'Choir at six');
    const [first] = await world.contacts(list);
    expect(await world.messages()).toMatchObject([
      {
        recipient: STAFF,
        body: `From ${HANDSET}: Choir at six`,
        list_id: list,
        contact_id: String(first.contact_id),
        refusal: null,
      },
      { recipient: OTHER, refusal: null },
      { recipient: '+61411111114', refusal: 'INVALID_RECIPIENT' },
    ]);
    expect(await world.actions()).toMatchObject([
      { state: 1, outcome: expect.stringMatching(/^Forwarded to 2 .*1 were refused/) },
    ]);
  },
);

test(verifies('rules:group-sms', 'chunk by chunk, for a list of any length'), async () => {
  const world = await openWorld(rig);
  const list = await addList(rig.db, world.caller.accountId, regulars(2_345));
  await world.add({ action: 'GROUP_SMS', action_address: String(list) });
  await world.receive(HANDSET, 'Choir at six');
  const { rows } = await rig.db.enginePool.query(
    'select count(*)::integer as all, count(distinct recipient)::integer as numbers from messages where channel = 1',
  );
  expect(rows).toEqual([{ all: 2_345, numbers: 2_345 }]);
  expect(await world.actions()).toMatchObject([
    { state: 1, attempts: 3, facts: { sent: 2_345, refused: 0, chunks: 2 }, outcome: 'Forwarded to 2345 contacts.' },
  ]);
});

test(
  verifies('rules:group-sms', 'a list that changes meanwhile: nobody is written to twice, and nobody left out'),
  async () => {
    const world = await openWorld(rig);
    const pool = rig.db.enginePool;
    const twice = '+61411111555';
    const list = await addList(rig.db, world.caller.accountId, [
      { phone_number: twice },
      { phone_number: '+61411111556' },
      ...regulars(1_100),
      { phone_number: twice },
      { phone_number: '+61411111557' },
    ]);
    await world.add({ action: 'GROUP_SMS', action_address: String(list) });
    await world.arrive(HANDSET, 'Choir at six');
    const sent = async () =>
      (await pool.query(`select recipient, count(*)::integer as n from messages where channel = 1 group by 1`)).rows;
    // Between the chunks the first one leaves, and the second gets the number of one behind.
    let shuffled = false;
    const original = world.parts.commit;
    world.parts.commit = async (job) => {
      const done = await original(job);
      if (!shuffled) {
        shuffled = true;
        await pool.query(
          'delete from contacts where list_id = $1 and contact_id = (select min(contact_id) from contacts where list_id = $1)',
          [list],
        );
        await pool.query(`update contacts set phone_number = '+61411111557' where phone_number = '+61411111556'`);
      }
      return done;
    };
    await world.runner.run();
    const rows = await sent();
    expect(rows.filter(({ n }) => n > 1)).toEqual([]);
    expect(rows.map(({ recipient }) => recipient)).toEqual(
      expect.arrayContaining([twice, '+61411111556', '+61411111557']),
    );
    expect(rows).toHaveLength(1_103);
  },
);
