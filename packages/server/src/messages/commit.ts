import type { Clock } from '@veredus/protocols/clock';
import type { Account } from '../accounts/caller.ts';
import { isUnavailable } from '../db/patient-pool.ts';
import type { Runner } from '../db/runner.ts';
import type { Pool } from '../db/transaction.ts';
import { inTransaction } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import type { Dispatcher } from './dispatch.ts';
import type { Channel, NewMessage } from './message.ts';
import { OPTED_OUT } from './settlement.ts';
import { Money, Status } from './status.ts';
import { findSuppressed, insertMessages, lockBalances } from './store.ts';
import type { Claimed } from './store-claims.ts';
import { type IdempotencyKey, limitKeyWait, takeKey } from './store-idempotency.ts';

export interface CommitParts {
  pool: Pool;
  clock: Clock;
  /** The dispatcher of a channel on this node, where it runs one. */
  dispatcher(channel: Channel): Dispatcher | null;
  log(event: string, facts: Record<string, unknown>): void;
}

/** The messages of one call, ready to be stored. Verdicts that need the database are written into `rows`. */
export interface CommitJob {
  account: Account;
  rows: NewMessage[];
  key: IdempotencyKey | null;
  /** More to be done in the same transaction, once the rows are in; what it throws undoes them. */
  within?: (run: Runner, rows: readonly NewMessage[]) => Promise<void>;
}

/** `used`: the key was used before, nothing was stored. */
export type Committed = 'stored' | 'used';

type Lane = (job: Waiting) => void;

interface Waiting extends CommitJob {
  resolve(result: Committed): void;
  reject(error: unknown): void;
}

/** One full call, or many small ones: what a statement takes at once. */
const GROUP_ROWS = 1_000;
/** A call of so many rows does not wait behind the large ones. */
const SMALL_CALL = 100;
/**
 * Stores accepted messages. Concurrent calls share a commit: whatever gathered while the last group was on its way goes
 * together (measured: 2 to 4 times the single calls a second; two groups at once only make each smaller). Small calls, large
 * ones, and those with a key or a credit limit (which may have to wait for locks) go in lanes of their own, so that none
 * waits for the others. If a group fails each of its calls is
 * tried alone, so a stranger's bad byte harms nobody.
 */
export function committer(parts: CommitParts) {
  const lane = (): Lane => {
    const waiting: Waiting[] = [];
    let underWay = false;
    const run = async () => {
      underWay = true;
      while (waiting.length > 0) await storeGroup(nextGroup(waiting));
      underWay = false;
    };
    return (job: Waiting) => {
      waiting.push(job);
      if (!underWay) run();
    };
  };

  const storeGroup = async (group: Waiting[]) => {
    try {
      const results = await storeJobs(parts, group);
      group.forEach((job, i) => {
        job.resolve(results[i]!);
      });
    } catch (error) {
      // Tried alone each would only find the database away too, or its own rows already there.
      if (group.length === 1 || isUnavailable(error)) {
        for (const job of group) job.reject(asRefusal(error));
        return;
      }
      parts.log('accept.group-split', { calls: group.length, error: (error as Error).message });
      for (const job of group) await storeGroup([job]);
    }
  };

  /** What shares a commit is of one channel: its dispatcher and its suppressions are asked once for all. */
  const lanes = new Map<Channel | undefined, { small: Lane; large: Lane; checked: Lane }>();
  const lanesOf = (channel: Channel | undefined) => {
    const known = lanes.get(channel);
    if (known) return known;
    const opened = { small: lane(), large: lane(), checked: lane() };
    lanes.set(channel, opened);
    return opened;
  };
  return (job: CommitJob): Promise<Committed> =>
    new Promise((resolve, reject) => {
      const { small, large, checked } = lanesOf(job.rows[0]?.channel);
      const add = needsTransaction(job) ? checked : job.rows.length > SMALL_CALL ? large : small;
      add({ ...job, resolve, reject });
    });
}

function nextGroup(waiting: Waiting[]): Waiting[] {
  const group: Waiting[] = [];
  for (let rows = 0; waiting.length > 0 && (rows === 0 || rows + waiting[0]!.rows.length <= GROUP_ROWS); ) {
    const job = waiting.shift()!;
    group.push(job);
    rows += job.rows.length;
  }
  return group;
}

const LOCK_NOT_AVAILABLE = '55P03';

function asRefusal(error: unknown): unknown {
  if (isUnavailable(error)) {
    return new Refusal(
      'unavailable',
      'The database is away for the moment. Try again; with the same Idempotency-Key nothing is accepted twice.',
      { retryAfter: 2 },
    );
  }
  if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) {
    return new Refusal('in-progress', 'The first call with this Idempotency-Key is still being answered.', {
      retryAfter: 2,
    });
  }
  return error;
}

async function storeJobs(parts: CommitParts, jobs: readonly CommitJob[]): Promise<Committed[]> {
  const rows = jobs.flatMap((job) => job.rows);
  await refuseSuppressed(parts.pool, rows);
  const plain = !jobs.some(needsTransaction);
  const births = new Births(parts);
  try {
    const results = plain ? await storePlain(parts, jobs, births) : await storeChecked(parts, jobs, births);
    births.enqueue();
    return results;
  } catch (error) {
    births.forget(!isUnavailable(error));
    throw error;
  }
}

async function storePlain(parts: CommitParts, jobs: readonly CommitJob[], births: Births): Promise<Committed[]> {
  const rows = jobs.flatMap((job) => job.rows);
  births.promise(rows);
  await insertMessages(parts.pool, rows, parts.clock.now());
  return jobs.map(() => 'stored');
}

