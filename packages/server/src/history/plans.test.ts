import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { storeManyMessages } from '../../../../test/rig/many-messages.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount } from '../db/db.ts';
import { makePartitions } from '../db/partitions.ts';
import type { Schema } from '../db/schema.ts';
import { withClient } from '../db/with-client.ts';
import { rollUp } from '../statistics/rollup.ts';
import { readHistory } from './read-history.ts';

/**
 * How much each promised search touches, as PostgreSQL counts it: a bound that holds at 20,000 messages because no part of
 * the plan grows with them. The times at 1,000,000 are bench/history.ts's.
 */
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 20, 10, 30);
const COUNT = 20_000;
const LIMIT = 15;

let own: TestDatabase;
let caller: Caller;
let ran: CompiledQuery[] = [];

beforeAll(async () => {
  own = await openTestDatabase();
  await withClient(own.url, async (owner) => {
    await makePartitions(owner, NOW - 40 * DAY);
  });
  const mine = await addAccount(own.db, 'mine');
  const other = await addAccount(own.db, 'other');
  caller = mine as unknown as Caller;
  for (const who of [mine, other]) {
    await storeManyMessages(own.db, { ...who, count: COUNT, from: NOW - 40 * DAY, until: NOW });
  }
  await rollUp(own.db.enginePool);
  await withClient(own.url, (owner) => owner.query('vacuum analyze'));
});
afterAll(() => own.close());

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
const ofMessages = (node: Plan) => node['Relation Name']?.startsWith('messages') === true;

/** Runs a search, then explains each statement it ran, as the same role on the same account. */
async function plansOf(query: Record<string, string>): Promise<{ found: number; total: number; scans: Plan[] }> {
  const app = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: own.db.appPool }),
    log: (event) => void ran.push(event.query),
  });
  ran = [];
  const read = readCall(endpoints.smsHistory, { query });
  if (!read.ok) throw new Error(JSON.stringify(read.fields));
  const parts = { db: { ...own.db, app }, clock: handClock(NOW), publicUrl: () => 'https://a.test' };
  const { data } = await readHistory(parts, caller, read.call.query);
  const statements = ran.filter((one) => one.sql.includes(' messages m') || one.sql.includes('from statistics'));
  expect(statements.length).toBeGreaterThan(0);
  const scans: Plan[] = [];
  for (const statement of statements) {
    const plan = await asAccount(own.db, caller.accountId, async (tx) => {
      const explained = { ...statement, sql: `explain (analyze, timing off, format json) ${statement.sql}` };
      const { rows } = await tx.executeQuery<{ 'QUERY PLAN': [{ Plan: Plan }] }>(explained);
      return rows[0]?.['QUERY PLAN'][0].Plan;
    });
    if (plan) scans.push(...nodes(plan).filter((node) => node['Node Type'].includes('Scan')));
  }
  return { found: data.data.length, total: data.total, scans };
}

const touched = (scans: Plan[]): number =>
  scans
    .filter(ofMessages)
    .reduce(
      (sum, scan) => sum + (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops'],
      0,
    );

const seconds = (milliseconds: number) => String(Math.floor(milliseconds / 1000));

describe('a page of a promised search reads no table whole', () => {
  const LAST = String(Math.ceil(COUNT / LIMIT));
  test.each<[string, Record<string, string>, number]>([
    ['the first page', {}, 2 * LIMIT],
    ['the last page', { page: LAST }, 2 * LIMIT],
    ['the first page, newest first', { order_by: 'date:desc' }, 2 * LIMIT],
    ['the first page of a state', { q: 'status:Cancelled' }, 2 * LIMIT],
    ['the last page of a state', { q: 'status:Cancelled', page: '13' }, 2 * LIMIT],
    // Submitted and delivered are what most messages are: met as they lie, past the few others and, at the end, the queue.
    ['the first page of two states', { q: 'status:Sent' }, 4 * LIMIT],
    ['the last page of two states', { q: 'status:Sent', page: '1252' }, 50 + 4 * LIMIT],
    ['the last page of four states', { q: 'status:Failed', page: '66' }, 8 * LIMIT],
    // Counting a state of the queue counts what is in it.
    ['scheduled messages', { q: 'status:Scheduled' }, 100],
    ['a custom_string', { q: 'custom_string:order-777' }, 5],
    // An hour holds 21 messages here; two pieces of hours are counted.
    ['a time', { date_from: seconds(NOW - 3 * DAY), date_to: seconds(NOW - 2 * DAY + 60_000) }, 100],
    ['the last page of a time', { date_from: seconds(NOW - 30 * DAY), page: '1000' }, 100],
    ['a state and a time', { q: 'status:Failed', date_from: seconds(NOW - 30 * DAY), date_to: seconds(NOW) }, 160],
  ])('%s', async (_, query, most) => {
    const { found, total, scans } = await plansOf(query);
    expect(found).toBeGreaterThan(0);
    expect(total).toBeGreaterThan(0);
    // An empty partition is read whole for nothing.
    expect(touched(scans.filter((scan) => scan['Node Type'] === 'Seq Scan'))).toBe(0);
    expect(touched(scans)).toBeGreaterThan(0);
    expect(touched(scans)).toBeLessThanOrEqual(most);
  });

  test('a message by its id touches it alone, in its partition alone', async () => {
    const { rows } = await own.db.enginePool.query('select id from messages where account_id = $1 limit 1 offset 777', [
      caller.accountId,
    ]);
    const { found, scans } = await plansOf({ q: `message_id:${rows[0].id}` });
    expect(found).toBe(1);
    expect(touched(scans)).toBe(2);
    expect(new Set(scans.filter(ofMessages).map((scan) => scan['Relation Name']))).toHaveProperty('size', 1);
  });

  test('a time looks into its own months only', async () => {
    const may = { date_from: seconds(Date.UTC(2026, 4, 12)), date_to: seconds(Date.UTC(2026, 4, 14)) };
    const { scans } = await plansOf(may);
    expect(new Set(scans.filter(ofMessages).map((scan) => scan['Relation Name']))).toEqual(
      new Set(['messages_2026_05']),
    );
  });

  test('and these bounds would notice: a search inside bodies touches everything', async () => {
    const { scans } = await plansOf({ q: 'body:order 77' });
    expect(touched(scans)).toBeGreaterThan(COUNT);
  });

  test('totals agree with what is stored', async () => {
    const searches: Record<string, string>[] = [
      {},
      { q: 'status:Sent' },
      { q: 'status:Failed' },
      { q: 'status:Queued' },
      { q: 'status:Completed' },
    ];
    for (const query of searches) {
      const { total } = await plansOf(query);
      const count = await plansOf({ ...query, q: `body:order,${query.q ?? 'body:'}` });
      expect(total, JSON.stringify(query)).toBe(count.total);
    }
    const { rows } = await asAccount(own.db, caller.accountId, (tx) => sql`select 1 from messages`.execute(tx));
    expect(rows).toHaveLength(COUNT);
  });
});
