import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Pool } from '../db/transaction.ts';
import { Backlog } from './backlog.ts';
import type { Carrier, CarrierInbound, Content, Link, Outcome } from './carrier.ts';
import { firstIdOf } from './ids.ts';
import { Intake } from './intake.ts';
import { objectionOf, type Policy } from './policy.ts';
import { receiptLane } from './receipt-lane.ts';
import { SettleLane } from './settle-lane.ts';
import { expiredSettlement, OPTED_OUT, parkedSettlement, settlementOf, stoppedSettlement } from './settlement.ts';
import { Status } from './status.ts';
import {
  type Claimed,
  claimDue,
  closeLease,
  disownClaims,
  markPossiblySent,
  moveLinks,
  openLease,
  openLeases,
  recoverClaims,
  renewLease,
  takeLinks,
} from './store-claims.ts';
import type { Settlement } from './store-settle.ts';
import type { ReceiptTaker } from './take-receipts.ts';

export interface DispatchParts {
  pool: Pool;
  clock: Clock;
  random: Random;
  newId: () => string;
  carrier: Carrier;
  carrierId: number;
  channel: number;
  /** Names this node to operators. */
  node: string;
  /** Whether the node of another lease is known to have ended. It need not be certain: its token fences it off all the same. */
  isGone(node: string): boolean;
  receipts: ReceiptTaker;
  /** What the channel's messages hold beyond their text, by their ids; absent where they hold nothing. */
  contents?(messages: readonly Claimed[]): Promise<ReadonlyMap<string, Content>>;
  /** Asked once more before a message leaves; in order, the first objection counts. */
  policies: readonly Policy[];
  /** How long a small chunk of outcomes or receipts waits for more, while nobody waits for it. */
  lingerMs: number;
  /** Resolves once stored. */
  inbound(messages: CarrierInbound[]): Promise<void>;
  log(event: string, facts: Record<string, unknown>): void;
}

const CLAIM_CHUNK = 1_000;
/**
 * Outcomes are settled in halves of what can be out, so that one half is on its way while the other is written: in one
 * piece the whole window would wait for its commit.
 */
const LEAST_SETTLE_CHUNK = 50;
const MOST_SETTLE_CHUNK = 1_000;
const POLL_MS = 250;
const LEASE_MS = 30_000;
const DATABASE_RETRY_MS = 250;
/** Schedules reach 4 months ahead and validity a few days: nothing older is still open. */
const OPEN_WINDOW_MS = 160 * 86_400_000;
/** How far back closed leases are looked through at a start. */
const LOOK_BACK_MS = 86_400_000;

interface Slot {
  index: number;
  link: Link;
  /** Parts handed to the link whose outcome is not yet committed. */
  unsettled: number;
}

/**
 * Sends the messages of one carrier from this node. Three lanes, each with one statement under way at a time, so that each
 * works on whatever gathered meanwhile: `pump` marks and sends, `settle` writes outcomes, `takeReceipts` writes receipts.
 * A slot of the window is free again only when its outcome is committed: that is what bounds UNKNOWN after a crash.
 */
