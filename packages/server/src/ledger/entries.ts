/** The four places money can be. Their sum over all accounts and entries is always zero. */
export type Leg = 'funding' | 'available' | 'held' | 'spent';
export type EntryKind = 'credit' | 'reserve' | 'capture' | 'release' | 'late-capture';

/**
 * Between which legs each kind of entry moves money: out of `debit`, into `credit`. These five are all there are.
 * A late capture is for a message whose hold was released because nobody knew whether it had left, and whose receipt
 * came after all.
 */
export const legsOf = {
  credit: { debit: 'funding', credit: 'available' },
  reserve: { debit: 'available', credit: 'held' },
  capture: { debit: 'held', credit: 'spent' },
  release: { debit: 'held', credit: 'available' },
  'late-capture': { debit: 'available', credit: 'spent' },
} as const satisfies Record<EntryKind, { debit: Leg; credit: Leg }>;

/** Money in each leg, in micro-units of the account's currency. Funding is negative: it is where credit came from. */
export type Balances = Record<Leg, number>;

export const EMPTY: Readonly<Balances> = { funding: 0, available: 0, held: 0, spent: 0 };

/** One movement, as a row of ledger_entries. `amountMicro` is above zero; nothing moves otherwise. */
export interface Movement {
  kind: EntryKind;
  amountMicro: number;
}

/** The balances after a movement. Money is whole micro-units below 2^53; anything else is a bug and throws. */
export function apply(balances: Readonly<Balances>, movement: Movement): Balances {
  const { kind, amountMicro } = movement;
  if (!Number.isSafeInteger(amountMicro) || amountMicro <= 0) throw new RangeError(`no amount: ${amountMicro}`);
  const { debit, credit } = legsOf[kind];
  return { ...balances, [debit]: balances[debit] - amountMicro, [credit]: balances[credit] + amountMicro };
}

/** What an account may still reserve: its terms and what is available. Infinity = no limit. */
export function spendable(
  terms: { prepaid: boolean; creditLimitMicro: number | null },
  availableMicro: number,
): number {
  if (terms.prepaid) return Math.max(0, availableMicro);
  if (terms.creditLimitMicro === null) return Number.POSITIVE_INFINITY;
  return Math.max(0, availableMicro + terms.creditLimitMicro);
}

/**
 * How a hold ends at submit: what was accepted is spent, the rest goes back. `chargedMicro` is at most `heldMicro`.
 * Movements of nothing are left out.
 */
export function settle(heldMicro: number, chargedMicro: number): Movement[] {
  if (chargedMicro < 0 || chargedMicro > heldMicro) throw new RangeError(`charged ${chargedMicro} of ${heldMicro}`);
  const movements: Movement[] = [
    { kind: 'capture', amountMicro: chargedMicro },
    { kind: 'release', amountMicro: heldMicro - chargedMicro },
  ];
  return movements.filter(({ amountMicro }) => amountMicro > 0);
}
