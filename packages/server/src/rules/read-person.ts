import { isEmail } from '../email-address.ts';
import { afterTerm } from './match-text.ts';

/** The first email address in a text; null = it holds none. */
export function emailIn(text: string): string | null {
  for (const [word] of text.matchAll(WORD_WITH_AT)) {
    const address = trimmed(word, /[\p{L}\p{N}]/u);
    if (isEmail(address)) return address;
  }
  return null;
}

const WORD_WITH_AT = /[^\s@<>(),;:"[\]\\]{1,64}@[^\s@<>(),;:"[\]\\]{1,255}/g;

/** What a contact can be called, in characters of each of its two fields. */
const LONGEST_NAME = 100;
/** Nobody's name stands further behind the term. */
const LONGEST_READ = 500;

/**
 * The name in a text: the words behind the rule's term, without the email address. Its first word is the first name, the others
 * the last; null where there is none. What is no word at all (marks, digits alone) is none of it.
 */
export function nameIn(body: string, term: string | null): { first: string | null; last: string | null } {
  const email = emailIn(body);
  const rest = afterTerm(body, term);
  const words = (email === null ? rest : rest.replace(email, ' '))
    .slice(0, LONGEST_READ)
    .split(/\s+/u)
    .map((word) => (INITIAL.test(word) ? word : trimmed(word, /[\p{L}\p{M}]/u)))
    .filter((word) => /\p{L}/u.test(word));
  const [first, ...others] = words;
  return { first: first ? cut(first) : null, last: others.length > 0 ? cut(others.join(' ')) : null };
}

/** A word without what is none of `part` at its ends. Looked at from both, since a pattern would look from everywhere. */
function trimmed(word: string, part: RegExp): string {
  const signs = [...word];
  const from = signs.findIndex((sign) => part.test(sign));
  return from < 0 ? '' : signs.slice(from, signs.findLastIndex((sign) => part.test(sign)) + 1).join('');
}

const INITIAL = /^\p{L}\.$/u;

const cut = (name: string): string => [...name].slice(0, LONGEST_NAME).join('').trim();
