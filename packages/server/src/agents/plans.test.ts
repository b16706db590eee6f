import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { inSnapshotAs, type Runner } from '../db/runner.ts';
import { firstIdOf } from '../messages/ids.ts';
import { executionsOfMessage, type FoundSearch, findExecutions } from './store-log.ts';

const MANY = 60_000;
const START = 1_790_000_000_000;
let own: TestDatabase;
let accountId: number;

beforeAll(async () => {
  own = await openTestDatabase();
  accountId = (await addAccount(own.db, 'ana')).accountId;
  const other = await addAccount(own.db, 'ben');
  // One a second for each account, of 50 agents and 1,000 runs; every tenth made a message.
  await own.db.enginePool.query(
    `insert into executions (execution_id, account_id, at, agent_id, run_id, face, action, target, arguments, state, successful,
       message_ids)
     select overlay(gen_random_uuid()::text placing
         overlay(lpad(to_hex($1::bigint + n * 1000), 12, '0') placing '-' from 9 for 0) || '-7' from 1 for 15)::uuid, account,
       $1::bigint + n * 1000, n % 50, 'run-' || n % 1000, 'mcp', 'CLICKSEND_GET_LISTS', 'local', '{}', 'done', true,
       case when n % 10 = 0 then array[lpad(to_hex(n), 32, '0')::uuid] end
     from generate_series(1, $2::integer) n, unnest($3::integer[]) account`,
    [START, MANY, [accountId, other.accountId]],
  );
  await own.db.enginePool.query('analyze executions');
}, 120_000);
afterAll(() => own.close());

const nothing: FoundSearch = { conditions: [], any: false, fromId: null, untilId: null };
const search = (...conditions: FoundSearch['conditions'][number][]): FoundSearch => ({ ...nothing, conditions });
const uuid = (n: number) => `00000000-0000-0000-0000-${n.toString(16).padStart(12, '0')}`;

/** Rows of `executions` that a page of this search looks at, as the app role sees them. */
async function looked(wanted: FoundSearch): Promise<{ total: number; rows: number; touched: number }> {
  return inSnapshotAs(own.db, accountId, 60_000, async (run) => {
    const watched = watching(run);
    const { total, rows } = await findExecutions(watched.run, accountId, wanted, { skip: 0, count: 15 });
    return { total, rows: rows.length, touched: watched.touched() };
  });
}

/** Explains each statement before it runs it. */
function watching(run: Runner) {
  let plans = '';
  const query = async (asked: string | { text: string; values: unknown[] }, given?: unknown[]) => {
    const { text, values } = typeof asked === 'string' ? { text: asked, values: given ?? [] } : asked;
    const { rows } = await run.query(`explain (analyze, costs off, timing off) ${text}`, values);
    plans += rows.map((row: Record<string, string>) => `${row['QUERY PLAN']}\n`).join('');
    return run.query(text, values);
  };
  const SCANS = /on executions[^\n]*rows=([\d.]+) loops=(\d+)|Rows Removed by [^:]+: (\d+)/g;
  const touched = () =>
    [...plans.matchAll(SCANS)].reduce(
      (sum, [, found = 0, loops = 1, removed = 0]) => sum + Number(found) * Number(loops) + Number(removed),
      0,
    );
  return { run: { query } as unknown as Runner, touched };
}

test.each([40, 41])(verifies('agents:log', 'the execution of message %i is found by an index'), async (n) => {
  const watched = watching(own.db.enginePool);
  expect(await executionsOfMessage(watched.run, accountId, uuid(n))).toHaveLength(n === 40 ? 1 : 0);
  expect(watched.touched()).toBeLessThanOrEqual(10);
});

test.each<[string, FoundSearch, number, number]>([
  ['without a search', nothing, 10_000, 10_015],
  ['by agent', search({ kind: 'agent', value: 7 }), 1_200, 2_500],
  ['by run', search({ kind: 'equals', column: 'run_id', value: 'run-7' }), 60, 200],
  ['by time', { ...nothing, fromId: firstIdOf(START + 10_000), untilId: firstIdOf(START + 20_000) }, 10, 30],
  [
    'by an agent and a time',
    { ...search({ kind: 'agent', value: 7 }), fromId: firstIdOf(START + (MANY - 100) * 1_000) },
    2,
    300,
  ],
])(verifies('agents:log', 'a page %s looks at few rows of many'), async (_, wanted, total, most) => {
  const found = await looked(wanted);
  expect(found).toMatchObject({ total, rows: Math.min(15, total) });
  expect(found.touched).toBeLessThanOrEqual(most);
});
