import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { addAccount, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Client } from '../db/transaction.ts';
import { readEventPage } from '../history/read-event-page.ts';
import { showMessageId } from '../messages/ids.ts';
import { Status } from '../messages/status.ts';
import { parseCursor, presentCursor, writeCursor } from './cursor.ts';
import { EVENTS_KEPT_MS } from './read-events.ts';
import { recordEvent } from './record.ts';
import { dropOldEvents } from './store.ts';

const NOW = Date.UTC(2026, 5, 1, 10, 30);
const DAY = 86_400_000;
let clock = handClock(NOW);
let own: TestDatabase;
let caller: Caller;
let stranger: Caller;

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
beforeEach(async () => {
  clock = handClock(NOW);
  await own.db.enginePool.query('delete from events');
  const name = `${Math.random()}`;
  [caller, stranger] = [await callerOf(`caller ${name}`), await callerOf(`stranger ${name}`)];
});

async function callerOf(name: string): Promise<Caller> {
  return { ...(await addAccount(own.db, name)), username: name } as unknown as Caller;
}

const page = async (after?: string, terms: Record<string, string> = {}, who = caller) => {
  const reading = readCall(endpoints.eventsPage, { query: { ...terms, ...(after === undefined ? {} : { after }) } });
  if (!reading.ok) throw new Error(JSON.stringify(reading.fields));
  return (await readEventPage({ db: own.db, clock }, who, reading.call.query)).data;
};
const record = (run: Pick<Client, 'query'>, name: string, who = caller) =>
  recordEvent(run, { accountId: who.accountId, at: clock.now(), kind: 'campaign.state', facts: { name } });
const names = ({ events }: { events: { data: Record<string, unknown> }[] }) => events.map(({ data }) => data.name);

/** A row of states as the pipeline writes it. */
const recordStates = (ids: readonly string[], states: readonly number[], errors: readonly (number | null)[]) =>
  own.db.enginePool.query(
    `insert into events (account_id, at, kind, message_ids, statuses, error_codes)
     values ($1, $2, 'message.status', $3, $4, $5)`,
    [caller.accountId, clock.now(), ids, states, errors],
  );
const store = (count: number, custom_string = '') =>
  storeMessages(
    own.db,
    Array.from({ length: count }, () => ({
      account_id: caller.accountId,
      user_id: caller.userId,
      created_at: NOW,
      status: Status.submitted,
      custom_string,
    })),
  );

/** A client inside a transaction that has its number. */
async function begin(): Promise<Client> {
  const client = await own.db.enginePool.connect();
  await client.query('begin');
  await client.query('select pg_current_xact_id()');
  return client;
}
async function commit(client: Client): Promise<void> {
  await client.query('commit');
  client.release();
}

/** Everything behind `after`, as soon as `count` are there: other tests of this server hold transactions open as well. */
const readUntil = (after: string, count: number) =>
  eventually(async () => {
    const seen = await page(after);
    return seen.events.length >= count && seen;
  });

describe('the order', () => {
  test(
    verifies('events:order', 'what is numbered first and commits last is neither missed nor out of turn'),
    async () => {
      const { next: start } = await page();
      const early = await begin();
      await record(early, 'numbered first');
      const late = await begin();
      await record(late, 'numbered second');
      await commit(late);
      // The classic reader would show the second now, remember its number, and never see the first.
      const between = await page(start);
      expect(names(between)).toEqual([]);
      const resumed = between.next;
      await commit(early);
      expect(names(await readUntil(resumed, 2))).toEqual(['numbered first', 'numbered second']);
      expect(names(await readUntil(start, 2))).toEqual(['numbered first', 'numbered second']);
    },
  );

  test(
    verifies('events:order', 'one whose number is smaller and whose transaction is younger comes behind'),
    async () => {
      const { next: start } = await page();
      const first = await begin();
      const second = await begin();
      await record(second, 'in the younger');
      await record(first, 'in the older');
      await commit(first);
      expect(names(await readUntil(start, 1))).toEqual(['in the older']);
      const { next } = await page(start);
      await commit(second);
      expect(names(await readUntil(next, 1))).toEqual(['in the younger']);
    },
  );

  test(verifies('events:order', 'is that of numbers, not of their digits'), async () => {
    const { next: start } = await page();
    for (const xact of [9, 10, 99, 100]) {
      await own.db.enginePool.query(
        `insert into events (account_id, at, kind, facts, xact) values ($1, $2, 'rule.failed', $3, $4)`,
        [caller.accountId, NOW, JSON.stringify({ name: xact }), xact],
      );
    }
    expect(names(await page(start))).toEqual([9, 10, 99, 100]);
  });

  test(
    verifies('events:order', 'twenty writers at once and a reader that never waits: each once, none missing'),
    async () => {
      let { next } = await page();
      const seen: unknown[] = [];
      const look = async () => {
        const answer = await page(next, { limit: '3' });
        seen.push(...names(answer));
        next = answer.next;
      };
      let writing = 20;
      const writers = Array.from({ length: 20 }, async (_, writer) => {
        for (let i = 0; i < 10; i++) {
          // Of a pool of eight: they wait for one another and commit in any order.
          const client = await begin();
          await record(client, `${writer}.${i}.a`);
          await record(client, `${writer}.${i}.b`);
          if (i % 3 === 0) await client.query('select pg_sleep(0.002)');
          await commit(client);
        }
        writing -= 1;
      });
      while (writing > 0) await look();
      await Promise.all(writers);
      await eventually(async () => {
        await look();
        return seen.length >= 400;
      });
      expect(new Set(seen).size).toBe(400);
      expect(seen.length).toBe(400);
    },
  );
});

