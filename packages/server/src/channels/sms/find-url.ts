import { slotsOf } from '../../links/slots.ts';

/** Spaces, quotes and the full-width punctuation of CJK texts end an address; so does what HTML would write around it. */
const URL_IN_TEXT = /(?<![\w.@+-])https?:\/\/[^\s\p{Cc}<>"`«»“”„‘’…\u3000-\u303f\uff01-\uff0f\uff1a-\uff20]+/giu;
/** Ends the sentence, not the address in it. */
const SENTENCE_ENDS = ".,;:!?'*";
const OPENED_BY = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

export interface FoundUrl {
  /** Which of the literals it stands in, and where. */
  literal: number;
  start: number;
  url: string;
}

/**
 * The first http(s) address of a text that is given in the pieces between its merge fields (one piece where it has none).
 * Addresses with a link placeholder in them do not count. Null where there is none, or where the first runs into a
 * merge field: what it leads to would be each contact's own say.
 */
export function findUrl(literals: readonly string[]): FoundUrl | null {
  for (const [i, literal] of literals.entries()) {
    for (const { 0: text, index: start } of literal.matchAll(URL_IN_TEXT)) {
      if (hasSlot(text)) continue;
      const runsOn = start + text.length === literal.length && i < literals.length - 1;
      return runsOn ? null : { literal: i, start, url: withoutEnd(text) };
    }
  }
  return null;
}

function hasSlot(text: string): boolean {
  const { url, optOut } = slotsOf(text);
  return url || optOut;
}

/** Without the punctuation behind it: `(see https://a.example/b).`; a bracket that was opened inside belongs to it. */
function withoutEnd(text: string): string {
  const count = new Map<string, number>();
  for (const letter of text) count.set(letter, (count.get(letter) ?? 0) + 1);
  for (let end = text.length; end > 0; end--) {
    const last = text[end - 1]!;
    const opener = OPENED_BY.get(last);
    if (opener !== undefined) {
      const closers = count.get(last)!;
      if (closers <= (count.get(opener) ?? 0)) return text.slice(0, end);
      count.set(last, closers - 1);
    } else if (!SENTENCE_ENDS.includes(last)) {
      return text.slice(0, end);
    }
  }
  return '';
}
