/**
 * Money is an integer count of micro-units (millionths of the account's currency), below 2^53 = 9 billion units, so
 * that sums of JS numbers are exact. Only here does it become text or a fraction.
 */

const MICRO = 1_000_000;

/** '0.0792': four decimals, half away from zero. What the v3 contract calls a price. */
export function toDecimal4(micro: number): string {
  return write(micro, 4);
}

/** '0.079200': all six decimals, exact. */
export function toDecimal6(micro: number): string {
  return write(micro, 6);
}

/**
 * The JSON number for a total: 158400 → 0.1584. Both operands are exact and IEEE division rounds correctly, so this is
 * the very double that the decimal text names, and JSON writes it back as that text, up to six decimals.
 */
export function toNumber(micro: number): number {
  return micro / MICRO;
}

/**
 * Micro-units of a decimal text such as '12', '-0.5' or '0.079200', exactly. Null where it is no such text, has more
 * than six decimals, or is beyond 2^53 micro-units; never rounded.
 */
export function fromDecimal(text: string): number | null {
  const match = /^(-?)(\d{1,10})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) return null;
  const [, sign, whole, fraction = ''] = match;
  const micro = Number(whole) * MICRO + Number(fraction.padEnd(6, '0'));
  if (!Number.isSafeInteger(micro)) return null;
  return sign && micro !== 0 ? -micro : micro;
}

function write(micro: number, decimals: number): string {
  const unit = 10 ** (6 - decimals);
  const size = Math.abs(micro);
  // Remainders of integers are exact; a quotient near 2^53 is not.
  const rest = size % unit;
  const rounded = (size - rest) / unit + (rest * 2 >= unit && rest > 0 ? 1 : 0);
  const digits = String(rounded).padStart(decimals + 1, '0');
  const sign = micro < 0 && rounded > 0 ? '-' : '';
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
