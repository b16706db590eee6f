import { z } from 'zod';

/**
 * The search language of v3 lists: `q=field:value,field:value` with `operator`, and `order_by=field:direction`. ClickSend
 * leaves open what a comma inside a value means and what an unknown field does; here the first is answered by rule
 * (below) and the second by a 400 that names the fields there are, since a filter quietly dropped shows too much.
 */

/** What can be searched and sorted by in one resource. */
export interface Searchable<F extends string> {
  readonly fields: readonly F[];
  /** Fields that hold a phone number: a `+` sent unencoded arrives as a space and is put back. */
  readonly phones: readonly F[];
  /** Other names of a field, e.g. `timestamp` for `date`. */
  readonly synonyms: Readonly<Record<string, F>>;
  readonly order: Order<F>;
}

/** Matches rows whose field contains the value, in any case; an empty value matches every row. */
export interface Pair<F extends string> {
  field: F;
  value: string;
}

export interface Order<F extends string> {
  field: F;
  direction: 'asc' | 'desc';
}

export type Operator = 'AND' | 'OR';

/** A value, or a sentence about what is wrong with it. */
type Read<T> = { ok: true; value: T } | { ok: false; words: string };

/**
 * A comma ends a value only where a field's name and a colon follow it: at once, or behind a space. So
 * `body:hello, world` and `body:see http://a.example,http://b.example` are one pair each, and a repeated field stays
 * repeated (`message_id:A,message_id:B` with `operator=OR` is how ClickSend's own command line asks for two).
 */
const NEXT_PAIR = /,(?=\s?[a-z_][a-z0-9_]*:(?!\/\/))/i;

/** Reads `q` into its pairs, in their order, fields repeated as they were. */
export function readPairs<F extends string>(text: string, searchable: Searchable<F>): Read<Pair<F>[]> {
  const pairs: Pair<F>[] = [];
  for (const piece of pieces(text.replace(/,\s*$/, ''), searchable)) {
    const colon = piece.indexOf(':');
    if (colon === -1) return { ok: false, words: `takes field:value, not ${quoted(piece)}.` };
    const name = piece.slice(0, colon).trim();
    const field = fieldOf(name, searchable);
    if (field === undefined) return { ok: false, words: unknownField(name, searchable) };
    pairs.push({ field, value: wantedValue(piece.slice(colon + 1), searchable.phones.includes(field)) });
  }
  return { ok: true, value: pairs };
}

/** Reads `order_by`: `field:asc`, `field:desc`, or a field alone, which means ascending. */
export function readOrder<F extends string>(text: string, searchable: Searchable<F>): Read<Order<F>> {
  const [name = '', direction = 'asc', ...rest] = text.split(':').map((word) => word.trim());
  const field = fieldOf(name, searchable);
  if (field === undefined) return { ok: false, words: unknownField(name, searchable) };
  const lower = direction.toLowerCase();
  if (rest.length > 0 || (lower !== 'asc' && lower !== 'desc')) {
    return { ok: false, words: `takes ${field}:asc or ${field}:desc, not ${quoted(text)}.` };
  }
  return { ok: true, value: { field, direction: lower } };
}

/** Reads `operator`. ClickSend's older description prints AND as `AN`, so that is taken too. */
export function readOperator(text: string): Read<Operator> {
  const upper = text.trim().toUpperCase();
  if (upper === 'AND' || upper === 'AN') return { ok: true, value: 'AND' };
  if (upper === 'OR') return { ok: true, value: 'OR' };
  return { ok: false, words: `takes AND or OR, not ${quoted(text)}.` };
}

/** The query terms `q`, `operator` and `order_by` of a resource. */
export function searchTerms<F extends string>(searchable: Searchable<F>) {
  const { field, direction } = searchable.order;
  return {
    q: reading((text) => readPairs(text, searchable))
      .prefault('')
      .describe(`field:value, joined by commas. Fields: ${searchable.fields.join(', ')}.`),
    operator: reading(readOperator).prefault('AND').describe('AND or OR: how the pairs of q are joined.'),
    ...orderTerm(searchable, `${field}:${direction}`),
  };
}

/** The query term `order_by` alone. */
export function orderTerm<F extends string>(searchable: Searchable<F>, initial: string) {
  return {
    order_by: reading((text) => readOrder(text, searchable))
      .prefault(initial)
      .describe('field:asc or field:desc.'),
  };
}

function reading<T>(read: (text: string) => Read<T>) {
  return z.string('was given more than once.').transform((text, context) => {
    const result = read(text);
    if (result.ok) return result.value;
    context.issues.push({ code: 'custom', input: text, message: result.words });
    return z.NEVER;
  });
}

/** Splits at commas that start a pair; behind a space only a field that exists starts one. */
function pieces<F extends string>(text: string, searchable: Searchable<F>): string[] {
  if (text.trim() === '') return [];
  const found: string[] = [];
  for (const piece of text.split(NEXT_PAIR)) {
    const name = piece.slice(0, piece.indexOf(':')).trim();
    if (found.length > 0 && piece.startsWith(' ') && fieldOf(name, searchable) === undefined) {
      found[found.length - 1] += `,${piece}`;
    } else found.push(piece);
  }
  return found;
}

function fieldOf<F extends string>(name: string, { fields, synonyms }: Searchable<F>): F | undefined {
  const lower = name.toLowerCase();
  return fields.find((field) => field === lower) ?? (Object.hasOwn(synonyms, lower) ? synonyms[lower] : undefined);
}

function wantedValue(raw: string, isPhone: boolean): string {
  return isPhone && /^\s+\d/.test(raw) ? `+${raw.trim()}` : raw.trim();
}

function unknownField<F extends string>(name: string, { fields }: Searchable<F>): string {
  return `has no field ${quoted(name)}; there are ${fields.join(', ')}.`;
}

/** What the caller wrote, cut so that a refusal stays a sentence. */
function quoted(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}
