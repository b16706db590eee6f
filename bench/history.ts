import { pathToFileURL } from 'node:url';
import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import type { Caller } from '@veredus/server/accounts/caller';
import { type Database, openDatabase } from '@veredus/server/db/db';
import { migrate } from '@veredus/server/db/migrate';
import { makePartitions } from '@veredus/server/db/partitions';
import { withClient } from '@veredus/server/db/with-client';
import { readHistory } from '@veredus/server/history/read-history';
import { rollUp } from '@veredus/server/statistics/rollup';
import { systemClock } from '@veredus/server/system';
import { startEngine } from '../test/rig/engine.ts';
import { onDatabase } from '../test/rig/global-setup.ts';
import { storeManyMessages } from '../test/rig/many-messages.ts';
import { addAccount } from '../test/rig/stored-messages.ts';

/**
 * What a page of history costs at 10,000 and at 1,000,000 stored messages: medians of 7 rounds, the sizes asked in turn so
 * that the machine's moods meet both. The promise: first and last page, unfiltered and by status, date, message_id and
 * custom_string, within 1.5 times.
 */

export interface HistoryFigure {
  name: string;
  smallMs: number;
  largeMs: number;
  ratio: number;
  /** False for what is measured but promised nothing, e.g. a search inside bodies. */
  promised: boolean;
}

export const SMALL = 10_000;
export const LARGE = 1_000_000;
export const RATIO_AT_MOST = 1.5;
const ROUNDS = 7;
/** Calls a round: one call takes a few milliseconds, of which the scheduler's whims would be a good part. */
const CALLS = 20;
const NOW = Date.UTC(2026, 5, 20, 10, 30);
const DAY = 86_400_000;
const seconds = (milliseconds: number) => String(Math.floor(milliseconds / 1000));

interface Filled {
  db: Database;
  count: number;
  ask(query: Record<string, string>): Promise<{ total: number; last: string }>;
}

interface Case {
  name: string;
  /** `of` is the number of messages there are, `last` the last page of the search. */
  query(of: { count: number; last: string }): Record<string, string>;
  promised: boolean;
}

/** Each search by its first and its last page. The short date range begins and ends within an hour. */
const CASES: Case[] = [
  ...pages('unfiltered', () => ({})),
  ...pages('newest first', () => ({ order_by: 'date:desc' })),
  ...pages('status:Sent', () => ({ q: 'status:Sent' })),
  ...pages('status:Failed', () => ({ q: 'status:Failed' })),
  ...pages('status:Scheduled', () => ({ q: 'status:Scheduled' })),
  ...pages('status:Queued', () => ({ q: 'status:Queued' })),
  ...pages('date range', () => ({ date_from: seconds(NOW - 3 * DAY), date_to: seconds(NOW - 3 * DAY + 17_040_000) })),
  ...pages('date range and status', () => ({
    q: 'status:Sent',
    date_from: seconds(NOW - 20 * DAY),
    date_to: seconds(NOW),
  })),
  { name: 'custom_string', query: ({ count }) => ({ q: `custom_string:order-${count / 2}` }), promised: true },
  { name: 'middle page', query: ({ count }) => ({ page: String(Math.floor(count / 30)) }), promised: false },
  { name: 'inside bodies', query: () => ({ q: 'body:order 77' }), promised: false },
  { name: 'order by body', query: () => ({ order_by: 'body:asc' }), promised: false },
];

function pages(name: string, query: () => Record<string, string>): Case[] {
  return [
    { name: `${name}, first page`, query, promised: true },
    { name: `${name}, last page`, query: ({ last }) => ({ ...query(), page: last }), promised: true },
  ];
}

/** @param url superuser's connection string of a server; two databases are made on it and dropped again. */
export async function measureHistory(url: string): Promise<HistoryFigure[]> {
  const names = [`history_${SMALL}`, `history_${LARGE}`];
  const [small, large] = [await fill(url, names[0]!, SMALL), await fill(url, names[1]!, LARGE)];
  try {
    const figures: HistoryFigure[] = [];
    for (const one of CASES) figures.push(await compare(one, small, large));
    figures.push(await compareById(small, large));
    return figures;
  } finally {
    await small.db.close();
    await large.db.close();
    for (const name of names) await withClient(url, (admin) => admin.query(`drop database ${name} with (force)`));
  }
}

