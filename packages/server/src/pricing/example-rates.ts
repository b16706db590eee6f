/**
 * What a text message might cost, so that a new server can show prices at once. AN EXAMPLE, NOT AN OFFER: rounded
 * figures put together from public price lists of early 2026; no carrier sells at them. The rows are stored with
 * `example` true, and the console warns until an owner has replaced them.
 */
export const EXAMPLE_NOTICE = 'Example prices, not an offer: replace them with the rates of your carrier.';

/** Micro-US-dollars per SMS part; '*' = any other country. */
export const EXAMPLE_SMS_RATES: Readonly<Record<string, number>> = {
  US: 11_000,
  CA: 11_000,
  GB: 40_000,
  AU: 79_000,
  NZ: 110_000,
  IE: 60_000,
  DE: 90_000,
  FR: 60_000,
  ES: 50_000,
  IT: 60_000,
  NL: 100_000,
  BE: 100_000,
  CH: 60_000,
  AT: 85_000,
  SE: 50_000,
  NO: 75_000,
  DK: 55_000,
  FI: 77_000,
  PL: 30_000,
  PT: 68_000,
  GR: 90_000,
  CZ: 69_000,
  IN: 38_000,
  SG: 40_000,
  HK: 85_000,
  JP: 70_000,
  PH: 120_000,
  MY: 45_000,
  ID: 250_000,
  AE: 110_000,
  IL: 100_000,
  ZA: 28_000,
  NG: 80_000,
  KE: 50_000,
  BR: 60_000,
  MX: 40_000,
  '*': 90_000,
};

/** A row of the table `rates` that is yet to be stored. */
export interface ExampleRate {
  channel: 'sms';
  country: string;
  prefix: '';
  price_micro: number;
  valid_from: number;
  valid_to: null;
  example: true;
}

/** The example card as rows, valid from `at` (milliseconds since the epoch) on. */
export function exampleRates(at: number): ExampleRate[] {
  return Object.entries(EXAMPLE_SMS_RATES).map(([country, price_micro]) => ({
    channel: 'sms',
    country,
    prefix: '',
    price_micro,
    valid_from: at,
    valid_to: null,
    example: true,
  }));
}
