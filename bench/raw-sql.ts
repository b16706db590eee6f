import pg from 'pg';
import { now } from './now.ts';

/** Rows a second of each bulk statement, alone, and of a message's three together: 1/(1/insert + 1/ack + 1/receipt). */
export interface RawSql {
  insert: number;
  acknowledge: number;
  receipt: number;
  lifecycle: number;
}

/** As the hot path's columns are, without what makes the product: no ledger, no statistics, no receipts kept. */
const TABLE = `
drop table if exists raw_messages;
create table raw_messages (
  id uuid primary key, account_id integer not null, created_at bigint not null, submitted_at bigint, done_at bigint,
  price_micro bigint not null, status smallint not null, recipient text not null, sender text not null, body text not null,
  custom_string text not null, upstream_id text
) with (fillfactor = 70);
create index on raw_messages (account_id, created_at);
create index on raw_messages (recipient)`;
const INSERT = `insert into raw_messages (id, account_id, created_at, price_micro, status, recipient, sender, body, custom_string)
  select id, 1, 1, 79000, 0, recipient, 'SENDER', body, custom_string
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as row(id, recipient, body, custom_string)`;
const ACKNOWLEDGE = `update raw_messages m set status = 2, submitted_at = 2, upstream_id = u.upstream_id
  from unnest($1::uuid[], $2::text[]) as u(id, upstream_id) where m.id = u.id`;
const RECEIPT = `update raw_messages m set status = 3, done_at = 3 from unnest($1::uuid[]) as u(id) where m.id = u.id`;

const INSERT_ROWS = 1_000;
const UPDATE_ROWS = 500;
/** Four connections gave the highest rates on two cores; a commit waits for the disk, and another can use the CPU. */
const CONNECTIONS = 4;

/**
 * Raw limit 2: the bulk SQL of a message's life without HTTP, SMPP or anything the product does beside it, durable.
 * @param url a server with the product's settings.
 */
export async function measureRawSql(url: string, rows = 100_000): Promise<RawSql> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  try {
    await pool.query(TABLE);
    const ids = Array.from({ length: rows }, (_, i) => timeOrderedId(i));
    const insert = await rate(rows, INSERT_ROWS, (from, until) => {
      const numbers = Array.from({ length: until - from }, (_, i) => from + i);
      return run(pool, 'raw-insert', INSERT, [
        ids.slice(from, until),
        numbers.map((i) => `+614${10_000_000 + i}`),
        numbers.map(() => 'x'.repeat(100)),
        numbers.map((i) => `bench-${i}`),
      ]);
    });
    const acknowledge = await rate(rows, UPDATE_ROWS, (from, until) => {
      const some = ids.slice(from, until);
      return run(pool, 'raw-acknowledge', ACKNOWLEDGE, [some, some.map((_, i) => `s${from + i}`)]);
    });
    const receipt = await rate(rows, UPDATE_ROWS, (from, until) =>
      run(pool, 'raw-receipt', RECEIPT, [ids.slice(from, until)]),
    );
    await pool.query('drop table raw_messages');
    return { insert, acknowledge, receipt, lifecycle: 1 / (1 / insert + 1 / acknowledge + 1 / receipt) };
  } finally {
    await pool.end();
  }
}

/** Bare literals: the elements need no quoting, and the driver's own way would be measured along. */
const run = (pool: pg.Pool, name: string, text: string, arrays: readonly (readonly string[])[]) =>
  pool.query({ name, text, values: arrays.map((elements) => `{${elements.join(',')}}`) });

async function rate(rows: number, chunk: number, write: (from: number, until: number) => Promise<unknown>) {
  const startedAt = now();
  let next = 0;
  const worker = async () => {
    while (next < rows) {
      const from = next;
      next += chunk;
      await write(from, Math.min(rows, from + chunk));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return rows / ((now() - startedAt) / 1_000);
}

/** Shaped like a UUIDv7, so that the index grows at its end as the product's does. */
function timeOrderedId(number: number): string {
  const hex = number.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${hex}`;
}