describe('a page', () => {
  test(verifies('events:shape', 'tells a state in ClickSend’s words, with the custom string'), async () => {
    const { next } = await page();
    const [a, b] = await store(2, 'order-7');
    const [c] = await store(1);
    await recordStates([a!, b!, c!], [Status.delivered, Status.failed, Status.submitted], [null, 3, null]);
    await own.db.enginePool.query(
      `insert into events (account_id, at, kind, facts) values ($1, $2, 'rule.failed', '{"kind":"no","at":1,"rule_name":"Fwd"}')`,
      [caller.accountId, NOW],
    );
    const { events } = await readUntil(next, 4);
    const at = NOW / 1_000;
    expect(events.map(({ kind, data }) => [kind, data])).toEqual([
      [
        'message.status',
        {
          message_id: showMessageId(a!),
          status: 'Sent',
          status_code: '201',
          status_text: 'Success: Message received on handset.',
          error_code: null,
          delivered: true,
          at,
          message_type: 'sms',
          custom_string: 'order-7',
        },
      ],
      [
        'message.status',
        expect.objectContaining({ message_id: showMessageId(b!), status: 'Failed', error_code: 3, delivered: false }),
      ],
      ['message.status', expect.not.objectContaining({ custom_string: expect.anything() })],
      ['rule.failed', { kind: 'rule.failed', at, rule_name: 'Fwd' }],
    ]);
    expect(endpoints.eventsPage.data.safeParse(await page(next)).success).toBe(true);
  });

  test(verifies('events:page', 'leads on through the middle of chunks, whatever its size'), async () => {
    const { next: start } = await page();
    const ids = await store(23);
    await recordStates(ids.slice(0, 10), Array(10).fill(Status.submitted), Array(10).fill(null));
    await record(own.db.enginePool, 'between');
    await recordStates(ids.slice(10), Array(13).fill(Status.submitted), Array(13).fill(null));
    const whole = await readUntil(start, 24);
    expect(whole).toMatchObject({ more: false, reset: null });
    const all = whole.events.map(({ id }) => id);
    expect(new Set(all).size).toBe(24);
    for (const limit of [1, 4, 7, 10, 24]) {
      const seen: string[] = [];
      let after = start;
      for (let more = true; more; ) {
        const some = await page(after, { limit: String(limit) });
        expect(some.events.length).toBeLessThanOrEqual(limit);
        seen.push(...some.events.map(({ id }) => id));
        [after, more] = [some.next, some.more];
      }
      expect(seen).toEqual(all);
    }
    // And from every event on.
    for (const [i, id] of all.entries()) {
      expect((await page(id)).events.map((event) => event.id)).toEqual(all.slice(i + 1));
    }
  });

  test(verifies('events:kinds', 'of some kinds goes past the others for good'), async () => {
    const { next: start } = await page();
    const ids = await store(2);
    await recordStates(ids, [2, 2], [null, null]);
    await record(own.db.enginePool, 'one');
    await readUntil(start, 3);
    const { events, next } = await page(start, { kinds: 'campaign.state, import.state' });
    expect(events.map(({ kind }) => kind)).toEqual(['campaign.state']);
    expect((await page(next)).events).toEqual([]);
    expect(readCall(endpoints.eventsPage, { query: { kinds: 'message.sent' } })).toMatchObject({
      ok: false,
      fields: { kinds: expect.stringContaining('message.status') },
    });
  });

  test(verifies('events:own', 'shows nothing of another account, and takes none of its ids'), async () => {
    const { next } = await page();
    const { next: theirs } = await page(undefined, {}, stranger);
    await record(own.db.enginePool, 'CANARY', stranger);
    await record(own.db.enginePool, 'mine');
    const seen = await readUntil(next, 1);
    expect(names(seen)).toEqual(['mine']);
    const [{ id } = { id: '' }] = (await page(theirs, {}, stranger)).events;
    expect(parseCursor(id)).not.toBeNull();
    expect(await page(id)).toMatchObject({ events: [], reset: 'expired', next: seen.next });
  });
});