export function openDispatcher(parts: DispatchParts) {
  const { pool, clock, random, carrier } = parts;
  const backlog = new Backlog();
  const intake = new Intake(backlog);
  const slots: Slot[] = [];
  const out = new Map<string, { message: Claimed; slot: Slot }>();
  let token: number | null = null;
  /** Committed or not, nobody knows: born claimed in a transaction whose answer was lost. */
  const doubted = new Set<readonly Claimed[]>();
  let stopping = false;
  let pumping = false;
  /** The marking under way: what it commits must be sent, or it would be UNKNOWN. */
  let marking: Promise<unknown> = Promise.resolve();
  let claiming = false;
  let claimAgain = false;
  const cancels = new Set<() => void>();

  const later = (milliseconds: number, run: () => void) => {
    const cancel = clock.after(milliseconds, () => {
      cancels.delete(cancel);
      run();
    });
    cancels.add(cancel);
  };
  const trouble = (where: string, error: unknown) =>
    parts.log('dispatch.database-trouble', { carrier: carrier.name, where, error: (error as Error).message });

  const settle = new SettleLane({
    pool,
    clock,
    newId: parts.newId,
    carrierId: parts.carrierId,
    chunk: Math.min(MOST_SETTLE_CHUNK, Math.max(LEAST_SETTLE_CHUNK, Math.ceil((carrier.window * carrier.links) / 2))),
    lingerMs: parts.lingerMs,
    token: () => token!,
    hasRoom: () => hasRoom(),
    settled: (chunk) => settled(chunk),
    resolved: () => parts.receipts.lookAgain(),
    trouble,
    log: (event, facts) => parts.log(event, { carrier: carrier.name, ...facts }),
  });
  const takeReceipts = receiptLane({ clock, lingerMs: parts.lingerMs, settle, take: parts.receipts.take, trouble });

  // ---- the lease and its links

  const start = async (): Promise<void> => {
    const now = clock.now();
    await takeOver(now);
    token = await openLease(pool, { carrierId: parts.carrierId, node: parts.node, now, until: now + LEASE_MS });
    await openLinks();
    later(LEASE_MS / 3, heartbeat);
    later(0, poll);
  };

  /** After a crash the binds and claims of the dead are ours at once, not only when their lease has run out. */
  const takeOver = async (now: number) => {
    const dead = (await openLeases(pool, parts.carrierId)).filter(({ node }) => parts.isGone(node));
    for (const lease of dead) await closeLease(pool, lease.token, now);
    // Also what an earlier start closed and did not get round to.
    const recovered = await recoverClaims(pool, now, LOOK_BACK_MS);
    if (dead.length === 0) return;
    parts.log('dispatch.taken-over-from-the-dead', { carrier: carrier.name, leases: dead.length, ...recovered });
  };

  const openLinks = async () => {
    if (token === null || slots.length >= carrier.links) return;
    const taken = await takeLinks(pool, { token, carrierId: parts.carrierId, links: carrier.links });
    for (const index of taken) {
      const slot: Slot = { index, unsettled: 0, link: undefined as unknown as Link };
      slot.link = carrier.open(index, {
        ready: pump,
        down: (why) => parts.log('carrier.down', { carrier: carrier.name, link: index, why }),
        outcomes: takeOutcomes,
        receipts: takeReceipts,
        inbound: parts.inbound,
      });
      slots.push(slot);
    }
  };

  const heartbeat = async () => {
    if (stopping || token === null) return;
    try {
      const now = clock.now();
      if (await renewLease(pool, { token, now, until: now + LEASE_MS, oldest: oldestHeld() })) await openLinks();
      else await fenced();
    } catch (error) {
      trouble('lease', error);
    }
    later(LEASE_MS / 3, heartbeat);
  };

  const oldestHeld = (): string | null => {
    let oldest = backlog.oldest();
    for (const id of out.keys()) if (oldest === null || id < oldest) oldest = id;
    for (const { id } of [...doubted].flat()) if (oldest === null || id < oldest) oldest = id;
    return oldest;
  };

  /** Another node closed our lease (we were silent for too long): what waits is its business now. */
  const fenced = async () => {
    parts.log('dispatch.lease-lost', { carrier: carrier.name, token });
    backlog.clear();
    const lost = token!;
    for (const { message, slot } of out.values()) {
      slot.unsettled -= message.parts;
      settle.remember(message, lost);
    }
    out.clear();
    settle.giveUp(lost);
    const now = clock.now();
    token = await openLease(pool, { carrierId: parts.carrierId, node: parts.node, now, until: now + LEASE_MS });
    await moveLinks(pool, { token, carrierId: parts.carrierId, links: slots.map((slot) => slot.index) });
    intake.left();
  };

  // ---- out: mark, then send

  const freeOf = (slot: Slot) => Math.max(0, Math.min(slot.link.free, carrier.window - slot.unsettled));

  /** As many messages as the free slots of all links hold; one longer than a window may go alone through an idle link. */
  const pick = (): { message: Claimed; slot: Slot }[] => {
    const room = slots.map((slot) => ({ slot, free: freeOf(slot) })).filter(({ free }) => free > 0);
    const picked: { message: Claimed; slot: Slot }[] = [];
    const now = clock.now();
    for (let turn = 0; room.length > 0; turn++) {
      const next = backlog.peek();
      if (!next) break;
      if (next.validUntil <= now) {
        settle.add([expiredSettlement(backlog.take()!)]);
        continue;
      }
      const objection = objectionOf(parts.policies, next);
      if (objection) {
        settle.add([stoppedSettlement(backlog.take()!, objection.words)]);
        continue;
      }
      const at = turn % room.length;
      const place = room[at]!;
      const alone = place.slot.unsettled === 0 && place.free >= Math.min(next.parts, carrier.window);
      if (next.parts > place.free && !alone) {
        room.splice(at, 1);
        continue;
      }
      picked.push({ message: backlog.take()!, slot: place.slot });
      place.slot.unsettled += next.parts;
      place.free -= next.parts;
      if (place.free <= 0) room.splice(at, 1);
    }
    return picked;
  };

  async function pump(): Promise<void> {
    if (pumping) return;
    pumping = true;
    try {
      while (!stopping && token !== null) {
        const picked = pick();
        if (picked.length === 0) break;
        const marked = markAndSend(picked);
        marking = marked;
        if (!(await marked)) break;
      }
    } finally {
      pumping = false;
    }
    if (intake.shouldClaim) claim();
  }

  const markAndSend = async (picked: { message: Claimed; slot: Slot }[]): Promise<boolean> => {
    const next = picked.map(({ message }) => message);
    let mark: Awaited<ReturnType<typeof markPossiblySent>>;
    let contents: ReadonlyMap<string, Content> | undefined;
    try {
      contents = await parts.contents?.(next);
      mark = await markPossiblySent(pool, {
        token: token!,
        out: [...out.keys()],
        next,
        until: clock.now() + LEASE_MS,
        channel: parts.channel,
      });
      if (!mark.held) {
        for (const { slot, message } of picked) slot.unsettled -= message.parts;
        await fenced();
        return true;
      }
    } catch (error) {
      trouble('mark', error);
      for (const { slot, message } of picked) slot.unsettled -= message.parts;
      backlog.putBack(next);
      later(DATABASE_RETRY_MS, pump);
      return false;
    }
    const suppressed = new Set(mark.suppressed);
    const paused = new Set(mark.paused);
    const kept: Settlement[] = [];
    const bySlot = new Map<Slot, Claimed[]>();
    picked.forEach(({ message, slot }, i) => {
      out.set(message.id, { message, slot });
      if (suppressed.has(i)) {
        kept.push(stoppedSettlement(message, OPTED_OUT));
        return;
      }
      if (message.campaignId !== null && paused.has(message.campaignId)) {
        kept.push(parkedSettlement(message));
        return;
      }
      const list = bySlot.get(slot);
      if (list) list.push(message);
      else bySlot.set(slot, [message]);
    });
    for (const [slot, messages] of bySlot) {
      slot.link.send(contents ? messages.map((each) => ({ ...each, content: contents.get(each.id) })) : messages);
    }
    if (kept.length > 0) settle.add(kept);
    return true;
  };

  // ---- back

  function takeOutcomes(list: Outcome[]): void {
    const now = clock.now();
    const mine: Settlement[] = [];
    for (const outcome of list) {
      const held = out.get(outcome.id);
      if (held) {
        mine.push(settlementOf(held.message, outcome, now, random));
      } else if (outcome.kind !== 'unknown') {
        const known = settle.late(outcome.id);
        if (known) settle.resolveLate(settlementOf(known.message, outcome, now, random), known.token);
      }
    }
    settle.add(mine);
  }

  function settled(chunk: readonly Settlement[]): void {
    for (const { message, status } of chunk) {
      const held = out.get(message.id);
      if (held) held.slot.unsettled -= message.parts;
      out.delete(message.id);
      if (status === Status.queued) intake.left(message.priority);
    }
    pump();
    parts.receipts.matchOrphans().catch((error) => trouble('orphans', error));
  }

  const hasRoom = () => slots.some((slot) => freeOf(slot) > 0);

  // ---- in: what waits in the table

  const claim = async () => {
    // A node without a bind would only keep messages from the node that has it.
    if (stopping || token === null || slots.length === 0) return;
    if (claiming) {
      // Its statement may have begun before what it is now asked to find was committed.
      claimAgain = true;
      return;
    }
    claiming = true;
    try {
      let found = 0;
      for (const priority of intake.priorities) {
        const limit = Math.min(CLAIM_CHUNK, intake.roomFor(priority));
        if (limit <= 0) continue;
        const now = clock.now();
        const fromId = firstIdOf(now - OPEN_WINDOW_MS);
        const claimed = await claimDue(pool, { channel: parts.channel, priority, now, fromId, limit, token });
        backlog.add(claimed);
        found += claimed.length;
        if (claimed.length < limit && !claimAgain) intake.emptied(priority);
        else intake.left(priority);
      }
      if (found > 0) pump();
    } catch (error) {
      trouble('claim', error);
    } finally {
      claiming = false;
    }
    if (claimAgain) {
      claimAgain = false;
      claim();
    }
  };

  /**
   * A commit whose answer was lost may have left them claimed in the table while nobody holds them: they go back to the queue
   * as soon as the database can be asked. Until then the lease points at them, so that a crash meanwhile finds them too.
   */
  const disown = (messages: readonly Claimed[], under: number): void => {
    doubted.add(messages);
    const ids = messages.map(({ id }) => id);
    const accountIds = messages.map(({ accountId }) => accountId);
    disownClaims(pool, { token: under, ids, accountIds, now: clock.now() })
      .then((found) => {
        doubted.delete(messages);
        if (found === 0) return;
        parts.log('dispatch.commit-was-kept', { carrier: carrier.name, messages: found });
        intake.left();
        if (intake.shouldClaim) claim();
      })
      .catch((error) => {
        trouble('disown', error);
        if (!stopping) later(DATABASE_RETRY_MS, () => disown(messages, under));
      });
  };

  const poll = async () => {
    if (stopping) return;
    // Whether or not anybody told of it: schedules come due, and other nodes leave messages.
    if (intake.hasRoom) await claim();
    later(POLL_MS, poll);
  };

  return {
    start,

    /**
     * Whether `count` messages accepted now may be born claimed, which saves an UPDATE each; the answer is the token to
     * write. Only while nothing older waits in the table: first come, first served. Follow with `enqueue` or `forget`.
     */
    promise(count: number, priority: number): number | null {
      if (stopping || token === null || slots.length === 0) return null;
      return intake.promise(count, priority) ? token : null;
    },

    /** The promised messages (of one priority) are committed. */
    enqueue(messages: readonly (Claimed & { claimToken: number | null })[]): void {
      intake.keep(messages);
      if (messages[0]?.claimToken !== token) {
        // The lease was lost while they were being committed: whoever looked through it then did not see them.
        recoverClaims(pool, clock.now(), LOOK_BACK_MS).catch((error) => trouble('recover', error));
        return;
      }
      backlog.add(messages);
      pump();
    },

    /** The promised messages were not committed after all; `certain` = that is known, and not only that no answer came. */
    forget(messages: readonly (Claimed & { claimToken: number | null })[], certain: boolean): void {
      intake.keep(messages);
      const under = messages[0]?.claimToken;
      if (!certain && under != null) disown(messages, under);
    },

    /** Messages were left in the table: look there soon. */
    wake(): void {
      intake.left();
      if (intake.shouldClaim) claim();
    },

    /** For the operator: what is waiting and out. */
    state: () => ({
      carrier: carrier.name,
      waiting: backlog.count,
      out: out.size,
      links: slots.map((slot) => ({ index: slot.index, free: slot.link.free, unsettled: slot.unsettled })),
    }),

    /** Takes nothing more, waits for what is out, gives the rest back. Done within about `deadlineMs`. */
    async stop(deadlineMs: number): Promise<void> {
      stopping = true;
      // Bounded, as everything here: a database that does not answer must not keep the process.
      await new Promise<void>((resolve) => {
        const cancel = clock.after(deadlineMs, resolve);
        marking.finally(() => {
          cancel();
          resolve();
        });
      });
      await Promise.all(slots.map((slot) => slot.link.close(deadlineMs)));
      await settle.drain();
      for (const cancel of cancels) cancel();
      if (token === null) return;
      const now = clock.now();
      await closeLease(pool, token, now);
      await recoverClaims(pool, now);
    },
  };
}

export type Dispatcher = ReturnType<typeof openDispatcher>;
