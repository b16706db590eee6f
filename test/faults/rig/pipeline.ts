import type { SmsMessage } from '@veredus/contract/endpoints/sms-message';
import { smsMessage } from '@veredus/contract/endpoints/sms-message';
import { createKey } from '@veredus/server/accounts/api-keys';
import { Authentication } from '@veredus/server/accounts/authenticate';
import type { Caller } from '@veredus/server/accounts/caller';
import { createAccount, createUser } from '@veredus/server/accounts/create-account';
import { type SmsParts, sendSms } from '@veredus/server/channels/sms/send';
import type { Database } from '@veredus/server/db/db';
import { creditAccount } from '@veredus/server/ledger/credit';
import type { Accepted } from '@veredus/server/messages/accept';
import type { Carrier } from '@veredus/server/messages/carrier';
import { committer } from '@veredus/server/messages/commit';
import { type Dispatcher, openDispatcher } from '@veredus/server/messages/dispatch';
import { messageIds } from '@veredus/server/messages/ids';
import { Channel } from '@veredus/server/messages/message';
import type { Policy } from '@veredus/server/messages/policy';
import type { ReceiptIds } from '@veredus/server/messages/receipt';
import { carrierNumber, closeExpiredLeases, recoverClaims } from '@veredus/server/messages/store-claims';
import { type ReceiptTaker, receiptTaker } from '@veredus/server/messages/take-receipts';
import { duplicateGuard } from '@veredus/server/messages/throttle';
import { openRates, type Rates } from '@veredus/server/pricing/rates';
import { systemRandom } from '@veredus/server/system';
import { type HandClock, handClock } from '../../rig/hand-clock.ts';

/** One node's way from accept to receipt on a real database, its clock moved by hand. */
export interface Node {
  readonly clock: HandClock;
  readonly dispatcher: Dispatcher;
  readonly receipts: ReceiptTaker;
  readonly rates: Rates;
  /** What use cases above the pipeline are made from. */
  readonly sms: SmsParts;
  send(caller: Caller, messages: readonly Partial<SmsMessage>[], key?: string): Promise<Accepted>;
  /** What a running server does every few seconds: takes over from nodes that fell silent. */
  recover(): Promise<{ unknown: number; requeued: number }>;
}

export interface NodeOptions {
  at?: number;
  receiptIds?: ReceiptIds;
  name?: string;
  gone?: readonly string[];
  policies?: readonly Policy[];
}

/**
 * Starts a node as `build` would. A node is killed by leaving its clock alone: it does nothing more, tells nobody, and its
 * lease runs out.
 */
export async function startNode(db: Database, carrier: Carrier, options: NodeOptions = {}): Promise<Node> {
  const clock = handClock(options.at ?? START);
  const pool = db.enginePool;
  const newId = messageIds(clock, systemRandom);
  const carrierId = await carrierNumber(pool, carrier.name);
  const receipts = receiptTaker({ pool, clock, newId, carrierId, receiptIds: options.receiptIds ?? 'auto' });
  const log = () => {};
  const policies = options.policies ?? [];
  const dispatcher = openDispatcher({
    pool,
    clock,
    random: systemRandom,
    newId,
    carrier,
    carrierId,
    channel: Channel.sms,
    node: options.name ?? 'test',
    isGone: (name) => options.gone?.includes(name) ?? false,
    receipts,
    policies,
    lingerMs: 0,
    inbound: async () => {},
    log,
  });
  const rates = await openRates({ pool, clock, channel: 'sms', log });
  const commit = committer({ pool, clock, dispatcher: () => dispatcher, log });
  const sms = {
    pool,
    clock,
    newId,
    commit,
    guard: duplicateGuard(clock),
    policies,
    rates,
    sharedNumber: '',
    random: systemRandom,
    linkBase: () => 'https://acme.link',
  };
  await dispatcher.start();
  clock.advance(0);
  return {
    clock,
    dispatcher,
    receipts,
    rates,
    sms,
    send: (caller, messages, key) =>
      sendSms(sms, caller, { messages: messages.map((message) => smsMessage.parse(message)), key: key ?? null }),
    async recover() {
      await closeExpiredLeases(pool, clock.now());
      return recoverClaims(pool, clock.now());
    },
  };
}

export const START = Date.UTC(2026, 0, 1);

let accounts = 0;

/** An account with one user and one key. `creditMicro` makes it prepaid with so much money; without it, no limit. */
export async function openAccount(db: Database, options: { creditMicro?: number } = {}): Promise<Caller> {
  const parts = { clock: handClock(START), random: systemRandom };
  const name = `account${++accounts}`;
  const prepaid = options.creditMicro !== undefined;
  const terms = { country: 'AU', currency: 'AUD', prepaid, creditLimitMicro: null, anySenderNumber: false };
  const accountId = await createAccount(parts, db.engine, { name, ...terms });
  const userId = await createUser(parts, db.engine, { accountId, username: name, password: null, isMain: true });
  if (options.creditMicro) {
    await creditAccount(db.engine, parts.clock, { account: accountId, amountMicro: options.creditMicro, note: null });
  }
  const { key } = await createKey(parts, db.engine, { accountId, userId, name: 'test', scopes: ['*'] });
  const authentication = new Authentication({ enginePool: db.enginePool, ...parts });
  return (await authentication.authenticateKey(key, '192.0.2.1')) as Caller;
}

/** What a part costs in the tests: a third of a cent, which no binary fraction holds. */
export const PRICE = 3_333;

export async function setPrice(db: Database, priceMicro: number, from = 0): Promise<void> {
  await db.enginePool.query(
    `insert into rates (channel, country, prefix, price_micro, valid_from) values ('sms', '*', '', $1, $2)`,
    [priceMicro, from],
  );
}

/** Texts with a reference of ours in each, so that the log of the other side tells them apart. */
export const numbered = (count: number, from = 0): { to: string; body: string }[] =>
  Array.from({ length: count }, (_, i) => ({
    to: `+614${String(10_000_000 + from + i)}`,
    body: `ref ${from + i}`,
  }));
