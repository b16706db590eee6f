/**
 * Merge fields: `Hello (First Name)` for many contacts. A text is read once into pieces that are literal and pieces that
 * name a field; merging joins them. So a value can never be read as a field, there is nothing a text could call or
 * look up, and the work grows with the length of the text alone.
 */

/** Contact columns a text can name. */
export type MergeField = 'first_name' | 'last_name' | 'custom_1' | 'custom_2' | 'custom_3' | 'custom_4';

/** What of a contact is merged; a row of contacts will do. */
export type MergeContact = { readonly [Field in MergeField]?: string | null };

/** A text that has been read: `literals[i]`, then the value of `fields[i]` or else `fallbacks[i]`, then `literals[i + 1]`. */
export interface Compiled {
  readonly literals: readonly string[];
  readonly fields: readonly MergeField[];
  readonly fallbacks: readonly string[];
}

/**
 * ClickSend's two spellings, in any letter case and with one space more or less inside (text editors make no-break spaces of
 * some), each with an optional fallback behind a bar: `(First Name|there)`. Every repetition is bounded, so a text of
 * nothing but parentheses costs what any other of its length does.
 */
const PLACEHOLDER = new RegExp(
  [
    /\( ?(?:(first|last) {0,2}name|cust\. {0,2}([1-4])) ?(?:\|([^()\r\n]{0,100}))?\)/,
    /\{ ?(?:(first|last) ?name|custom ?string ?([1-4])) ?(?:\|([^{}\r\n]{0,100}))?\}/,
  ]
    .map(({ source }) => source.replaceAll(' ', '[ \\u00a0]'))
    .join('|'),
  'gi',
);

/** Reads a text. What is no placeholder, or no known one, stays as it stands. */
export function compile(body: string): Compiled {
  const literals: string[] = [];
  const fields: MergeField[] = [];
  const fallbacks: string[] = [];
  let end = 0;
  for (const match of body.matchAll(PLACEHOLDER)) {
    const name = match[1] ?? match[4];
    literals.push(body.slice(end, match.index));
    fields.push(name === undefined ? customField(match[2] ?? match[5]!) : nameField(name));
    fallbacks.push(match[3] ?? match[6] ?? '');
    end = match.index + match[0].length;
  }
  literals.push(body.slice(end));
  return { literals, fields, fallbacks };
}

/** The text for this contact: a field without a value is its fallback, or nothing. */
export function render({ literals, fields, fallbacks }: Compiled, contact: MergeContact): string {
  let text = literals[0]!;
  for (let i = 0; i < fields.length; i++) {
    text += (contact[fields[i]!] || fallbacks[i]!) + literals[i + 1]!;
  }
  return text;
}

/** The fields a text names, each once, in the order of their first mention. */
export function usesFields({ fields }: Compiled): MergeField[] {
  return [...new Set(fields)];
}

const nameField = (name: string): MergeField => (name.toLowerCase() === 'first' ? 'first_name' : 'last_name');
const customField = (number: string): MergeField => `custom_${number as '1' | '2' | '3' | '4'}`;
