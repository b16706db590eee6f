import { normaliseRecipient } from '../numbers/numbers.ts';
import { fold, unfoldedLength, withoutLead } from './fold.ts';

/** A rule for texts from handsets, as far as it decides for which it acts. */
export interface Matching {
  /** A number of the account in any form; `*` = all. */
  dedicated_number: string;
  message_search_type: number;
  message_search_term: string | null;
  action: string;
}

/** How a term is looked for. The numbers are ClickSend's. */
export const SearchType = { any: 0, startsWith: 1, contains: 2, lacks: 3 } as const;

/** A text from a handset, and the country (ISO alpha-2) whose local numbers the account writes. */
export interface Received {
  recipient: string;
  body: string;
  country: string;
}

/** What of a text rules look at: more than sixty parts, which nobody writes; a machine may, to keep the server busy. */
const LONGEST_COMPARED = 10_000;
const compared = (body: string): string => withoutLead(body.slice(0, LONGEST_COMPARED));

/** The rules that act for a text, in the order they are asked in. NONE acts by keeping those behind it from being asked. */
export function rulesFor<R extends Matching>(text: Received, rules: readonly R[]): R[] {
  const body = fold(compared(text.body));
  const acting: R[] = [];
  for (const rule of rules) {
    if (!matchesNumber(text, rule.dedicated_number) || !matchesBody(body, rule)) continue;
    if (rule.action.toUpperCase() === 'NONE') break;
    acting.push(rule);
  }
  return acting;
}

export function matchesNumber({ recipient, country }: Omit<Received, 'body'>, dedicated: string): boolean {
  const wanted = dedicated.trim();
  if (wanted === '*' || wanted.toLowerCase() === recipient.toLowerCase()) return true;
  const written = e164(wanted, country);
  return written !== null && written === e164(recipient, country);
}

/** Carriers, and people, leave out the plus. */
const e164 = (number: string, country: string): string | null =>
  (normaliseRecipient(number, country) ?? (/^[1-9]/.test(number) ? normaliseRecipient(`+${number}`, '') : null))
    ?.e164 ?? null;

/** `body` is folded. A rule without a term finds it in every text. */
function matchesBody(body: string, { message_search_type: type, message_search_term }: Matching): boolean {
  const term = foldedTerm(message_search_term);
  switch (type) {
    case SearchType.any:
      return true;
    case SearchType.startsWith:
      return body.startsWith(term);
    case SearchType.contains:
      return body.includes(term);
    case SearchType.lacks:
      return !body.includes(term);
    default:
      return false;
  }
}

const foldedTerm = (term: string | null): string => fold((term ?? '').trim());

/** What comes behind the term in a text, as far as it is looked at; all of that where it does not hold the term. */
export function afterTerm(body: string, term: string | null): string {
  const text = compared(body);
  const wanted = foldedTerm(term);
  const at = wanted === '' ? -1 : fold(text).indexOf(wanted);
  return at < 0 ? text : text.slice(unfoldedLength(text, at + wanted.length));
}
