import { z } from 'zod';
import { accepting } from './lenient.ts';
import { readSeconds } from './unix-seconds.ts';

/** Query terms arrive as text. These are the ones every list shares. */

const MOST_ROWS = 100;

const wholeNumber = 'must be a whole number, 1 or more.';

/** Digits to a number; what is no digits stays as it is, for the schema behind to refuse. */
function digits(raw: unknown): unknown {
  return typeof raw === 'string' && /^-?\d{1,15}$/.test(raw.trim()) ? Number(raw) : raw;
}

/**
 * `page` from 1 and `limit`, 15 unless told. ClickSend documents 15 to 100 and its clients send from 1; a larger limit
 * is answered with 100 rows rather than refused, since clients that ask for 1,000 page on by what they got.
 */
export const pageTerms = {
  page: accepting(digits, z.int(wholeNumber).min(1, wholeNumber)).prefault(1),
  limit: accepting((raw) => {
    const limit = digits(raw);
    return typeof limit === 'number' && limit > MOST_ROWS ? MOST_ROWS : limit;
  }, z.int(wholeNumber).min(1, wholeNumber).max(MOST_ROWS)).prefault(15),
};

/** Unix seconds; milliseconds and dates in words are refused with the value that was meant. */
export const unixSeconds = accepting((raw, refuse) => {
  const read = readSeconds(raw);
  if (read.ok) return read.seconds;
  refuse(`${read.words}.`);
  return raw;
}, z.int().min(0));

/** Both bounds are inclusive. */
export const dateTerms = { date_from: unixSeconds.optional(), date_to: unixSeconds.optional() };
