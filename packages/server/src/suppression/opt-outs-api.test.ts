import type { Endpoint } from '@veredus/contract/endpoint';
import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Call } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccountClient } from '../db/runner.ts';
import { showMessageId } from '../messages/ids.ts';
import { Channel } from '../messages/message.ts';
import { CHANNEL_NUMBERS } from './list-opt-outs.ts';
import { type OptOutRequest, optOut } from './opt-out.ts';
import { optOutRoutes } from './routes.ts';

const NUMBER = '+61411111111';
const clock = handClock(Date.UTC(2026, 5, 1));
const now = () => clock.now() / 1000;

let own: TestDatabase;
let caller: Caller;
let stranger: Caller;

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
let names = 0;
beforeEach(async () => {
  names += 1;
  [caller, stranger] = [await callerOf(`caller${names}`), await callerOf(`stranger${names}`)];
});

async function callerOf(name: string): Promise<Caller> {
  return { ...(await addAccount(own.db, name)), username: name, account: { country: 'AU' } } as unknown as Caller;
}

type Routes = ReturnType<typeof optOutRoutes>;
type Input = { params?: object; query?: object; body?: object };

/** A call as it comes in, through the schemas of the contract and out again through them. */
async function call<Id extends keyof Routes>(id: Id, input: Input = {}, who = caller) {
  const endpoint: Endpoint = endpoints[id];
  const read = readCall(endpoint, input);
  if (!read.ok) throw Object.assign(new Error(read.code), { fields: read.fields });
  const routes = optOutRoutes({ db: own.db, clock, publicUrl: () => 'https://msg.example.test' });
  const handle = routes[id] as (call: Call<Endpoint>) => ReturnType<Routes[Id]>;
  const answer = await handle({ ...read.call, caller: who, idempotencyKey: null } as unknown as Call<Endpoint>);
  expect(endpoint.data.parse(answer.data)).toEqual(answer.data);
  return answer as Awaited<ReturnType<Routes[Id]>>;
}

const path = (phone_number: string) => ({ params: { phone_number } });
const happen = (fields: Partial<OptOutRequest> & { address?: string } = {}, who = caller) =>
  asAccountClient(own.db, who.accountId, (client) =>
    optOut(client, {
      ...{ accountId: who.accountId, channel: Channel.sms, address: NUMBER, at: clock.now() },
      ...{ how: 'keyword' as const, words: 'STOP', ...fields },
    }),
  );
const list = async (query: object = {}, who = caller) => (await call('optOuts', { query }, who)).data;
const addresses = async (query: object = {}) => (await list(query)).data.map(({ address }) => address);

test('the channels have the numbers that messages have', () => {
  expect(Channel).toMatchObject(CHANNEL_NUMBERS);
});

describe('the list', () => {
  test(verifies('optout:api', 'shows who opted out of what, by what, and where'), async () => {
    const row = { created_at: clock.now(), status: 3, list_id: 1234 };
    const [id] = await storeMessages(own.db, [{ account_id: caller.accountId, user_id: caller.userId, ...row }]);
    await happen({ messageId: id!, campaignId: 7 });
    await happen({ address: '+61411111119' }, stranger);
    expect(await list()).toEqual({
      per_page: 15,
      next_page_url: null,
      data: [
        {
          ...{ channel: 'sms', address: NUMBER, reason: 'keyword', provisional: false, date_added: now() },
          ...{ words: 'STOP', message_id: showMessageId(id!), campaign_id: 7, list_id: 1234 },
        },
      ],
    });
  });

  test(verifies('optout:api', 'pages by the address, within the same search'), async () => {
    for (let i = 0; i < 5; i++) await happen({ address: `+6141111111${i}`, provisional: i % 2 === 0 });
    const first = await list({ limit: '2', q: ' 61411' });
    expect(first.data.map(({ address }) => address)).toEqual(['+61411111110', '+61411111111']);
    const next = new URL(first.next_page_url!);
    expect(next.origin + next.pathname).toBe('https://msg.example.test/v3/opt-outs');
    const second = await list(Object.fromEntries(next.searchParams));
    expect(second.data.map(({ address }) => address)).toEqual(['+61411111112', '+61411111113']);
    const last = await list(Object.fromEntries(new URL(second.next_page_url!).searchParams));
    expect(last).toMatchObject({ next_page_url: null, data: [{ address: '+61411111114' }] });
    expect(await addresses({ provisional: 'true' })).toEqual(['+61411111110', '+61411111112', '+61411111114']);
    expect(await addresses({ provisional: '0', limit: '1' })).toEqual(['+61411111111']);
  });

  test('finds a number by any of its digits as people write them', async () => {
    await happen();
    await happen({ address: '+4915123456789' });
    for (const q of ['0411 111 111', '+61 411', ' 61411', '(411) 111-111'])
      expect(await addresses({ q })).toEqual([NUMBER]);
    for (const q of ['%', '_', `' or 1=1 --`, '\u0000', 'nobody']) expect(await addresses({ q })).toEqual([]);
    expect(await addresses({ channel: 'email' })).toEqual([]);
    await happen({ channel: Channel.email, address: 'Ada@example.com' });
    expect(await addresses({ channel: 'email', q: 'ada@' })).toEqual(['Ada@example.com']);
    await expect(call('optOuts', { query: { channel: 'pigeon' } })).rejects.toMatchObject({
      fields: { channel: expect.stringContaining('must be one of sms') },
    });
  });
});

