import { expect, test, vi } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { rowsOf } from '../../../../test/faults/rig/books.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { FakeCarrier, takeNothing } from '../../../../test/faults/rig/fake-carrier.ts';
import { numbered, openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { until } from '../../../../test/faults/rig/until.ts';
import { storeInbound } from '../inbound/store.ts';
import { systemRandom } from '../system.ts';
import { committer } from './commit.ts';
import { messageIds } from './ids.ts';
import { Channel, type NewMessage, Priority } from './message.ts';
import type { Policy } from './policy.ts';
import { Money, Status } from './status.ts';
import { carrierNumber } from './store-claims.ts';

const rig = eachTest();

const optOut = (accountId: number, address: string) =>
  rig.db.enginePool.query(
    `insert into suppressions (account_id, channel, address, reason, created_at) values ($1, 1, $2, 'STOP', 0)`,
    [accountId, address],
  );

test(verifies('policy:twice', 'an opt-out counts at accept, and between accept and dispatch'), async () => {
  const carrier = new FakeCarrier({ window: 1, script: takeNothing });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  const [first, second, third] = numbered(3);
  await optOut(caller.accountId, third!.to);
  const { rows } = await node.send(caller, [first!, second!, third!]);
  expect(rows.map(({ refusal }) => refusal)).toEqual([null, null, 'INVALID_RECIPIENT']);
  // The first fills the window; the second waits in memory, accepted, while its recipient opts out.
  await until('the first', () => carrier.log.length === 1);
  await optOut(caller.accountId, second!.to);
  carrier.respond({ kind: 'accepted', id: rows[0]!.id, upstreamIds: ['a'] });
  await rig.reached(caller, { submitted: 1, failed: 1, refused: 1 });
  expect(carrier.log).toHaveLength(1);
  const [, stopped] = await rowsOf(rig.db, caller.accountId);
  expect(stopped).toMatchObject({ money: Money.released, words: 'The recipient has opted out.' });
});

test(verifies('policy:twice', 'so does a policy, in the words of the first that objects'), async () => {
  const closed = new Set<string>();
  const policies: Policy[] = [
    ({ recipient }) =>
      closed.has(recipient) ? { refusal: 'COUNTRY_NOT_ENABLED', words: 'Closed for the night.' } : null,
    ({ body }) => (body.includes('ref 2') ? { refusal: 'SOMETHING_IS_WRONG', words: 'Not that word.' } : null),
  ];
  const carrier = new FakeCarrier({ window: 1, script: takeNothing });
  const node = await rig.start(carrier, { policies });
  const caller = await openAccount(rig.db);
  const [first, second, third] = numbered(3);
  const { rows } = await node.send(caller, [first!, second!, third!]);
  expect(rows.map(({ refusal, words }) => [refusal, words])).toEqual([
    [null, null],
    [null, null],
    ['SOMETHING_IS_WRONG', 'Not that word.'],
  ]);
  await until('the first', () => carrier.log.length === 1);
  closed.add(second!.to);
  carrier.respond({ kind: 'accepted', id: rows[0]!.id, upstreamIds: ['a'] });
  await rig.reached(caller, { submitted: 1, failed: 1, refused: 1 });
  expect(carrier.log).toHaveLength(1);
  const [, stopped] = await rowsOf(rig.db, caller.accountId);
  expect(stopped).toMatchObject({ money: Money.released, words: 'Closed for the night.', attempts: 0 });
});

/** A message as `accept` makes it. */
function messageFor(accountId: number, id: string, fields: Partial<NewMessage> = {}): NewMessage {
  return {
    id,
    accountId,
    userId: 1,
    channel: Channel.sms,
    status: Status.queued,
    money: Money.held,
    priority: Priority.transactional,
    createdAt: 1_000,
    nextAttemptAt: 1_000,
    scheduleAt: null,
    validUntil: Number.MAX_SAFE_INTEGER,
    parts: 1,
    priceMicro: 3_333,
    claimToken: null,
    recipient: '+61400000001',
    sender: '',
    sharedSender: true,
    country: 'AU',
    body: `ref ${id}`,
    customString: '',
    source: '',
    fromEmail: null,
    listId: null,
    contactId: null,
    campaignId: null,
    refusal: null,
    words: null,
    ...fields,
  };
}

test(verifies('dispatch:priority', 'transactional messages overtake a campaign that came before them'), async () => {
  const carrier = new FakeCarrier({ window: 2, script: takeNothing });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  const newId = messageIds(node.clock, systemRandom);
  const commit = committer({
    pool: rig.db.enginePool,
    clock: node.clock,
    dispatcher: () => node.dispatcher,
    log: () => {},
  });
  const store = (priority: Priority, count: number) =>
    commit({
      account: caller.account,
      key: null,
      rows: Array.from({ length: count }, () =>
        messageFor(caller.accountId, newId(), { priority, body: `ref p${priority}` }),
      ),
    });
  await store(Priority.campaign, 10);
  await until('a full window', () => carrier.log.length === 2);
  await store(Priority.transactional, 3);
  const ids = () => carrier.log.map(({ message }) => message.id);
  for (let answered = 0; answered < 13; answered++) {
    await until('the next message', () => carrier.log.length > answered);
    carrier.respond({ kind: 'accepted', id: ids()[answered]!, upstreamIds: [`up-${answered}`] });
  }
  await rig.reached(caller, { submitted: 13 });
  const order = carrier.log.map(({ message }) => message.body);
  expect(order.slice(2, 5)).toEqual(Array(3).fill('ref p0'));
});

test(verifies('accept:group', 'calls share a commit, and one that cannot be stored harms no other'), async () => {
  const node = await rig.start(new FakeCarrier());
  const caller = await openAccount(rig.db);
  const newId = messageIds(node.clock, systemRandom);
  const events: string[] = [];
  const commit = committer({
    pool: rig.db.enginePool,
    clock: node.clock,
    dispatcher: () => null,
    log: (event) => events.push(event),
  });
  const commits = async () =>
    (await rig.db.enginePool.query('select count(distinct xmin::text)::integer as n from messages')).rows[0].n;
  const store = (fields: Partial<NewMessage> = {}) =>
    commit({ account: caller.account, key: null, rows: [messageFor(caller.accountId, newId(), fields)] });
  await Promise.all(Array.from({ length: 20 }, () => store()));
  expect(await commits()).toBeLessThanOrEqual(3);

  const results = await Promise.allSettled([store(), store({ body: 'a stranger’s \u0000 byte' }), store(), store()]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(events).toContain('accept.group-split');
  // The node may have begun to send them meanwhile.
  expect(await rowsOf(rig.db, caller.accountId)).toHaveLength(23);
});

test(verifies('inbound:once', 'a message from a handset is stored once per id of the carrier'), async () => {
  const { enginePool } = rig.db;
  const carrierId = await carrierNumber(enginePool, 'fake');
  const caller = await openAccount(rig.db);
  await enginePool.query(`insert into sender_numbers (account_id, number, created_at) values ($1, '+61422222222', 0)`, [
    caller.accountId,
  ]);
  const newId = messageIds((await rig.start(new FakeCarrier())).clock, systemRandom);
  const message = { providerId: 'mo-1', from: '+61400000001', to: '+61422222222', body: 'STOP', part: null };
  for (let times = 0; times < 5; times++)
    await storeInbound(enginePool, [message, message], { carrierId, at: 5, newId });
  await storeInbound(enginePool, [{ ...message, providerId: null }], { carrierId, at: 6, newId });
  const { rows } = await enginePool.query(
    'select provider_id, account_id, body from inbound_messages order by received_at',
  );
  expect(rows).toEqual([
    { provider_id: 'mo-1', account_id: caller.accountId, body: 'STOP' },
    { provider_id: null, account_id: caller.accountId, body: 'STOP' },
  ]);
});

test(verifies('stop:drain', 'what is being marked as the node stops is sent, and not left in doubt'), async () => {
  const carrier = new FakeCarrier({ window: 20 });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  const pool = rig.db.enginePool;
  const query = pool.query.bind(pool) as (...given: unknown[]) => Promise<unknown>;
  let go = () => {};
  let asked = false;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const spy = vi.spyOn(pool, 'query').mockImplementation(((...given: [{ name?: string }]) => {
    if (given[0].name !== 'mark-possibly-sent') return query(...given);
    asked = true;
    // Committed, but its answer is on its way while the node is told to stop.
    const marked = query(...given);
    return held.then(() => marked);
  }) as never);
  await node.send(caller, numbered(10));
  await until('the mark', () => asked);
  const stopped = node.dispatcher.stop(60_000);
  go();
  await stopped;
  spy.mockRestore();
  await rig.reached(caller, { submitted: 10 });
  expect(carrier.log).toHaveLength(10);
});
