import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Pool } from '../db/transaction.ts';
import type { OutboundParts } from '../outbound/parts.ts';
import { Ahead } from './ahead.ts';
import { attemptDelivery, type Outcome } from './attempt.ts';
import { type Lane, Lanes, LOOKED_AT, type Share } from './lanes.ts';
import type { KeyOf } from './sign.ts';
import { buryDisabled, type Claimed, claimDue, type Due, findDue, releaseClaims } from './store-claims.ts';
import { outcomeWriter } from './write-down.ts';

export interface SenderParts {
  /** Sees all accounts. */
  pool: Pool;
  clock: Clock;
  random: Random;
  outbound: OutboundParts;
  keyOf: KeyOf;
  log(event: string, facts: Record<string, unknown>): void;
}

export interface WebhookSender {
  /** Something was queued: do not wait for the next look. */
  wake(): void;
  /** Takes up what is due. Resolves when it is on its way, not when it has arrived. */
  run(): Promise<void>;
  /** Nothing is out and nothing is left to be written down. */
  idle(): Promise<void>;
  /** Takes up nothing more and waits for what is out, at most `withinMs`; what is left then is for others. */
  stop(withinMs?: number): Promise<void>;
}

/** A node that has not come back to a delivery by then is taken for dead: an attempt may take 15 seconds. */
export const LEASE_MS = 60_000;
const BURIED = 1_000;
/** Of what is due for one endpoint. */
const COUNTED = 72;
/** Outcomes that may wait to be written down before places on the wire wait for them. */
const UNWRITTEN = 512;
const STOP_MS = 10_000;

/**
 * Sends queued events to the servers they are for, on every node that works. All it knows is in the tables, but for which
 * endpoints answer quickly: so it may be killed anywhere, and what it had out is tried again, at least once and with the
 * same id.
 */
export function webhookSender(parts: SenderParts): WebhookSender {
  const { pool, clock, log } = parts;
  const lanes = new Lanes();
  const ahead = new Ahead();
  const writer = outcomeWriter(parts);
  const out = new Set<Promise<void>>();
  let running: Promise<void> | null = null;
  let again = false;
  let stopping = false;
  let closed = false;

  const tick = (): Promise<void> => {
    if (running !== null) {
      again = true;
      return running;
    }
    running = rounds().finally(() => {
      running = null;
    });
    return running;
  };

  const rounds = async () => {
    do {
      again = false;
      if (!stopping) again = (await takeUp()) || again;
    } while (again && !stopping);
  };

  const wake = () => {
    tick().catch((error: Error) => log('webhook.round-failed', { error: error.message }));
  };

  /** True = something was taken up, so there may be more. */
  const takeUp = async (): Promise<boolean> => {
    const now = clock.now();
    const full = lanes.full().filter((id) => !(lanes.isQuick(id) && ahead.isLow(id)));
    const [quick, slow] = [lanes.known(true), lanes.known(false)];
    const due = await findDue(pool, { now, full, quick, slow, sated: lanes.sated(), most: COUNTED, ...LOOKED_AT });
    const shares = lanes.share(due, clock.monotonic()).filter(({ most }) => most > 0);
    const wanted = wantedOf(due, shares);
    if (wanted.length === 0) return false;
    const claimed = await claimDue(pool, wanted, { now, until: now + LEASE_MS });
    if (stopping) giveBack(claimed);
    else for (const claims of Map.groupBy(claimed, (one) => one.endpoint_id).values()) spread(claims, shares);
    return claimed.length > 0;
  };

  /** Sends what an endpoint may take now, and keeps what was fetched ahead: while something of it is out, that calls the next. */
  const spread = (claims: Claimed[], shares: readonly Share[]) => {
    const { endpoint_id: endpointId, account_id: accountId } = claims[0]!;
    const share = shares.find((one) => one.endpointId === endpointId);
    for (const one of claims.splice(0, share?.most ?? 0)) start(one, share!.lane);
    ahead.put(claims, clock.monotonic());
    if (!lanes.isQuick(endpointId) || !lanes.isOut(endpointId)) goOn(endpointId, accountId);
  };

  /** What is shared out, and of those that answer quickly what may be fetched ahead: as long as one of theirs is out. */
  const wantedOf = (due: readonly Due[], shares: readonly Share[]) => {
    const shareOf = new Map(shares.map((share) => [share.endpointId, share]));
    return due.flatMap(({ endpoint_id: endpointId, account_id, due: count, blocked }) => {
      const now = shareOf.get(endpointId)?.most ?? 0;
      const quick = !blocked && lanes.isQuick(endpointId) && lanes.mayGoOn(account_id);
      const follows = quick && (now > 0 || lanes.isOut(endpointId));
      const later = follows ? Math.min(count - now, ahead.room(endpointId)) : 0;
      return now + later > 0 ? [{ endpointId, most: now + later, probe: blocked }] : [];
    });
  };

  const start = (claimed: Claimed, lane: Lane) => {
    lanes.begin(claimed, lane, clock.monotonic());
    const work = attempt(claimed).finally(() => out.delete(work));
    out.add(work);
  };

  const attempt = async (claimed: Claimed) => {
    let outcome: Outcome | null = null;
    let writing: Promise<void> | null = null;
    try {
      outcome = await attemptDelivery(parts, claimed);
      writing = writer.write(outcome);
      // A failure is known to the breaker before the next attempt; a success holds nobody up, unless many are to be written.
      if (outcome.fault !== null || writer.waiting() > UNWRITTEN) await writing;
    } catch (error) {
      // A bug: the lease runs out and it is tried again.
      log('webhook.attempt-failed', { delivery: claimed.id, error: (error as Error).message });
    } finally {
      if (!closed) lanes.end(claimed, outcome);
    }
    goOn(claimed.endpoint_id, claimed.account_id);
    await writing;
  };

  /** A place is free: for the next of what was fetched ahead, as long as its endpoint answers quickly and nobody else waits. */
  const goOn = (endpointId: number, accountId: number) => {
    const may = lanes.isQuick(endpointId) && lanes.mayGoOn(accountId) && !stopping;
    const next = may ? ahead.next(endpointId, clock.monotonic()) : null;
    if (next !== null) start(next, 'quick');
    else giveBack(ahead.drop(endpointId));
    if (!stopping && ahead.isLow(endpointId)) wake();
  };

  const giveBack = (claims: readonly Claimed[]) => {
    if (claims.length === 0) return;
    const work = releaseClaims(pool, claims, clock.now())
      .catch((error: Error) => log('webhook.release-failed', { deliveries: claims.length, error: error.message }))
      .finally(() => out.delete(work));
    out.add(work);
  };

  const idle = async () => {
    while (running !== null || out.size > 0) await Promise.allSettled([running, ...out]);
  };

  return {
    wake,
    idle,
    async run() {
      if (stopping) return;
      await buryDisabled(pool, clock.now(), BURIED);
      await tick();
    },
    async stop(withinMs = STOP_MS) {
      stopping = true;
      giveBack(ahead.dropAll());
      let cancel = () => {};
      const late = new Promise<void>((resolve) => {
        cancel = parts.outbound.clock.after(withinMs, resolve);
      });
      await Promise.race([idle().catch(() => {}), late]);
      cancel();
      closed = true;
      writer.close();
      const left = lanes.claims();
      if (left.length > 0) await releaseClaims(pool, left, clock.now());
    },
  };
}
