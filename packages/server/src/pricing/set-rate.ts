import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max';
import type { Database } from '../db/db.ts';
import { inTransaction } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import { fromDecimal } from './money.ts';
import { endRates, insertRate, lockRates } from './store.ts';

/** Millionths per part. At this price a call of 1,000 messages of 8 parts costs 8 · 10^14, still exact below 2^53. */
const MOST_MICRO = 100_000_000_000;

/** A rate as a person writes it. */
export interface WrittenRate {
  channel: string;
  /** ISO alpha-2, or '*' for every country without a rate of its own. */
  country: string;
  /** Digits after the '+'; empty = the whole country. */
  prefix: string;
  /** Decimal text, per part, in the currency of the accounts. */
  price: string;
}

/**
 * Puts a rate in the place of the one that counts at `now` (ms): that one ends, and stays as the history of prices.
 * Answers the price in micro-units and whether there was one before. @throws Refusal `bad-request`
 */
export async function setRate(
  db: Pick<Database, 'enginePool'>,
  now: number,
  rate: WrittenRate,
): Promise<{ priceMicro: number; replaced: boolean }> {
  const { channel, country, prefix } = rate;
  checkCountry(country);
  checkPrefix(prefix, country);
  const priceMicro = parsePrice(rate.price);
  const replaced = await inTransaction(db.enginePool, async (client) => {
    await lockRates(client);
    const ended = await endRates(client, rate, now);
    await insertRate(client, { channel, country, prefix, price_micro: priceMicro }, now);
    return ended > 0;
  });
  return { priceMicro, replaced };
}

function checkCountry(country: string): void {
  if (country !== '*' && !isSupportedCountry(country))
    refuse('country', `"${country}" is no country: two capital letters, like AU, or '*' for every other country.`);
}

/** A prefix without its calling code would match numbers of another country, or none. */
function checkPrefix(prefix: string, country: string): void {
  if (prefix === '') return;
  if (!/^[1-9]\d{0,14}$/.test(prefix))
    refuse('prefix', `"${prefix}" is no prefix: the first digits of a number after its +, like 614.`);
  if (!isSupportedCountry(country)) return;
  const callingCode = getCountryCallingCode(country);
  if (!prefix.startsWith(callingCode))
    refuse('prefix', `Numbers of ${country} begin with ${callingCode}, so "${prefix}" is no prefix of theirs.`);
}

function parsePrice(text: string): number {
  const micro = fromDecimal(text);
  if (micro !== null && micro >= 0 && micro <= MOST_MICRO) return micro;
  const words = `"${text}" is no price: digits with at most 6 decimals after a point, from 0 to 100000, like 0.079.`;
  return refuse('price', words);
}

function refuse(field: string, words: string): never {
  throw new Refusal('bad-request', words, { fields: { [field]: words } });
}
