import type { Clock } from '@veredus/protocols/clock';
import type { Caller } from '../accounts/caller.ts';
import type { Pool } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import { type CommitJob, type Committed, refuse } from './commit.ts';
import type { Channel, NewMessage, Priority } from './message.ts';
import { objectionOf, type Policy } from './policy.ts';
import { Money, Status } from './status.ts';
import { acceptedRows, findKey, type IdempotencyKey } from './store-idempotency.ts';
import type { DuplicateGuard } from './throttle.ts';

/** What a channel makes of one item of a call: checked, normalised, priced; or refused, with its reason. */
export interface Draft {
  recipient: string;
  sender: string;
  sharedSender: boolean;
  country: string;
  body: string;
  parts: number;
  priceMicro: number;
  /** ms; null = at once. */
  scheduleAt: number | null;
  customString: string;
  source: string;
  fromEmail: string | null;
  listId: number | null;
  contactId: string | null;
  refusal: string | null;
  words: string | null;
}

export interface AcceptParts {
  pool: Pool;
  clock: Clock;
  newId: () => string;
  commit(job: CommitJob): Promise<Committed>;
  guard: DuplicateGuard;
  /** In order; the first objection counts. Empty until configured. */
  policies: readonly Policy[];
}

export interface AcceptOptions {
  channel: Channel;
  priority: Priority;
  /** How long a message may wait for its carrier or its handset, from its due time. */
  validityMs: number;
  key: IdempotencyKey | null;
  /** Set for the messages of a campaign, which has reserved their prices at its launch. */
  campaignId?: number;
  /** Runs in the transaction that stores the messages, after them: what it throws undoes them. */
  within?: CommitJob['within'];
}

export interface Accepted {
  rows: NewMessage[];
  /** True when the key had been used: the rows are those of the first call. */
  replayed: boolean;
}

/**
 * The one way in for every message, whoever asks (REST, agents, campaigns, rules): identity, duplicates, policy, then one
 * commit with its reservation. Every item is stored with an id and a status of its own, refused ones too. Throws a Refusal
 * only for the call as a whole (key reused, in progress, database away): then nothing is stored.
 */
export async function accept(
  parts: AcceptParts,
  caller: Caller,
  drafts: readonly Draft[],
  options: AcceptOptions,
): Promise<Accepted> {
  const now = parts.clock.now();
  const rows = drafts.map((draft) => messageOf(draft, caller, options, parts.newId(), now));
  const remembered = refuseRepeats(parts, caller, rows, options.key);
  refuseByPolicy(parts, rows);
  let committed: Committed;
  try {
    committed = await parts.commit({
      account: caller.account,
      rows,
      key: options.key,
      ...(options.within ? { within: options.within } : {}),
    });
  } catch (error) {
    parts.guard.forget(caller.accountId, remembered);
    throw error;
  }
  if (committed === 'stored') {
    // What was turned down while it was stored (opted out, no credit) did not go, so it is nothing to repeat.
    const turnedDown = remembered.filter((row) => row.refusal !== null);
    if (turnedDown.length > 0) parts.guard.forget(caller.accountId, turnedDown);
    return { rows, replayed: false };
  }
  return { rows: await replay(parts, caller, options.key!), replayed: true };
}

function messageOf(draft: Draft, caller: Caller, options: AcceptOptions, id: string, now: number): NewMessage {
  const refused = draft.refusal !== null;
  const due = draft.scheduleAt ?? now;
  return {
    id,
    accountId: caller.accountId,
    userId: caller.userId,
    channel: options.channel,
    status: refused ? Status.refused : Status.queued,
    money: refused ? Money.none : Money.held,
    priority: options.priority,
    createdAt: now,
    nextAttemptAt: refused ? null : due,
    scheduleAt: draft.scheduleAt,
    validUntil: due + options.validityMs,
    parts: draft.parts,
    priceMicro: refused ? 0 : draft.priceMicro,
    claimToken: null,
    recipient: draft.recipient,
    sender: draft.sender,
    sharedSender: draft.sharedSender,
    country: draft.country,
    body: draft.body,
    customString: draft.customString,
    source: draft.source,
    fromEmail: draft.fromEmail,
    listId: draft.listId,
    contactId: draft.contactId,
    campaignId: options.campaignId ?? null,
    refusal: draft.refusal,
    words: draft.words,
  };
}

function refuseRepeats(
  parts: AcceptParts,
  caller: Caller,
  rows: readonly NewMessage[],
  key: IdempotencyKey | null,
): NewMessage[] {
  // The recipients of a campaign are different ones, and one begun anew after it was cancelled is no repeat.
  const sound = rows.filter((row) => row.refusal === null && row.campaignId === null);
  const owner = key === null ? null : `${key.route} ${key.key}`;
  const repeats = parts.guard.judge(caller.accountId, sound, caller.account.throttleMs, owner);
  for (const [i, row] of sound.entries()) {
    if (repeats[i]) refuse(row, 'THROTTLED', 'The same text went to this recipient a moment ago.');
  }
  return sound.filter((_, i) => !repeats[i]);
}

function refuseByPolicy(parts: AcceptParts, rows: readonly NewMessage[]): void {
  for (const row of rows) {
    const objection = row.refusal === null ? objectionOf(parts.policies, row) : null;
    if (objection) refuse(row, objection.refusal, objection.words);
  }
}

async function replay(parts: AcceptParts, caller: Caller, key: IdempotencyKey): Promise<NewMessage[]> {
  const first = await findKey(parts.pool, caller.accountId, key);
  if (!first) throw new Refusal('in-progress', 'The first call with this Idempotency-Key has just failed; try again.');
  if (!first.digest.equals(key.digest)) {
    throw new Refusal(
      'key-reused',
      'This Idempotency-Key was used for another request; use a new key for a new request.',
    );
  }
  return acceptedRows(parts.pool, caller.accountId, first.messageIds);
}
