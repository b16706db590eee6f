import { storable } from '../db/storable.ts';
import { isEmail, LONGEST_EMAIL } from '../email-address.ts';
import { normaliseRecipient } from '../numbers/numbers.ts';

/** What a contact holds, by the names of the columns, in the order they are shown and exported. */
export const CONTACT_FIELDS = [
  'phone_number',
  'first_name',
  'last_name',
  'email',
  'fax_number',
  'organization_name',
  'address_line_1',
  'address_line_2',
  'address_city',
  'address_state',
  'address_postal_code',
  'address_country',
  'custom_1',
  'custom_2',
  'custom_3',
  'custom_4',
] as const;

export type ContactField = (typeof CONTACT_FIELDS)[number];
export type ContactValues = Record<ContactField, string | null>;
export type ContactFaults = Partial<Record<ContactField | 'contact', string>>;

/** A contact must be reachable by one of these. */
export const ADDRESSES = ['phone_number', 'email', 'fax_number'] as const satisfies readonly ContactField[];

export const NO_ADDRESS = 'A contact needs at least one of phone_number, email and fax_number.';

type Reading = { ok: true; value: string | null } | { ok: false; words: string };

/**
 * A whole contact as it may be stored: trimmed, storable, absent and empty ones null, numbers in E.164 (a local one is read in
 * `country`, ISO alpha-2). Never throws: what does not fit is named by field, `contact` standing for the contact as a whole.
 */
export function readContact(
  raw: Partial<Record<ContactField, unknown>>,
  country: string,
): { ok: true; values: ContactValues } | { ok: false; faults: ContactFaults } {
  const values = {} as ContactValues;
  let faults: ContactFaults | null = null;
  for (const field of CONTACT_FIELDS) {
    const reading = readField(field, raw[field], country);
    if (reading.ok) values[field] = reading.value;
    else {
      faults ??= {};
      faults[field] = reading.words;
    }
  }
  if (faults === null && !isReachable(values)) faults = { contact: NO_ADDRESS };
  return faults === null ? { ok: true, values } : { ok: false, faults };
}

/** The same for those fields of `raw` that are there (not undefined), whatever the rest of the contact may be. */
export function readChanges(
  raw: Partial<Record<ContactField, unknown>>,
  country: string,
): { ok: true; values: Partial<ContactValues> } | { ok: false; faults: ContactFaults } {
  const values: Partial<ContactValues> = {};
  const faults: ContactFaults = {};
  for (const field of CONTACT_FIELDS) {
    if (raw[field] === undefined) continue;
    const reading = readField(field, raw[field], country);
    if (reading.ok) values[field] = reading.value;
    else faults[field] = reading.words;
  }
  return Object.keys(faults).length === 0 ? { ok: true, values } : { ok: false, faults };
}

export const isReachable = (values: Pick<ContactValues, (typeof ADDRESSES)[number]>): boolean =>
  values.phone_number !== null || values.email !== null || values.fax_number !== null;

/** Characters; a text that fits is all of it kept, a longer one refused rather than cut where nobody sees it. */
const LONGEST = 255;
const LONGEST_CUSTOM = 1_000;

/** One field as it may be stored. Spreadsheets write numbers where text is meant, so text may come as a number. */
export function readField(field: ContactField, raw: unknown, country: string): Reading {
  if (raw === undefined || raw === null) return { ok: true, value: null };
  if (typeof raw !== 'string' && typeof raw !== 'number') return wrong(field, 'must be text');
  const text = storable(String(raw)).trim();
  if (text === '') return { ok: true, value: null };
  switch (field) {
    case 'phone_number':
    case 'fax_number':
      // Untrimmed: a space before a digit is a "+" that a form has eaten.
      return readNumber(field, String(raw), country);
    case 'email':
      return isEmail(text)
        ? { ok: true, value: text }
        : wrong(field, `must be an address like ana@example.com, of at most ${LONGEST_EMAIL} characters`);
    case 'address_country':
      return readCountry(text);
    default: {
      const longest = field.startsWith('custom_') ? LONGEST_CUSTOM : LONGEST;
      return text.length <= longest || [...text].length <= longest
        ? { ok: true, value: text }
        : wrong(field, `has more than ${longest} characters`);
    }
  }
}

const wrong = (field: ContactField, words: string): Reading => ({ ok: false, words: `${field} ${words}.` });

const LONGEST_NUMBER = 100;

function readNumber(field: 'phone_number' | 'fax_number', text: string, country: string): Reading {
  // Long before that no number is one, and the expression behind it takes the square of its length.
  const number = text.length > LONGEST_NUMBER ? null : normaliseRecipient(text.replace(/[\t\r\n]+$/, ''), country);
  if (number) return { ok: true, value: number.e164 };
  return wrong(field, `is not a telephone number: write it like +61411111111, or as it is dialled in ${country}`);
}

const REGIONS = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

function readCountry(text: string): Reading {
  const code = text.toUpperCase();
  const known = /^[A-Z]{2}$/.test(code) && code !== 'ZZ' && REGIONS.of(code) !== undefined;
  return known ? { ok: true, value: code } : wrong('address_country', 'must be an ISO code of two letters, like AU');
}

/** Other spellings of the fields' names that the wire takes. */
const SYNONYMS: Readonly<Record<string, ContactField>> = {
  phone: 'phone_number',
  fax: 'fax_number',
  custom1: 'custom_1',
  custom2: 'custom_2',
  custom3: 'custom_3',
  custom4: 'custom_4',
};

const FIELDS = new Set<string>(CONTACT_FIELDS);

/** The field that a name on the wire or in a header row means, or null. */
export function fieldNamed(name: string): ContactField | null {
  const written = name.trim().toLowerCase();
  if (FIELDS.has(written)) return written as ContactField;
  return Object.hasOwn(SYNONYMS, written) ? SYNONYMS[written]! : null;
}
