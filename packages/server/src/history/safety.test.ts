import { endpoints } from '@veredus/contract/endpoints';
import { smsHistorySearch } from '@veredus/contract/endpoints/sms-history';
import { readCall } from '@veredus/contract/read-call';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { withClient } from '../db/with-client.ts';
import { Status } from '../messages/status.ts';
import { readHistory } from './read-history.ts';
import { readSearch } from './search.ts';
import { findRows, inSnapshot, TIME_LIMIT_MS } from './store.ts';

const NOW = Date.UTC(2026, 5, 1, 10, 30);
const clock = handClock(NOW);
const AWKWARD = `a%b_c\\d'e"f`;

let own: TestDatabase;
let caller: Caller;

beforeAll(async () => {
  own = await openTestDatabase();
  const mine = await addAccount(own.db, 'mine');
  const theirs = await addAccount(own.db, 'theirs');
  caller = { accountId: mine.accountId, userId: mine.userId, scopes: ['*'] } as unknown as Caller;
  for (const [who, words] of [
    [mine, 'OWN'],
    [theirs, 'CANARY'],
  ] as const) {
    await storeMessages(
      own.db,
      Object.values(Status).map((status, i) => ({
        account_id: who.accountId,
        user_id: who.userId,
        created_at: NOW - 1000 * i,
        status,
        body: words,
        sender: words,
        custom_string: words,
        contact_id: words,
      })),
    );
  }
  await storeMessages(own.db, [
    { account_id: caller.accountId, user_id: caller.userId, created_at: NOW, status: Status.submitted, body: AWKWARD },
  ]);
});
afterAll(() => own.close());

/** Strings that end a value, comment out a clause, sort by a subquery, or mean something to LIKE (fault F49). */
const CORPUS = [
  `' or '1'='1`,
  `') or 1=1 --`,
  `x' union select * from users --`,
  `'; drop table messages; --`,
  `"; select pg_sleep(10); --`,
  `\\' or 1=1 --`,
  `$1`,
  `:name`,
  `(select password_hash from users limit 1)`,
  `case when (select 1)=1 then id else body end`,
  `%`,
  `_`,
  `%%%`,
  `\\`,
  `\\%`,
  `CANARY%`,
  `\u0000`,
  `OWN\u0000`,
  `\ud800`,
  `9'::int`,
  `1 or 1=1`,
  `1e400`,
  `-1`,
  `9223372036854775808`,
  `{1,2}`,
  `00000000-0000-0000-0000-000000000000' or true --`,
  `NaN`,
  `null`,
  `true`,
];

async function answer(query: Record<string, string>) {
  const read = readCall(endpoints.smsHistory, { query: { limit: '100', ...query } });
  if (!read.ok) return null;
  return readHistory({ db: own.db, clock, publicUrl: () => 'https://a.test' }, caller, read.call.query);
}

const ask = async (query: Record<string, string>) => (await answer(query))?.data ?? null;

describe('[fault:F49] strings made to break out of a search', () => {
  test.each(smsHistorySearch.fields)(
    'as a value of %s find nothing of others, and nothing is broken',
    async (field) => {
      for (const text of CORPUS) {
        for (const operator of ['AND', 'OR']) {
          const data = await ask({ q: `${field}:${text},body:${text}`, operator }).catch((refusal) => {
            // Only a time that is none may be refused.
            expect(['date', 'schedule']).toContain(field);
            expect(refusal.kind).toBe('bad-request');
            return null;
          });
          for (const row of data?.data ?? []) expect(JSON.stringify(row)).not.toContain('CANARY');
        }
      }
      expect((await ask({}))?.total).toBe(11);
    },
  );

  test('are looked for as themselves', async () => {
    for (const text of ['%', '_', '\\', `' or '1'='1`, '\u0000']) {
      expect((await ask({ q: `body:${text}` }))?.total, text).toBe(AWKWARD.includes(text) ? 1 : 0);
      expect((await ask({ q: `custom_string:${text}` }))?.total, text).toBe(0);
    }
    for (const text of [AWKWARD, 'a%b', 'B_C', 'c\\d', `d'e`, `e"f`]) {
      expect(
        (await ask({ q: `body:${text}` }))?.data.map((row) => row.body),
        text,
      ).toEqual([AWKWARD]);
    }
  });

  test('as order_by are refused', async () => {
    for (const text of CORPUS) {
      expect(readCall(endpoints.smsHistory, { query: { order_by: text } }).ok, text).toBe(false);
      expect(readCall(endpoints.smsHistory, { query: { order_by: `body:${text}` } }).ok, text).toBe(false);
      expect(readCall(endpoints.smsHistory, { query: { q: `${text.replaceAll(':', '')}:x` } }).ok, text).toBe(false);
    }
  });
});

describe('another account', () => {
  test('is not seen even by a search that names it', async () => {
    for (const field of ['body', 'from', 'custom_string', 'contact_id', '_api_username']) {
      expect((await ask({ q: `${field}:CANARY` }))?.total).toBe(0);
    }
    const { rows } = await own.db.enginePool.query(`select id from messages where body = 'CANARY'`);
    for (const { id } of rows) expect((await ask({ q: `message_id:${id}` }))?.total).toBe(0);
  });

  test('stays unseen where a statement forgets the account: the role sees one account only', async () => {
    const seen = { accountId: caller.accountId, now: NOW };
    const all = await inSnapshot(own.db, seen.accountId, TIME_LIMIT_MS, (tx) =>
      sql`select 1 from messages`.execute(tx),
    );
    expect(all.rows).toHaveLength((await ask({}))?.total ?? 0);
  });

  test('is not reached by a search read for it and run as another', async () => {
    const read = readCall(endpoints.smsHistory, { query: {} });
    if (!read.ok) throw new Error('unreadable');
    const { rows } = await own.db.enginePool.query(`select account_id from messages where body = 'CANARY' limit 1`);
    const theirs = { accountId: rows[0].account_id, now: NOW };
    const search = readSearch(read.call.query, theirs.accountId);
    const slice = { skip: 0, count: 100, backwards: false };
    expect(
      await inSnapshot(own.db, caller.accountId, TIME_LIMIT_MS, (tx) => findRows(tx, search, theirs, slice)),
    ).toEqual([]);
  });
});

describe('the time limit', () => {
  test('refuses with how to narrow the search', async () => {
    // A locked table stands in for a hundred million messages.
    await withClient(own.url, async (other) => {
      await other.query('begin');
      await other.query('lock table messages in access exclusive mode');
      await expect(ask({ q: 'body:x' })).rejects.toMatchObject({
        kind: 'bad-request',
        message: expect.stringContaining('date_from'),
        fields: { q: expect.stringContaining('given up after 2 seconds') },
      });
      await other.query('rollback');
    });
  });

  test('is spoken of in the answer of a search that it could strike', async () => {
    expect((await answer({ q: 'body:x' }))?.words).toContain('2 seconds');
    expect((await answer({ q: 'status:Sent' }))?.words).toBe('History.');
  });
});
