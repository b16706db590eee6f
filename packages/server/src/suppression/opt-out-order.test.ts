import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { until } from '../../../../test/faults/rig/until.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { waiting } from '../../../../test/rig/waiting.ts';
import { lockLists } from '../lists/store-lists.ts';
import { Channel } from '../messages/message.ts';
import { type OptOutRequest, optIn, optOut } from './opt-out.ts';

const NUMBER = '+61411111111';
const EARLIER_TEXT = '019973a2-4e10-7c31-9f0b-6a51d2c48e77';
const LATER_TEXT = '019973a2-4e10-7c32-8f0b-6a51d2c48e77';

let own: TestDatabase;
let accountId: number;
beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
let names = 0;
beforeEach(async () => {
  accountId = (await addAccount(own.db, `caller${names++}`)).accountId;
});

type Fields = Partial<OptOutRequest> & { address?: string };
const asked = (fields: Fields) => ({
  ...{ accountId, channel: Channel.sms, address: NUMBER, at: 1_000, how: 'keyword' as const, words: 'x' },
  ...fields,
});
/** A transaction that is ended by hand. */
async function begin() {
  const client = await own.db.enginePool.connect();
  await client.query('begin');
  const end = async () => {
    await client.query('commit');
    client.release();
  };
  return {
    client,
    out: (fields: Fields) => optOut(client, asked(fields)),
    lift: (fields: Fields) => optIn(client, asked(fields)),
    end,
  };
}
async function within<T>(work: (tx: Awaited<ReturnType<typeof begin>>) => Promise<T>): Promise<T> {
  const tx = await begin();
  return work(tx).finally(tx.end);
}
const out = (fields: Fields) => within((tx) => tx.out(fields));
const lift = (fields: Fields) => within((tx) => tx.lift(fields));
const query = async (text: string, ...values: unknown[]) => (await own.db.enginePool.query(text, values)).rows;
const shown = async () => {
  const [row] = await query(
    `select s.reason, s.provisional, s.created_at, e.at, e.words from suppressions s join consent_events e using (event_id)
     where s.account_id = $1 and s.address = $2`,
    ...[accountId, NUMBER],
  );
  return row ?? null;
};
const proof = async () =>
  (await query('select kind, at from consent_events where account_id = $1 order by event_id', accountId)).map(
    ({ kind, at }) => `${kind} ${at}`,
  );
const listed = async () =>
  (
    await query(
      'select 1 from contacts join lists using (list_id) where is_opt_out and lists.account_id = $1',
      accountId,
    )
  ).length;
const blocked = (count: number) =>
  until(`${count} that wait`, async () => (await waiting(own.db.enginePool)) === count);

describe('an opt-in that is obeyed late', () => {
  test(verifies('optout:order', 'lifts no opt-out that was asked for after it, and leaves no proof'), async () => {
    await out({ at: 2_000 });
    expect(await lift({ at: 1_999 })).toBe(false);
    expect(await shown()).toMatchObject({ provisional: false, created_at: 2_000 });
    expect(await listed()).toBe(1);
    expect(await proof()).toEqual(['opt-out 2000']);
    expect(await lift({ at: 2_001 })).toBe(true);
    expect([await shown(), await listed()]).toEqual([null, 0]);
  });

  test(verifies('optout:order', 'nor one that was asked for again after it'), async () => {
    await out({ at: 1_000, words: 'STOP' });
    expect(await out({ at: 3_000, how: 'link', words: 'The page.' })).toBe(false);
    expect(await lift({ at: 2_000 })).toBe(false);
    expect(await shown()).toEqual({
      reason: 'link',
      provisional: false,
      created_at: 3_000,
      at: 3_000,
      words: 'The page.',
    });
    expect(await proof()).toEqual(['opt-out 1000', 'opt-out 3000']);
  });

  test(
    verifies('optout:order', 'nor one that waits for its turn in the database while the other is written'),
    async () => {
      await out({ at: 1_000 });
      const later = await begin();
      await later.out({ at: 3_000, how: 'link' });
      const lifted = lift({ at: 2_000 });
      await blocked(1);
      await later.end();
      expect(await lifted).toBe(false);
      expect(await shown()).toMatchObject({ created_at: 3_000 });
    },
  );

  test(
    verifies('optout:order', 'leaves on the Opt-Out list whom an opt-out under way has just put there'),
    async () => {
      const later = await begin();
      await later.out({ at: 3_000 });
      const lifted = lift({ at: 2_000 });
      await blocked(1);
      await later.end();
      expect(await lifted).toBe(false);
      expect([(await shown())?.created_at, await listed()]).toEqual([3_000, 1]);
    },
  );
});

