import { readSeconds } from '@veredus/contract/unix-seconds';
import { z } from 'zod';

/**
 * Fields that many actions have. Their words go on from the name of the field, which is put before them. What a model
 * writes beside the type (digits for a number) is made right before these are asked, by `soften`.
 */

const unix = { error: ({ input }: { input?: unknown }) => secondsFault(input) };
const LAST_SECOND = 99_999_999_999;

/** Unix seconds. Milliseconds and dates in words are refused with the value that was meant. */
export const unixSeconds = () => z.int(unix).min(0, unix).max(LAST_SECOND, unix);

function secondsFault(input: unknown): string | undefined {
  if (input === undefined) return undefined;
  const read = readSeconds(input);
  return read.ok ? undefined : `${read.words}.`;
}

export const whenToSend =
  'When to send, in unix seconds. Leave it out, or 0, to send now. A time that has passed sends now as well.';

const idWords = 'must be an id: a whole number, 1 or more.';
export const id = () => z.int().min(1, idWords);

export const page = () =>
  z.int().min(1, 'must be 1 or more.').optional().describe('Which page of the results, from 1. Default 1.');

/** @param from the least a page may hold, `to` the most where the action knows one. */
export function limit(from: number, to?: number) {
  const rows = z.int();
  const most = to === undefined ? '' : `At most ${to}. `;
  const words = to === undefined ? `must be ${from} or more.` : `must be from ${from} to ${to}.`;
  const bounded = to === undefined ? rows.min(from, words) : rows.min(from, words).max(to, words);
  const ceiling = to === undefined ? ' However many are asked for, a page holds 100 at most.' : '';
  return bounded.optional().describe(`Results per page. At least ${from}. ${most}Default 15.${ceiling}`);
}

export const flag = () => z.int().min(0, 'must be 0 or 1.').max(1, 'must be 0 or 1.');

export const filledText = () => z.string().regex(/\S/, 'must not be empty.');

const phoneWords =
  'must be a number in full international form: + and country code, then the number without its leading 0, as +12025551234.';
export const PHONE = /^\+[1-9]\d{5,14}$/;
/** What people put between the digits of a number. */
const unspaced = (text: string): string => text.replace(/[\s().\u2010-\u2015-]/g, '');
export const phone = () => z.string().overwrite(unspaced).regex(PHONE, phoneWords);
/** Or empty. */
export const phoneOrNone = () =>
  z
    .string()
    .overwrite(unspaced)
    .regex(/^(\+[1-9]\d{5,14})?$/, phoneWords);

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
export const isEmail = (text: string): boolean => EMAIL.test(text.trim());
const emailWords = 'must be an email address, as ana@example.com.';
export const email = () => z.string().refine(isEmail, emailWords);
export const emailOrNone = () => z.string().refine((text) => text.trim() === '' || isEmail(text), emailWords);

const countryWords = 'must be a country as two capital letters of ISO 3166, as US or AU.';
const capitals = (text: string): string => text.trim().toUpperCase();
export const country = () =>
  z
    .string()
    .overwrite(capitals)
    .regex(/^[A-Z]{2}$/, countryWords);
export const countryOrNone = () =>
  z
    .string()
    .overwrite(capitals)
    .regex(/^([A-Z]{2})?$/, countryWords);

/** Whether a text is an http or https URL with a host. `URL` itself would read `https:x` as one. */
export function isWebUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s/]/i.test(text) || /\s/.test(text)) return false;
  try {
    return new URL(text).hostname !== '';
  } catch {
    return false;
  }
}

export const webUrl = () =>
  z
    .string()
    .overwrite((text) => text.trim())
    .refine(isWebUrl, 'must be a URL that begins with http:// or https://, as https://example.com/file.')
    .meta({ format: 'uri' });

const UUID = /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;
export const uuid = () =>
  z
    .string()
    .overwrite((text) => text.trim())
    .regex(UUID, 'must be a message_id: 32 hexadecimal digits as 3B0E5C1A-77D2-4A0B-9B7C-5F0E6C2D1A90.');

/** Of these, null is no way of leaving them out: what their absence means is too much to be meant by accident. */
const notNull = new WeakSet<z.ZodType>();
export function neverNull<S extends z.ZodType>(schema: S): S {
  notNull.add(schema);
  return schema;
}
export const mayBeNull = (schema: z.ZodType): boolean => !notNull.has(schema);

/** The arguments that were given. */
export function given(input: Readonly<Record<string, string | number | undefined>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(input).filter((pair): pair is [string, string | number] => pair[1] !== undefined),
  );
}
