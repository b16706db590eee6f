import { type Kysely, sql } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { type Balances, type EntryKind, legsOf } from './entries.ts';

/** The engine's connections, or one transaction on them. */
export type Writer = Kysely<Schema>;

export interface Entry {
  accountId: number;
  kind: EntryKind;
  amountMicro: number;
  note: string | null;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Writes one entry and moves the balances with it, in one statement. Answers the balances after it. */
export async function insertEntry(db: Writer, entry: Entry): Promise<Balances> {
  const { debit, credit } = legsOf[entry.kind];
  const { rows } = await sql<Balances>`
    with entry as (
      insert into ledger_entries (account_id, at, kind, debit, credit, amount_micro, note)
      values (${entry.accountId}, ${entry.at}, ${entry.kind}, ${debit}, ${credit}, ${entry.amountMicro}, ${entry.note})
      returning account_id
    )
    update ledger_balances b set
      ${sql.id(`${debit}_micro`)} = b.${sql.id(`${debit}_micro`)} - ${entry.amountMicro},
      ${sql.id(`${credit}_micro`)} = b.${sql.id(`${credit}_micro`)} + ${entry.amountMicro}
    from entry where b.account_id = entry.account_id
    returning b.funding_micro as funding, b.available_micro as available, b.held_micro as held, b.spent_micro as spent
  `.execute(db);
  const balances = rows[0];
  if (!balances) throw new RangeError(`account ${entry.accountId} has no balances`);
  return balances;
}

/** The account a user belongs to, by his name in any case. */
export async function findAccountOf(db: Writer, username: string): Promise<number | null> {
  const named = db.selectFrom('users').select('account_id').where(sql`lower(username)`, '=', sql`lower(${username})`);
  return (await named.executeTakeFirst())?.account_id ?? null;
}

export async function accountExists(db: Writer, accountId: number): Promise<boolean> {
  const row = await db
    .selectFrom('accounts')
    .select('account_id')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row !== undefined;
}

/** One account's figures from the three places that must agree, in micro-units; null = that place has no row of it. */
export interface Figures {
  accountId: number;
  /** Whether there is an account of this id at all. */
  known: boolean;
  balances: Balances | null;
  entries: Balances | null;
  /** Sums of the reserve entries, and of the messages they count. */
  reserved: number;
  reservedMessages: number;
  /** Entries between other legs than their kind allows. */
  strayEntries: number;
  messages: {
    /** Prices of messages whose money is held, and of all that ever held any. */
    held: number;
    reserved: number;
    reservedMessages: number;
    /** Charges of messages whose money is captured, and of any others (which can have none). */
    spent: number;
    strayCharges: number;
  } | null;
  /** What campaigns reserved at their launch and is no message's: still held for those to come, or given back. */
  campaigns: { held: number; heldMessages: number; released: number; releasedMessages: number } | null;
}

/** The figures of every account that occurs anywhere, read in one statement and so from one moment. Reads whole tables. */
export async function readFigures(db: Writer): Promise<Figures[]> {
  const allowed = Object.entries(legsOf).map(([kind, { debit, credit }]) => sql`(${kind}, ${debit}, ${credit})`);
  const { rows } = await sql<FiguresRow>`
    with e as (
      select account_id, ${legSum('funding')}, ${legSum('available')}, ${legSum('held')}, ${legSum('spent')},
        coalesce(sum(amount_micro) filter (where kind = 'reserve'), 0)::bigint as reserved,
        coalesce(sum(messages) filter (where kind = 'reserve'), 0)::bigint as reserved_messages,
        count(*) filter (where (kind, debit, credit) not in (${sql.join(allowed)})) as stray_entries
      from ledger_entries group by account_id
    ), m as (
      select account_id,
        coalesce(sum(price_micro) filter (where money = 1), 0)::bigint as m_held,
        coalesce(sum(price_micro) filter (where money <> 0), 0)::bigint as m_reserved,
        count(*) filter (where money <> 0 and price_micro > 0) as m_reserved_messages,
        coalesce(sum(charged_micro) filter (where money = 2), 0)::bigint as m_spent,
        coalesce(sum(charged_micro) filter (where money <> 2), 0)::bigint as m_stray_charges
      from messages group by account_id
    ), c as (
      select account_id, sum(held_micro)::bigint as c_held, sum(held_messages)::bigint as c_held_messages,
        sum(released_micro)::bigint as c_released, sum(released_messages)::bigint as c_released_messages
      from campaigns group by account_id
    )
    select account_id, a.name is not null as known, b.funding_micro, b.available_micro, b.held_micro, b.spent_micro,
      e.funding, e.available, e.held, e.spent, e.reserved, e.reserved_messages, e.stray_entries,
      m_held, m_reserved, m_reserved_messages, m_spent, m_stray_charges,
      c_held, c_held_messages, c_released, c_released_messages
    from accounts a full join ledger_balances b using (account_id) full join e using (account_id)
      full join m using (account_id) full join c using (account_id)
    order by account_id`.execute(db);
  return rows.map(figuresOf);
}

const legSum = (leg: string) => sql`(coalesce(sum(amount_micro) filter (where credit = ${leg}), 0)
  - coalesce(sum(amount_micro) filter (where debit = ${leg}), 0))::bigint as ${sql.id(leg)}`;

interface FiguresRow {
  account_id: number;
  known: boolean;
  funding_micro: number | null;
  available_micro: number;
  held_micro: number;
  spent_micro: number;
  funding: number | null;
  available: number;
  held: number;
  spent: number;
  reserved: number | null;
  reserved_messages: number | null;
  stray_entries: number | null;
  m_held: number | null;
  m_reserved: number;
  m_reserved_messages: number;
  m_spent: number;
  m_stray_charges: number;
  c_held: number | null;
  c_held_messages: number;
  c_released: number;
  c_released_messages: number;
}

function figuresOf(row: FiguresRow): Figures {
  const { funding_micro, available_micro, held_micro, spent_micro, funding, available, held, spent, m_held } = row;
  return {
    accountId: row.account_id,
    known: row.known,
    balances:
      funding_micro === null
        ? null
        : { funding: funding_micro, available: available_micro, held: held_micro, spent: spent_micro },
    entries: funding === null ? null : { funding, available, held, spent },
    reserved: row.reserved ?? 0,
    reservedMessages: row.reserved_messages ?? 0,
    strayEntries: row.stray_entries ?? 0,
    messages:
      m_held === null
        ? null
        : {
            held: m_held,
            reserved: row.m_reserved,
            reservedMessages: row.m_reserved_messages,
            spent: row.m_spent,
            strayCharges: row.m_stray_charges,
          },
    campaigns:
      row.c_held === null
        ? null
        : {
            held: row.c_held,
            heldMessages: row.c_held_messages,
            released: row.c_released,
            releasedMessages: row.c_released_messages,
          },
  };
}
