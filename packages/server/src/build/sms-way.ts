import { hostname } from 'node:os';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import { openCarrier } from '../carriers/registry.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/db.ts';
import { isAlive } from '../db/embedded/postmaster.ts';
import { StartRefused } from '../db/start-refused.ts';
import { type ReplyReader, replyReader } from '../inbound/read-replies.ts';
import { storeInbound } from '../inbound/store.ts';
import { type Dispatcher, openDispatcher } from '../messages/dispatch.ts';
import { Channel } from '../messages/message.ts';
import type { Policy } from '../messages/policy.ts';
import { carrierNumber } from '../messages/store-claims.ts';
import { type ReceiptTaker, receiptTaker } from '../messages/take-receipts.ts';
import { openSmsc, type Smsc } from '../sandbox/smsc.ts';

/** A receipt shows this much later, and costs a third less. */
const LINGER_MS = 10;

/** The number that stands for "shared" in the sandbox: one of those that are never given to anybody. */
export const SANDBOX_NUMBER = '+61491570006';

/** The pretend centre, where no carrier is set. */
export async function openSandboxSmsc(
  { random, log }: Pick<SmsWayParts, 'random' | 'log'>,
  clock: Clock,
): Promise<Smsc> {
  const password = Buffer.from(random.bytes(4)).toString('hex');
  return openSmsc({ clock, random, log, systemId: 'sandbox', password });
}

/** How SMS leave this node, and how their receipts and replies come back. */
export interface SmsWay {
  dispatcher: Dispatcher;
  receipts: ReceiptTaker;
  replies: ReplyReader;
}

export interface SmsWayParts {
  config: Config;
  clock: Clock;
  random: Random;
  db: Database;
  newId: () => string;
  /** Null where a real carrier is set. */
  smsc: Smsc | null;
  policies: readonly Policy[];
  log(event: string, facts: Record<string, unknown>): void;
}

/** @throws StartRefused for a carrier URL that cannot be used. */
export async function openSmsWay(parts: SmsWayParts): Promise<SmsWay> {
  const { config, clock, random, db, newId, smsc, log } = parts;
  const url = smsc ? smsc.url : config.smsCarrier!;
  const carrier = openCarrier(url, { clock, random, log });
  if ('faults' in carrier) throw new StartRefused(`VEREDUS_SMS_CARRIER: ${carrier.faults.join(' ')}`);
  // The sandbox listens on another port after each start and is the same carrier all the while.
  const name = smsc ? 'sandbox' : carrier.name;
  const carrierId = await carrierNumber(db.enginePool, name);
  const receipts = receiptTaker({
    pool: db.enginePool,
    clock,
    newId,
    carrierId,
    receiptIds: carrier.receiptIds ?? 'auto',
  });
  const replies = replyReader({ pool: db.enginePool, clock, log });
  const dispatcher = openDispatcher({
    pool: db.enginePool,
    clock,
    random,
    carrier,
    carrierId,
    channel: Channel.sms,
    node: `${hostname()}/${process.pid}`,
    // The data folder lets one node in at a time, so whoever else holds a lease in it is gone.
    isGone: config.databaseUrl === null ? () => true : hasEnded,
    receipts,
    policies: parts.policies,
    lingerMs: LINGER_MS,
    async inbound(messages) {
      await storeInbound(db.enginePool, messages, { carrierId, at: clock.now(), newId });
      replies.wake();
    },
    log,
  });
  return { dispatcher, receipts, replies };
}

/** By its `host/pid`: a process of this machine that runs no more, or a former life whose pid is now ours. */
function hasEnded(node: string): boolean {
  const [host, pid] = node.split('/');
  return host === hostname() && (Number(pid) === process.pid || !isAlive(Number(pid)));
}
