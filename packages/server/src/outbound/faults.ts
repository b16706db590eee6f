import { Refusal } from '../refusal.ts';

/** What is wrong with a URL or with what it leads to, told as the fault of the field it stood in. */
export function urlFault(field: string, words: string): Refusal {
  return new Refusal('bad-request', words, { fields: { [field]: words } });
}

/** What networks and peers do wrong arrives as plain errors, most with a code; these are ours. */
export function isBug(error: unknown): boolean {
  const ours = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return ours && !('code' in error);
}
