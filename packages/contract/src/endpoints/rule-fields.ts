import { z } from 'zod';
import { accepting } from '../lenient.ts';

/** Fields that rules for inbound messages and for receipts have in common. Clients write numbers as digits, and words in any case. */

const digits = (raw: unknown): unknown => (typeof raw === 'string' && /^\s*\d{1,10}\s*$/.test(raw) ? Number(raw) : raw);

export const wholeNumber = (most: number, words: string) =>
  accepting(digits, z.int(words).min(0, words).max(most, words));

const flagWords = 'must be 0 or 1.';
export const enabled = accepting(
  (raw) => (typeof raw === 'boolean' ? Number(raw) : digits(raw)),
  z.literal([0, 1], flagWords),
).describe('1 = the rule acts, 0 = it rests.');

/** Text up to so many characters, as people count them. */
export const text = (most: number) =>
  z
    .string({ error: ({ input }) => (input === undefined ? 'is required.' : 'must be text.') })
    .refine((value) => value.length <= most || [...value].length <= most, `must have ${most} characters at most.`);

export const ruleName = text(255).refine((value) => value.trim() !== '', 'must not be empty.');

/** The longest URL, with room for a list of numbers. */
export const ACTION_ADDRESS_LIMIT = 2_000;
/** List ids come as numbers, too. */
export const actionAddress = accepting(
  (raw) => (typeof raw === 'number' && Number.isSafeInteger(raw) ? String(raw) : (raw ?? (raw === null ? '' : raw))),
  text(ACTION_ADDRESS_LIMIT),
);

/** One of the names of a table, in any case. */
export function actionOf<A extends string>(actions: Readonly<Record<A, string>>) {
  const names = Object.keys(actions) as [A, ...A[]];
  return accepting(
    (raw) => (typeof raw === 'string' ? raw.trim().toUpperCase() : raw),
    z.enum(names, {
      error: ({ input }) => (input === undefined ? 'is required.' : `must be one of ${names.join(', ')}.`),
    }),
  ).describe(names.map((name) => `${name}: ${actions[name]}`).join(' '));
}