describe('[events:reset] an id', () => {
  const horizon = async () =>
    BigInt((await own.db.enginePool.query('select pg_snapshot_xmin(pg_current_snapshot())::text as x')).rows[0].x);

  test.each(['1', 'a-b-c', '1-2-3-4', '-1-2-3', '99999999999999999999-1-0', '1-9999999999999999-0', '1-1-100001'])(
    'that nobody wrote (%j) is answered with a reset, and nothing is left out in silence',
    async (text) => {
      if (text.trim() === '') return expect(parseCursor(text)).toBeNull();
      await record(own.db.enginePool, 'there');
      const { events, reset, next } = await page(text);
      expect([events, reset]).toEqual([[], 'malformed']);
      expect((await page(next)).reset).toBeNull();
    },
  );

  test(verifies('events:reset', 'from a future is: the database was restored'), async () => {
    const ahead = (await horizon()) + 100_000n;
    for (const id of [`${ahead}-12-0`, `${ahead}-0-${NOW / 1_000}`]) expect((await page(id)).reset).toBe('ahead');
    // Committed, but not final yet: an id that was guessed, since none like it has been told to anybody.
    const held = await begin();
    const client = await begin();
    await record(client, 'not final');
    const { rows } = await client.query('select xact::text, event_id from events');
    await commit(client);
    expect((await page(`${rows[0].xact}-${rows[0].event_id}-0`)).reset).toBe('ahead');
    await commit(held);
  });

  test(verifies('events:reset', 'of an event that this database never had, or no longer has, is'), async () => {
    const { next: nothingYet } = await page();
    await record(own.db.enginePool, 'one');
    const { events, next } = await readUntil(nothingYet, 1);
    expect((await page(events[0]!.id)).reset).toBeNull();
    expect((await page(next)).reset).toBeNull();
    // As after a restore: the same numbers stand for other things.
    await own.db.enginePool.query('delete from events');
    await record(own.db.enginePool, 'another');
    expect((await page(events[0]!.id)).reset).toBe('expired');
    expect((await page(next)).reset).toBe('expired');
    // Who had been told that there is nothing has missed nothing.
    expect(names(await readUntil(nothingYet, 1))).toEqual(['another']);
  });

  test(
    verifies('events:reset', 'that is older than what is kept is, of an event and of a quiet present alike'),
    async () => {
      const { next: quiet } = await page();
      await record(own.db.enginePool, 'old');
      const { events, next } = await readUntil(quiet, 1);
      clock.advance(7 * DAY);
      for (const id of [quiet, events[0]!.id, next]) expect((await page(id)).reset).toBeNull();
      clock.advance(1_000);
      for (const id of [quiet, events[0]!.id, next]) expect((await page(id)).reset).toBe('expired');
    },
  );
});

describe('[events:kept] what is old', () => {
  test(verifies('events:kept', 'goes, in rounds, and stays while a rule or a mail waits for it'), async () => {
    const insert = (at: number, due: string) =>
      own.db.enginePool.query(
        `insert into events (account_id, at, kind, facts, rules_due, alert_due) values ($1, $2, $3, '{}', $4, $5)`,
        [caller.accountId, at, due, due === 'rules', due === 'alert'],
      );
    await insert(NOW - 3, 'rules');
    await insert(NOW - 3, 'alert');
    for (let i = 0; i < 5; i++) await insert(NOW - 2, 'none');
    await insert(NOW, 'young');
    expect(await dropOldEvents(own.db.enginePool, NOW - 1, 3)).toBe(3);
    expect(await dropOldEvents(own.db.enginePool, NOW - 1, 3)).toBe(2);
    expect(await dropOldEvents(own.db.enginePool, NOW - 1, 3)).toBe(0);
    const { rows } = await own.db.enginePool.query('select kind from events order by event_id');
    expect(rows.map(({ kind }) => kind)).toEqual(['rules', 'alert', 'young']);
  });
});

describe('[events:page] a cursor', () => {
  test('reads back as it was written', () => {
    for (const cursor of [
      { xact: '18446744073709551615', eventId: 9_007_199_254_740_991, n: 100_000 },
      presentCursor(null, NOW),
      presentCursor('41', NOW),
    ]) {
      expect(parseCursor(writeCursor(cursor))).toEqual(cursor);
    }
    expect(presentCursor('41', NOW)).toEqual({ xact: '42', eventId: 0, n: NOW / 1_000 });
    expect(EVENTS_KEPT_MS).toBe(7 * DAY);
  });
});

describe('[events:page] a page of many', () => {
  test('is read off the index under row-level security', async () => {
    await own.db.enginePool.query(
      `insert into events (account_id, at, kind, facts) select $1 + i % 50, $2, 'campaign.state', '{}' from generate_series(1, 20000) i`,
      [caller.accountId, NOW],
    );
    await own.db.enginePool.query('analyze events').catch(() => {});
    const client = await own.db.appPool.connect();
    try {
      await client.query('begin');
      await client.query(`select set_config('veredus.account_id', $1, true)`, [String(caller.accountId)]);
      const { rows } = await client.query(
        `explain select * from events where account_id = $1 and (xact, event_id) >= ($2::xid8, $3::bigint) and xact < $4::xid8
         order by account_id, xact, event_id limit 100`,
        [caller.accountId, '10', 5, '999999999'],
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/Index Scan using events_account/);
      expect(plan).toMatch(/Index Cond: .*ROW\(xact, event_id\) >= /);
      expect(plan).not.toMatch(/Sort/);
      await client.query('rollback');
    } finally {
      client.release();
    }
  });
});
