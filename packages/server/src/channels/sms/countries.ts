import { getCountries } from 'libphonenumber-js/max';

/** As `GET /countries` of ClickSend's v3 contract has it. */
export interface Country {
  /** ISO 3166 alpha-2. */
  code: string;
  /** English name. */
  value: string;
}

/** `Intl` has the names, so they need no table of ours; English, as every fixed text of the contract is. */
const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

/** Every country with a telephone numbering plan, by name. */
export const COUNTRIES: readonly Country[] = getCountries()
  .map((code) => ({ code, value: countryName(code) }))
  .sort((a, b) => a.value.localeCompare(b.value, 'en'));

/** English name of an ISO 3166 alpha-2 code ('ZZ' = "Unknown Region"); the text itself where it is no such code. */
export function countryName(code: string): string {
  return /^[A-Za-z]{2}$/.test(code) ? names.of(code.toUpperCase())! : code;
}
