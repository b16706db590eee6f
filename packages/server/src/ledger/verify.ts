import type { Kysely } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { EMPTY, type Leg } from './entries.ts';
import { type Figures, readFigures } from './store.ts';

/** Two figures of one account that should be the same. Micro-units, or a count of rows where `what` says so. */
export interface Fault {
  accountId: number;
  what: string;
  expected: number;
  found: number;
}

export interface Verdict {
  /** How many accounts were looked at. */
  accounts: number;
  /** Empty = the books are right. */
  faults: Fault[];
}

/**
 * Proves the books (invariant "Money": the ledger is balanced, and the balances are its sums). It reads all entries, all
 * balances and all messages in one statement, so it may run while messages flow, and it changes nothing.
 */
export async function verifyLedger(engine: Kysely<Schema>): Promise<Verdict> {
  const figures = await readFigures(engine);
  return { accounts: figures.length, faults: figures.flatMap(findFaults) };
}

const LEGS: readonly Leg[] = ['funding', 'available', 'held', 'spent'];
const NO_CAMPAIGNS = { held: 0, heldMessages: 0, released: 0, releasedMessages: 0 };
const NO_MESSAGES = { held: 0, reserved: 0, reservedMessages: 0, spent: 0, strayCharges: 0 };

/** What does not agree in one account's figures. Pure. */
export function findFaults(figures: Figures): Fault[] {
  const { accountId } = figures;
  const balances = figures.balances ?? EMPTY;
  const entries = figures.entries ?? EMPTY;
  const messages = figures.messages ?? NO_MESSAGES;
  const campaigns = figures.campaigns ?? NO_CAMPAIGNS;
  const pairs: [what: string, expected: number, found: number][] = [
    ['rows of the account (1 = there is one)', 1, figures.known ? 1 : 0],
    ['rows of balances (1 = there is one)', 1, figures.balances ? 1 : 0],
    ...LEGS.map((leg): [string, number, number] => [
      `balance ${leg} against the sum of entries`,
      entries[leg],
      balances[leg],
    ]),
    ['sum of the four balances', 0, LEGS.reduce((sum, leg) => sum + balances[leg], 0)],
    ['entries between legs their kind does not allow (rows)', 0, figures.strayEntries],
    [
      'balance held against the prices of messages whose money is held, and what campaigns still hold',
      messages.held + campaigns.held,
      balances.held,
    ],
    ['balance spent against the charges of messages whose money is captured', messages.spent, balances.spent],
    [
      'reserve entries against the prices of messages that ever held money, and what campaigns held beside',
      messages.reserved + campaigns.held + campaigns.released,
      figures.reserved,
    ],
    [
      'messages counted by reserve entries (rows)',
      messages.reservedMessages + campaigns.heldMessages + campaigns.releasedMessages,
      figures.reservedMessages,
    ],
    ['charges of messages whose money is not captured', 0, messages.strayCharges],
  ];
  return pairs
    .filter(([, expected, found]) => expected !== found)
    .map(([what, expected, found]) => ({ accountId, what, expected, found }));
}
