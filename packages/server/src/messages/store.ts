import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { NewMessage } from './message.ts';
import { Money, Status } from './status.ts';

type Column = { name: string; type: string; array: (rows: readonly NewMessage[]) => string };

const plainColumn = (
  name: string,
  type: string,
  of: (row: NewMessage) => number | boolean | string | null,
): Column => ({
  name,
  type,
  array: (rows) => plain(rows.map(of)),
});
const textColumn = (name: string, of: (row: NewMessage) => string | null): Column => ({
  name,
  type: 'text',
  array: (rows) => texts(rows.map(of)),
});

const COLUMNS: readonly Column[] = [
  plainColumn('id', 'uuid', (row) => row.id),
  plainColumn('account_id', 'integer', (row) => row.accountId),
  plainColumn('user_id', 'integer', (row) => row.userId),
  plainColumn('created_at', 'bigint', (row) => row.createdAt),
  plainColumn('next_attempt_at', 'bigint', (row) => row.nextAttemptAt),
  plainColumn('schedule_at', 'bigint', (row) => row.scheduleAt),
  plainColumn('valid_until', 'bigint', (row) => row.validUntil),
  plainColumn('price_micro', 'bigint', (row) => row.priceMicro),
  plainColumn('claim_token', 'bigint', (row) => row.claimToken),
  plainColumn('list_id', 'integer', (row) => row.listId),
  plainColumn('campaign_id', 'integer', (row) => row.campaignId),
  plainColumn('channel', 'smallint', (row) => row.channel),
  plainColumn('status', 'smallint', (row) => row.status),
  plainColumn('money', 'smallint', (row) => row.money),
  plainColumn('priority', 'smallint', (row) => row.priority),
  plainColumn('parts', 'smallint', (row) => row.parts),
  plainColumn('shared_sender', 'boolean', (row) => row.sharedSender),
  textColumn('recipient', (row) => row.recipient),
  textColumn('sender', (row) => row.sender),
  textColumn('country', (row) => row.country),
  textColumn('body', (row) => row.body),
  textColumn('custom_string', (row) => row.customString),
  textColumn('source', (row) => row.source),
  textColumn('refusal', (row) => row.refusal),
  textColumn('words', (row) => row.words),
  textColumn('from_email', (row) => row.fromEmail),
  textColumn('contact_id', (row) => row.contactId),
];

const names = COLUMNS.map((column) => column.name).join(', ');
const arrays = COLUMNS.map((column, i) => `$${i + 1}::${column.type}[]`).join(', ');
const after = COLUMNS.length;

/**
 * Rows, reservation and statistics in one statement, so that none can be without the others. The balance is asked to wait
 * for the rows: locked first, as the planner would have it, it held up every other statement of the account meanwhile.
 */
const INSERT = `
with message as (
  insert into messages (${names})
  select ${names} from unnest(${arrays}) as row(${names})
  returning 1
), exception as (
  insert into message_exceptions (account_id, id, status)
  select account_id, id, 8 from unnest($${after + 12}::integer[], $${after + 13}::uuid[]) as e(account_id, id)
), reservation as (
  select account_id, amount, messages
  from unnest($${after + 1}::integer[], $${after + 2}::bigint[], $${after + 3}::integer[]) as r(account_id, amount, messages)
), entry as (
  insert into ledger_entries (account_id, at, kind, debit, credit, amount_micro, messages)
  select account_id, $${after + 4}, 'reserve', 'available', 'held', amount, messages from reservation
), balance as (
  update ledger_balances b
  set available_micro = b.available_micro - r.amount, held_micro = b.held_micro + r.amount
  from reservation r where b.account_id = r.account_id and (select count(*) from message) >= 0
)
insert into statistics_deltas (account_id, hour, channel, status, messages, parts, price_micro)
select * from unnest($${after + 5}::integer[], $${after + 6}::integer[], $${after + 7}::smallint[], $${after + 8}::smallint[],
  $${after + 9}::integer[], $${after + 10}::integer[], $${after + 11}::bigint[])`;

export const HOUR_MS = 3_600_000;

/**
 * Stores a chunk of accepted and refused messages; reserves the price of those with money held, unless their campaign has
 * reserved it. One statement.
 */
export async function insertMessages(run: Runner, rows: readonly NewMessage[], at: number): Promise<void> {
  const held = new Map<number, { amount: number; messages: number }>();
  const counts = new Map<string, { row: NewMessage; messages: number; parts: number; price: number }>();
  for (const row of rows) {
    if (row.money === Money.held && row.priceMicro > 0 && row.campaignId === null) {
      const sum = held.get(row.accountId) ?? { amount: 0, messages: 0 };
      sum.amount += row.priceMicro;
      sum.messages += 1;
      held.set(row.accountId, sum);
    }
    const status = countedAs(row);
    const key = `${row.accountId}/${Math.floor(row.createdAt / HOUR_MS)}/${row.channel}/${status}`;
    const count = counts.get(key) ?? { row, messages: 0, parts: 0, price: 0 };
    count.messages += 1;
    count.parts += row.parts;
    count.price += row.priceMicro;
    counts.set(key, count);
  }
  const sums = [...held.entries()].sort(([a], [b]) => a - b);
  const deltas = [...counts.values()];
  const refused = rows.filter((row) => row.status === Status.refused);
  await run.query({
    name: 'insert-messages',
    text: INSERT,
    values: [
      ...COLUMNS.map((column) => column.array(rows)),
      plain(sums.map(([account]) => account)),
      plain(sums.map(([, sum]) => sum.amount)),
      plain(sums.map(([, sum]) => sum.messages)),
      at,
      plain(deltas.map(({ row }) => row.accountId)),
      plain(deltas.map(({ row }) => Math.floor(row.createdAt / HOUR_MS))),
      plain(deltas.map(({ row }) => row.channel)),
      plain(deltas.map(({ row }) => countedAs(row))),
      plain(deltas.map((count) => count.messages)),
      plain(deltas.map((count) => count.parts)),
      plain(deltas.map((count) => count.price)),
      plain(refused.map((row) => row.accountId)),
      plain(refused.map((row) => row.id)),
    ],
  });
}

/** Claimed messages count as queued: the difference is ours, not the caller's. */
const countedAs = (row: NewMessage): number => (row.status === 1 ? 0 : row.status);

/** Locks the balances of accounts in id order (so that two groups never wait for each other in a circle). */
export async function lockBalances(run: Runner, accountIds: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await run.query({
    name: 'lock-balances',
    text: `select account_id, available_micro from ledger_balances where account_id = any($1::integer[]) order by account_id for update`,
    values: [plain(accountIds)],
  });
  return new Map(rows.map((row) => [row.account_id as number, row.available_micro as number]));
}

/** Which of these (account, recipient) pairs asked not to be written to. Positions in the given lists. */
export async function findSuppressed(
  run: Runner,
  channel: number,
  accountIds: readonly number[],
  recipients: readonly string[],
): Promise<Set<number>> {
  const { rows } = await run.query({
    name: 'find-suppressed',
    text: `select w.position::integer as position
      from unnest($2::integer[], $3::text[]) with ordinality as w(account_id, address, position)
      join suppressions s on s.account_id = w.account_id and s.channel = $1 and s.address = w.address`,
    values: [channel, plain(accountIds), texts(recipients)],
  });
  return new Set(rows.map((row) => (row.position as number) - 1));
}