async function fill(url: string, name: string, count: number): Promise<Filled> {
  await withClient(url, (admin) => admin.query(`create database ${name}`));
  const own = onDatabase(url, name);
  await migrate(own, { clock: systemClock, log: () => {} });
  await withClient(own, (owner) => makePartitions(owner, NOW));
  const db = openDatabase(own, { clock: systemClock, log: () => {} });
  const { accountId, userId } = await addAccount(db, 'bench');
  await storeManyMessages(db, { accountId, userId, count, from: NOW - 15 * DAY, until: NOW });
  await rollUp(db.enginePool);
  // What autovacuum does within a minute of quiet.
  await withClient(own, (owner) => owner.query('vacuum analyze'));
  const caller = { accountId, userId, username: 'bench', scopes: ['*'] } as unknown as Caller;
  const parts = { db, clock: { ...systemClock, now: () => NOW }, publicUrl: () => 'https://msg.example.test' };
  return {
    db,
    count,
    async ask(query) {
      const read = readCall(endpoints.smsHistory, { query });
      if (!read.ok) throw new Error(JSON.stringify(read.fields));
      const { data } = await readHistory(parts, caller, read.call.query);
      return { total: data.total, last: String(data.last_page) };
    },
  };
}

async function compare(one: Case, small: Filled, large: Filled): Promise<HistoryFigure> {
  const queries = await Promise.all(
    [small, large].map(async (filled) => {
      const { last } = await filled.ask(one.query({ count: filled.count, last: '1' })).catch(() => ({ last: '1' }));
      return one.query({ count: filled.count, last });
    }),
  );
  return inTurn(
    one.name,
    one.promised,
    () => small.ask(queries[0]!),
    () => large.ask(queries[1]!),
  );
}

async function compareById(small: Filled, large: Filled): Promise<HistoryFigure> {
  const [first, second] = await Promise.all(
    [small, large].map(async ({ db, count }) => {
      const { rows } = await db.enginePool.query('select id from messages where custom_string = $1', [
        `order-${(count / 3) | 0}`,
      ]);
      return `message_id:${rows[0].id}`;
    }),
  );
  return inTurn(
    'message_id',
    true,
    () => small.ask({ q: first! }),
    () => large.ask({ q: second! }),
  );
}

async function inTurn(
  name: string,
  promised: boolean,
  small: () => ReturnType<Filled['ask']>,
  large: () => ReturnType<Filled['ask']>,
): Promise<HistoryFigure> {
  const calls = promised ? CALLS : 1;
  const times: [number[], number[]] = [[], []];
  if (promised) await Promise.all([small(), large()].map(mustFind));
  for (let round = 0; round < ROUNDS; round++) {
    times[0].push(await timed(small, calls));
    times[1].push(await timed(large, calls));
  }
  const [smallMs, largeMs] = [median(times[0]), median(times[1])];
  return { name, smallMs, largeMs, ratio: largeMs / smallMs, promised };
}

/** A figure of nothing found, or of a refusal, would look splendid. */
async function mustFind(answer: ReturnType<Filled['ask']>): Promise<void> {
  if ((await answer).total === 0) throw new Error('a search of the benchmark found nothing');
}

/** Milliseconds a call. A search given up by its time limit counts with the time it took to say so. */
async function timed(ask: () => Promise<unknown>, calls: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i++) await ask().catch(() => {});
  return (performance.now() - start) / calls;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** The figures as lines for people; a promise that was missed is marked. */
export function historyTable(figures: readonly HistoryFigure[]): string {
  const lines = figures.map(({ name, smallMs, largeMs, ratio, promised }) => {
    const verdict = promised ? (ratio <= RATIO_AT_MOST ? 'ok' : 'MISSED') : '';
    const cells = [smallMs.toFixed(2), largeMs.toFixed(2), ratio.toFixed(2)].map((cell) => cell.padStart(10));
    return `${name.padEnd(36)}${cells.join('')}  ${verdict}`;
  });
  const head = ['10,000', '1,000,000', 'ratio'].map((cell) => cell.padStart(10));
  return [`${'history, ms a page of 15'.padEnd(36)}${head.join('')}`, ...lines].join('\n');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const engine = await startEngine();
  try {
    console.log(historyTable(await measureHistory(engine.url)));
  } finally {
    await engine.stop();
  }
}
