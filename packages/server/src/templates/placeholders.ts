import { compile } from './merge.ts';

/**
 * What looks as if it were meant to be replaced: any name in braces, and in parentheses the names that a list could have a
 * column for. `(see below)` is prose.
 */
const MEANT = new RegExp(
  [
    /\{{1,3}[A-Za-z_][\w .\-|]{0,60}\}{1,3}/,
    /\( ?(?:(?:first|last|full|given|sur)[ _]?name|name|custom|cust(?:om)?\.?[ _]?(?:field|string)?[ _.]?\d{1,3}) ?(?:\|[^()\r\n]{0,100})?\)/,
    /\( ?(?:e-?mail|phone(?: ?number)?|mobile|company|organi[sz]ation|city|state|country|postcode|zip|address|geolocation) ?(?:\|[^()\r\n]{0,100})?\)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);

const MOST_NAMED = 20;

/** Placeholders that nothing will be put in for: they go out as they stand. Each once, at most twenty. */
export function unknownPlaceholders(body: string): string[] {
  const found = new Set<string>();
  for (const literal of compile(body).literals) {
    for (const [text] of literal.matchAll(MEANT)) {
      found.add(text);
      if (found.size === MOST_NAMED) return [...found];
    }
  }
  return [...found];
}