/** Keys and credit need a transaction: first the keys, then the balances in id order, then the rows. */
function storeChecked(parts: CommitParts, jobs: readonly CommitJob[], births: Births): Promise<Committed[]> {
  return inTransaction(parts.pool, async (client) => {
    const at = parts.clock.now();
    await limitKeyWait(client);
    const results: Committed[] = [];
    for (const { account, key, rows } of jobs) {
      const ids = rows.map((row) => row.id);
      const fresh = key === null || (await takeKey(client, account.accountId, key, ids, at));
      results.push(fresh ? 'stored' : 'used');
    }
    const stored = jobs.filter((_, i) => results[i] === 'stored');
    await refuseUncovered(client, stored);
    const rows = stored.flatMap((job) => job.rows);
    if (rows.length > 0) {
      births.promise(rows);
      await insertMessages(client, rows, at);
      for (const job of stored) await job.within?.(client, job.rows);
    }
    return results;
  });
}

const needsTransaction = (job: CommitJob): boolean =>
  job.key !== null || job.within !== undefined || hasLimit(job.account);

const hasLimit = (account: Account): boolean => account.prepaid || account.creditLimitMicro !== null;

/** What an account may still spend, of its available balance. */
const spendable = (account: Account, available: number): number =>
  account.prepaid ? available : available + (account.creditLimitMicro ?? Number.MAX_SAFE_INTEGER);

/** In order, as far as the balance reaches; a dearer message does not keep a cheaper one behind it from going. */
async function refuseUncovered(client: Runner, jobs: readonly CommitJob[]): Promise<void> {
  // A campaign's messages are covered since its launch.
  const limited = jobs.filter((job) => hasLimit(job.account) && job.rows.some((row) => row.campaignId === null));
  if (limited.length === 0) return;
  const accountIds = [...new Set(limited.map((job) => job.account.accountId))].sort((a, b) => a - b);
  const balances = await lockBalances(client, accountIds);
  for (const { account, rows } of limited) {
    let left = balances.get(account.accountId) ?? 0;
    for (const row of rows) {
      // What is free needs no credit: an account in debt is told of it all the same.
      if (row.refusal !== null || row.campaignId !== null || row.priceMicro === 0) continue;
      if (row.priceMicro > spendable(account, left))
        refuse(row, 'INSUFFICIENT_CREDIT', 'The balance does not cover the price.');
      else left -= row.priceMicro;
    }
    balances.set(account.accountId, left);
  }
}

async function refuseSuppressed(run: Runner, rows: readonly NewMessage[]): Promise<void> {
  const channel = rows[0]?.channel;
  if (channel === undefined) return;
  const suppressed = await findSuppressed(
    run,
    channel,
    rows.map((row) => row.accountId),
    rows.map((row) => row.recipient),
  );
  for (const position of suppressed) {
    const row = rows[position]!;
    if (row.refusal === null) refuse(row, 'INVALID_RECIPIENT', OPTED_OUT);
  }
}

export function refuse(row: NewMessage, refusal: string, words: string): void {
  Object.assign(row, {
    refusal,
    words,
    status: Status.refused,
    money: Money.none,
    priceMicro: 0,
    nextAttemptAt: null,
    claimToken: null,
  });
}

/** What the dispatcher keeps of a message: a third of the row, and thousands of them wait there. */
const claimedOf = (row: NewMessage): Claimed & { claimToken: number | null } => ({
  id: row.id,
  accountId: row.accountId,
  priority: row.priority,
  parts: row.parts,
  priceMicro: row.priceMicro,
  attempts: 0,
  validUntil: row.validUntil,
  recipient: row.recipient,
  sender: row.sender,
  body: row.body,
  campaignId: row.campaignId,
  claimToken: row.claimToken,
});

/** Messages born claimed: promised by the dispatcher before they are stored, handed to it after. */
class Births {
  #parts: CommitParts;
  #promised: { dispatcher: Dispatcher; rows: NewMessage[] }[] = [];
  #left = new Set<Dispatcher>();

  constructor(parts: CommitParts) {
    this.#parts = parts;
  }

  promise(rows: readonly NewMessage[]): void {
    const now = this.#parts.clock.now();
    const due = rows.filter(
      (row) => row.status === Status.queued && row.nextAttemptAt !== null && row.nextAttemptAt <= now,
    );
    const channel = due[0]?.channel;
    const dispatcher = channel === undefined ? null : this.#parts.dispatcher(channel);
    if (!dispatcher) return;
    for (const [priority, rows] of byPriority(due)) {
      const token = dispatcher.promise(rows.length, priority);
      if (token === null) {
        this.#left.add(dispatcher);
        continue;
      }
      for (const row of rows) Object.assign(row, { status: Status.claimed, claimToken: token, nextAttemptAt: null });
      this.#promised.push({ dispatcher, rows });
    }
  }

  enqueue(): void {
    for (const { dispatcher, rows } of this.#promised) dispatcher.enqueue(rows.map(claimedOf));
    for (const dispatcher of this.#left) dispatcher.wake();
  }

  /** `certain`: the rows are known not to be committed. */
  forget(certain: boolean): void {
    for (const { dispatcher, rows } of this.#promised) {
      dispatcher.forget(rows.map(claimedOf), certain);
      for (const row of rows)
        Object.assign(row, { status: Status.queued, claimToken: null, nextAttemptAt: row.createdAt });
    }
  }
}

function byPriority(rows: readonly NewMessage[]): Map<number, NewMessage[]> {
  const groups = new Map<number, NewMessage[]>();
  for (const row of rows) {
    const group = groups.get(row.priority);
    if (group) group.push(row);
    else groups.set(row.priority, [row]);
  }
  return groups;
}
