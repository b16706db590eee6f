import { hostname } from 'node:os';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import { openCarrier } from '../carriers/registry.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/db.ts';
import { isAlive } from '../db/embedded/postmaster.ts';
import { StartRefused } from '../db/start-refused.ts';
import type { CarrierInbound } from '../messages/carrier.ts';
import { type Dispatcher, type DispatchParts, openDispatcher } from '../messages/dispatch.ts';
import type { Policy } from '../messages/policy.ts';
import { carrierNumber } from '../messages/store-claims.ts';
import { type ReceiptTaker, receiptTaker } from '../messages/take-receipts.ts';

/** A receipt shows this much later, and costs a third less. */
const LINGER_MS = 10;

/** What every channel's way out is made from. */
export interface WayParts {
  config: Config;
  clock: Clock;
  random: Random;
  db: Database;
  newId: () => string;
  policies: readonly Policy[];
  log(event: string, facts: Record<string, unknown>): void;
}

/** How one channel differs. */
export interface Way {
  channel: DispatchParts['channel'];
  /** What the carrier must be able to send. */
  sends: 'sms' | 'email';
  carrierUrl: string;
  /** What the operator is told to mend. */
  setting: string;
  /** Null where a real carrier is set; the sandbox listens on another port after each start and is the same carrier all the while. */
  sandboxName: string | null;
  /** Stores what comes in; resolves once it is. */
  inbound(messages: CarrierInbound[], carrierId: number): Promise<void>;
  contents?: NonNullable<DispatchParts['contents']>;
}

/** How the messages of a channel leave this node, and how their receipts come back. */
export interface WayOut {
  dispatcher: Dispatcher;
  receipts: ReceiptTaker;
}

/** @throws StartRefused for a carrier URL that cannot be used. */
export async function openWayOut(parts: WayParts, way: Way): Promise<WayOut> {
  const { config, clock, random, db, newId, log } = parts;
  const carrier = openCarrier(way.carrierUrl, { clock, random, log }, way.sends);
  if ('faults' in carrier) throw new StartRefused(`${way.setting}: ${carrier.faults.join(' ')}`);
  const carrierId = await carrierNumber(db.enginePool, way.sandboxName ?? carrier.name);
  const receiptIds = carrier.receiptIds ?? 'auto';
  const receipts = receiptTaker({ pool: db.enginePool, clock, newId, carrierId, receiptIds });
  const dispatcher = openDispatcher({
    pool: db.enginePool,
    clock,
    random,
    newId,
    carrier,
    carrierId,
    channel: way.channel,
    node: `${hostname()}/${process.pid}`,
    // The data folder lets one node in at a time, so whoever else holds a lease in it is gone.
    isGone: config.databaseUrl === null ? () => true : hasEnded,
    receipts,
    policies: parts.policies,
    lingerMs: LINGER_MS,
    inbound: (messages) => way.inbound(messages, carrierId),
    ...(way.contents ? { contents: way.contents } : {}),
    log,
  });
  return { dispatcher, receipts };
}

/** By its `host/pid`: a process of this machine that runs no more, or a former life whose pid is now ours. */
function hasEnded(node: string): boolean {
  const [host, pid] = node.split('/');
  return host === hostname() && (Number(pid) === process.pid || !isAlive(Number(pid)));
}
