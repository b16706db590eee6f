import type { Clock } from '@veredus/protocols/clock';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { PatientPool } from './patient-pool.ts';
import type { Schema } from './schema.ts';

/** The two roles that work here, as the connections of two pools. */
export interface Database {
  /** Role veredus_app: sees the rows of one account, and none before `asAccount` names it. */
  readonly app: Kysely<Schema>;
  /** Role veredus_engine: sees all accounts. For dispatch, settle, receipts and what follows authentication. */
  readonly engine: Kysely<Schema>;
  /** The same connections as `app` and `engine`, for statements written out by hand. */
  readonly appPool: pg.Pool;
  readonly enginePool: pg.Pool;
  /** Rejects while the database does not answer. */
  ping(): Promise<void>;
  /** Waits for what is under way, then hangs up. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly clock: Clock;
  log(event: string, facts: Record<string, unknown>): void;
  /** Connections of each pool; together with pg-boss's 4 they must fit into max_connections. Defaults 16 and 16. */
  readonly appConnections?: number;
  readonly engineConnections?: number;
  /** How long a request waits for a server that is away before it fails, in ms. Default 5,000. */
  readonly patienceMs?: number;
}

/**
 * Opens both pools on a migrated database. Nothing connects until it is used. A connection that breaks is replaced at
 * the next use; a server that is away makes callers wait up to `patienceMs`, then fails with an error for which
 * `isUnavailable` is true. No broken connection ever ends the process.
 */
export function openDatabase(url: string, options: DatabaseOptions): Database {
  const appPool = openPool(url, 'veredus_app', options.appConnections ?? 16, options);
  const enginePool = openPool(url, 'veredus_engine', options.engineConnections ?? 16, options);
  const app = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: appPool }) });
  const engine = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: enginePool }) });
  let closed: Promise<void> | null = null;
  const close = async () => {
    await Promise.all([appPool.end(), enginePool.end()]);
  };
  return {
    app,
    engine,
    appPool,
    enginePool,
    async ping() {
      await enginePool.query('select 1');
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/**
 * One transaction on the app role in which the rows of this account, and no others, exist. The setting dies with the
 * transaction, so the connection goes back to the pool seeing nothing.
 */
export function asAccount<T>(
  db: Database,
  accountId: number,
  run: (tx: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  return db.app.transaction().execute(async (tx) => {
    await sql`select set_config('veredus.account_id', ${String(accountId)}, true)`.execute(tx);
    return run(tx);
  });
}

function openPool(url: string, role: string, max: number, options: DatabaseOptions): PatientPool {
  const session = [
    `-c role=${role}`,
    '-c timezone=UTC',
    '-c jit=off',
    '-c plan_cache_mode=force_generic_plan',
    '-c idle_in_transaction_session_timeout=60s',
  ];
  const config = {
    connectionString: url,
    max,
    options: session.join(' '),
    application_name: role,
    types: { getTypeParser: parserOf },
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
  };
  return new PatientPool(config, options);
}

const INT8 = 20;
const INT8_ARRAY = 1016;

/** bigint columns hold milliseconds, micro-units and counts, all below 2^53: plain numbers, checked. */
function parserOf(oid: number, format?: 'text' | 'binary') {
  if (oid === INT8) return safeInteger;
  if (oid === INT8_ARRAY) return (text: string) => text.slice(1, -1).split(',').filter(Boolean).map(safeIntegerOrNull);
  return pg.types.getTypeParser(oid, format);
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a number`);
  return value;
}

function safeIntegerOrNull(text: string): number | null {
  return text === 'NULL' ? null : safeInteger(text);
}
