import { fromDecimal } from '../pricing/money.ts';
import { Refusal } from '../refusal.ts';

/** Reads an amount a person typed, such as `25` or `12.50`, as micro-units above zero. @throws Refusal `bad-request` */
export function parseAmount(text: string): number {
  const micro = fromDecimal(text.trim());
  if (micro !== null && micro > 0) return micro;
  const words = `"${text}" is no amount: write digits above zero with at most 6 decimals after a point, like 25 or 12.50.`;
  throw new Refusal('bad-request', words, { fields: { amount: words } });
}
