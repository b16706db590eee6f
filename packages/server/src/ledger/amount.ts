import { Refusal } from '../refusal.ts';

const AMOUNT = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/**
 * Reads a person's amount such as `25` or `0.5` as micro-units, digit by digit: no float ever holds money.
 * Refuses (`bad-request`) signs, other separators and more than 6 decimals.
 */
export function parseAmount(text: string): number {
  const match = AMOUNT.exec(text.trim());
  if (!match) {
    const words = `"${text}" is no amount: write digits with at most 6 decimals after a point, like 25 or 12.50.`;
    throw new Refusal('bad-request', words, { fields: { amount: words } });
  }
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}

/** Micro-units as a decimal string with `decimals` places (at most 6). What is cut off is rounded half away from zero. */
export function formatMicro(micro: number, decimals = 6): string {
  const unit = 10 ** (6 - decimals);
  const rounded = Math.floor((Math.abs(micro) + unit / 2) / unit);
  const digits = String(rounded).padStart(decimals + 1, '0');
  const sign = micro < 0 && rounded > 0 ? '-' : '';
  const whole = digits.slice(0, digits.length - decimals);
  return decimals === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-decimals)}`;
}