describe('recording', () => {
  test(verifies('optout:api', 'takes a number in local form, with the words of the user'), async () => {
    const { data, words } = await call('optOutRecord', {
      body: { phone_number: '0411 111 111', words: ' By telephone. ' },
    });
    expect(words).toBe('Opted out.');
    expect(data).toMatchObject({ address: NUMBER, reason: 'user', words: 'By telephone.', provisional: false });
    expect((await call('optOutRecord', { body: { phone_number: NUMBER } })).words).toBe('It had opted out already.');
    await call('optOutRecord', { body: { phone_number: '0151 23456789', country: 'de' } });
    expect(await addresses()).toEqual(['+4915123456789', NUMBER]);
    const [event] = (await call('optOutHistory', path(NUMBER))).data.data;
    expect(event).toMatchObject({ kind: 'opt-out', how: 'user', user_id: caller.userId });
  });

  test.each(['nonsense', '1', '+61', `'; drop table suppressions; --`])(
    '%s is refused with the field',
    async (phone_number) => {
      await expect(call('optOutRecord', { body: { phone_number } })).rejects.toMatchObject({
        kind: 'bad-request',
        fields: { phone_number: expect.stringContaining('not a number') },
      });
      expect(await addresses()).toEqual([]);
    },
  );
});

describe('looking at a provisional one', () => {
  test(
    verifies('optout:api', 'optout:review', 'confirming makes it definite and takes the contact off the list'),
    async () => {
      const { rows } = await own.db.enginePool.query(
        `with l as (insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'L', 'L', 0) returning list_id)
       insert into contacts (account_id, list_id, created_at, updated_at, phone_number) select $1, list_id, 0, 0, $2 from l
       returning list_id`,
        [caller.accountId, NUMBER],
      );
      const { list_id } = rows[0];
      const row = { created_at: clock.now(), status: 3, list_id };
      const [id] = await storeMessages(own.db, [{ account_id: caller.accountId, user_id: caller.userId, ...row }]);
      await happen({ provisional: true, messageId: id!, words: 'please stop', listId: list_id });
      const { data } = await call('optOutConfirm', { ...path('61411111111'), body: { words: 'He means us.' } });
      expect(data).toMatchObject({ provisional: false, reason: 'user', words: 'He means us.', list_id });
      const left = await own.db.enginePool.query('select 1 from contacts where list_id = $1', [list_id]);
      expect(left.rowCount).toBe(0);
      expect((await call('optOutConfirm', path(NUMBER))).words).toBe('It was definite already.');
      const history = (await call('optOutHistory', path(NUMBER))).data.data;
      expect(history.map(({ kind, message_id }) => [kind, message_id])).toEqual([
        ['opt-out', showMessageId(id!)],
        ['review', showMessageId(id!)],
      ]);
    },
  );

  test(verifies('optout:api', 'optout:lift', 'lifting needs words, and the history keeps them'), async () => {
    await happen({ provisional: true });
    for (const body of [undefined, {}, { words: ' ' }]) {
      await expect(call('optOutLift', { ...path(NUMBER), ...(body && { body }) })).rejects.toThrow('BAD_REQUEST');
    }
    expect(await addresses()).toEqual([NUMBER]);
    clock.advance(60_000);
    await call('optOutLift', { ...path(' 61411111111'), body: { words: 'A bus stop.' } });
    expect(await addresses()).toEqual([]);
    const [event] = (await call('optOutHistory', path(NUMBER))).data.data;
    expect(event).toMatchObject({
      kind: 'opt-in',
      how: 'user',
      words: 'A bus stop.',
      date: now(),
      user_id: caller.userId,
    });
  });
});

test(
  verifies('optout:api', 'optout:order', 'lifting too late is refused with the reason, and changes nothing'),
  async () => {
    await happen({ at: clock.now() + 1, how: 'link' });
    await expect(call('optOutLift', { ...path(NUMBER), body: { words: 'By telephone.' } })).rejects.toMatchObject({
      kind: 'in-progress',
      message: expect.stringContaining('once more'),
    });
    expect(await addresses()).toEqual([NUMBER]);
  },
);

describe('the history', () => {
  test(verifies('optout:api', 'is newest first and pages by event'), async () => {
    for (let i = 0; i < 3; i++) {
      await happen({ words: `STOP ${i}` });
      await call('optOutLift', { ...path(NUMBER), body: { words: `back ${i}` } });
    }
    const first = (await call('optOutHistory', { ...path(NUMBER), query: { limit: '4' } })).data;
    expect(first.data.map(({ words }) => words)).toEqual(['back 2', 'STOP 2', 'back 1', 'STOP 1']);
    const url = new URL(first.next_page_url!);
    expect(url.pathname).toBe('/v3/opt-outs/%2B61411111111/history');
    const rest = await call('optOutHistory', { ...path(NUMBER), query: Object.fromEntries(url.searchParams) });
    expect(rest.data.data.map(({ words }) => words)).toEqual(['back 0', 'STOP 0']);
    expect(rest.data.next_page_url).toBeNull();
  });
});

describe('what is not the account’s', () => {
  const calls: [keyof Routes, Input][] = [
    ['optOutConfirm', {}],
    ['optOutLift', { body: { words: 'mine now' } }],
    ['optOutHistory', {}],
  ];
  test.each(calls)('[invariant:I8] %s does not find it, nor nonsense', async (id, input) => {
    await happen({}, stranger);
    for (const number of [NUMBER, '{phone_number}', `' or 1=1 --`, '\u0000', '+61411111112']) {
      await expect(call(id, { ...input, ...path(number) })).rejects.toMatchObject({ kind: 'not-found' });
    }
    expect((await list({}, stranger)).data).toHaveLength(1);
  });
});