describe('an opt-out that is obeyed late', () => {
  test(verifies('optout:order', 'has its proof, and does not stand in for a later one'), async () => {
    await out({ at: 3_000, how: 'link', words: 'The page.' });
    expect(await out({ at: 1_000, words: 'STOP' })).toBe(false);
    expect(await shown()).toEqual({
      reason: 'link',
      provisional: false,
      created_at: 3_000,
      at: 3_000,
      words: 'The page.',
    });
    expect(await proof()).toEqual(['opt-out 3000', 'opt-out 1000']);
  });

  test(
    verifies('optout:order', 'optout:review', 'is definite also where a later text only seemed to ask'),
    async () => {
      await out({ at: 3_000, provisional: true, words: 'the bus stop' });
      expect(await out({ at: 1_000, words: 'STOP' })).toBe(true);
      expect(await shown()).toMatchObject({ provisional: false, words: 'STOP', at: 1_000, created_at: 3_000 });
      expect(await lift({ at: 2_000 })).toBe(false);
    },
  );
});

test(
  verifies(
    'optout:order',
    'optout:review',
    'a text that only seems to ask weakens nothing, and an earlier opt-in does not lift it',
  ),
  async () => {
    await out({ at: 1_000, words: 'STOP' });
    expect(await out({ at: 3_000, provisional: true, words: 'do stop' })).toBe(false);
    expect(await shown()).toEqual({
      reason: 'keyword',
      provisional: false,
      created_at: 3_000,
      at: 1_000,
      words: 'STOP',
    });
    expect(await proof()).toEqual(['opt-out 1000', 'review 3000']);
    expect(await lift({ at: 2_000 })).toBe(false);
    expect(await lift({ at: 3_000, inboundId: LATER_TEXT })).toBe(false);
    expect(await lift({ at: 3_001 })).toBe(true);
  },
);

describe('at one time', () => {
  test.each([
    ['a text lifts what a link asked for', { how: 'link' }, { inboundId: LATER_TEXT }, false],
    ['the later text lifts what the earlier asked for', { inboundId: EARLIER_TEXT }, { inboundId: LATER_TEXT }, true],
    ['the earlier text lifts what the later asked for', { inboundId: LATER_TEXT }, { inboundId: EARLIER_TEXT }, false],
    ['a user lifts what he sees', { inboundId: LATER_TEXT }, { how: 'user' }, true],
  ] satisfies [string, Fields, Fields, boolean][])(`${'%s'}: [optout:order]`, async (_, first, second, lifted) => {
    await out(first);
    expect(await lift(second)).toBe(lifted);
    expect((await shown()) === null).toBe(lifted);
  });
});

test(
  verifies('optout:once', 'a button pressed again and again adds one proof a minute, and always counts as pressed'),
  async () => {
    const press = (at: number) => out({ at, how: 'link', words: 'The page.' });
    for (const at of [1_000, 1_001, 60_999]) await press(at);
    expect(await proof()).toEqual(['opt-out 1000']);
    expect(await lift({ at: 60_998 })).toBe(false);
    await press(61_000);
    expect(await proof()).toEqual(['opt-out 1000', 'opt-out 61000']);
    await out({ at: 61_001, words: 'STOP' });
    await press(61_002);
    expect(await proof()).toHaveLength(4);
  },
);

describe('where the Opt-Out list is younger than the others', () => {
  async function listBefore(): Promise<number> {
    await query('delete from lists where account_id = $1', accountId);
    const [{ list_id }] = await query(
      `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'L', 'X', 0) returning list_id`,
      accountId,
    );
    return list_id;
  }
  const OTHER = '+61411111112';

  test(verifies('optout:once', 'nobody who holds it waits for another list in a circle'), async () => {
    const listId = await listBefore();
    await out({ address: OTHER });
    const mover = await begin();
    await mover.lift({ address: OTHER, at: 2_000 });
    const answered = out({ listId });
    await blocked(1);
    expect(await lockLists(mover.client, accountId, [listId])).toBe(1);
    await mover.end();
    expect(await answered).toBe(true);
  });

  test(verifies('optout:once', 'nor where it is only being made'), async () => {
    const listId = await listBefore();
    const maker = await begin();
    await maker.out({ address: OTHER });
    const answered = out({ listId });
    await blocked(1);
    expect(await lockLists(maker.client, accountId, [listId])).toBe(1);
    await maker.end();
    expect(await answered).toBe(true);
    expect(await query('select 1 from lists where account_id = $1 and is_opt_out', accountId)).toHaveLength(1);
  });

  test(verifies('optout:once', 'who takes several takes it first'), async () => {
    const listId = await listBefore();
    await out({ address: OTHER });
    const [{ list_id: optOuts }] = await query(
      'select list_id from lists where account_id = $1 and is_opt_out',
      accountId,
    );
    const mover = await begin();
    await mover.lift({ address: OTHER, at: 2_000 });
    const both = within(({ client }) => lockLists(client, accountId, [listId, optOuts]));
    await blocked(1);
    expect(await lockLists(mover.client, accountId, [listId])).toBe(1);
    await mover.end();
    expect(await both).toBe(2);
  });
});
