import { EVERYDAY, KEYWORDS, type KeywordFamily } from './keyword-data.ts';

export type KeywordKind = 'opt-out' | 'opt-in' | 'help';

export interface Keyword {
  /** `review`: a text that holds an opt-out word among others, and may or may not mean it. */
  kind: KeywordKind | 'review';
  /** As the table of keywords writes it. */
  word: string;
}

/** A family's words by what they may look like; with and without their diacritics. */
type Words = Map<string, Keyword & { kind: KeywordKind }>;

/**
 * What a text from a handset in `country` (ISO alpha-2) asks for. A keyword counts when it is the whole text, however it
 * is written: wide, with marks nobody sees, in quotes, with an emoji behind. An opt-out word among other words is for
 * review; words of the other kinds are nothing there. Letters of another alphabet that only look alike are other letters.
 * Costs as much as the text is long.
 */
export function readKeyword(text: string, country: string): Keyword | null {
  const words = wordsFor(country.toUpperCase());
  const shown = text.normalize('NFKC').replace(UNSEEN, '');
  const tokens = tokensOf(shown);
  const whole = wholeKeyword(words, tokens);
  if (whole) return { kind: whole.kind, word: whole.word };
  return findWithin(words, tokens.length > LONGEST_QUOTED ? unquotedTokens(shown, tokens) : tokens);
}

/** Joiners, direction marks, variation selectors, and emoji with their modifiers. */
const UNSEEN =
  /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]|\u20e3/gu;
const APOSTROPHES = /(?<=\p{L})['\u2018\u2019\u02bc](?=\p{L})/gu;
const TOKEN = /[\p{L}\p{M}\p{N}]+/gu;
/** In words: "stop all". */
const LONGEST_KEYWORD = 2;
const LONGEST_EVERYDAY_TEXT = 2;

function tokensOf(text: string): string[] {
  return lower(text).replace(APOSTROPHES, '').match(TOKEN) ?? [];
}

/** The keyword that is the whole text; "STOP STOP!" says STOP. */
function wholeKeyword(words: Words, tokens: readonly string[]) {
  for (let length = 1; length <= Math.min(LONGEST_KEYWORD, tokens.length); length++) {
    const found = tokens.every((token, i) => token === tokens[i % length]) && tokens.length % length === 0;
    const keyword = found && lookUp(words, tokens.slice(0, length).join(' '));
    if (keyword) return keyword;
  }
  return undefined;
}

/** Turkish has two letters i. The dotted capital becomes an i with a mark, which folding removes; the dotless small one is taken for an i. */
function lower(text: string): string {
  return text.toLowerCase().replaceAll('\u0131', 'i');
}

const LETTERS: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd' };

/** Without diacritics, as one writes on a keyboard that has none. */
function fold(word: string): string {
  return word
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[ßæœøłđ]/g, (letter) => LETTERS[letter]!);
}

function lookUp(words: Words, phrase: string) {
  return words.get(phrase) ?? words.get(fold(phrase));
}

function findWithin(words: Words, tokens: readonly string[]): Keyword | null {
  const short = tokens.length <= LONGEST_EVERYDAY_TEXT;
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1];
    const found = (next && optOutWord(words, `${token} ${next}`, short)) || optOutWord(words, token, short);
    if (found) return { kind: 'review', word: found };
  }
  return null;
}

const everyday = new Set(EVERYDAY);

function optOutWord(words: Words, phrase: string, short: boolean): string | null {
  const found = phrase.length <= LONGEST_PHRASE ? lookUp(words, phrase) : undefined;
  return found?.kind === 'opt-out' && (short || !everyday.has(found.word)) ? found.word : null;
}

const QUOTED = /[“„«»"]([^“”„«»"]*)[”“»«"]/g;
/** In words. */
const LONGEST_QUOTED = 3;

/**
 * Handsets tell that somebody liked a text by quoting it: Liked “Sale! Reply STOP to opt out”. A quoted sentence is not
 * what the writer says, unless it is all he writes.
 */
function unquotedTokens(text: string, all: string[]): string[] {
  const rest = text.replace(QUOTED, (passage, inner: string) =>
    (inner.match(TOKEN)?.length ?? 0) > LONGEST_QUOTED ? ' ' : passage,
  );
  const tokens = tokensOf(rest);
  return tokens.length > 0 ? tokens : all;
}

/** Longest keyword with room for marks that folding takes away. */
const LONGEST_PHRASE = 40;
const byCountry = new Map<string, Words>();
const everywhere = toWords(KEYWORDS.filter((family) => family.countries.includes('*')));
for (const country of new Set(KEYWORDS.flatMap((family) => family.countries))) {
  if (country === '*') continue;
  byCountry.set(
    country,
    toWords(KEYWORDS.filter(({ countries }) => countries.includes('*') || countries.includes(country))),
  );
}

function wordsFor(country: string): Words {
  return byCountry.get(country) ?? everywhere;
}

/** Where two families give a word another meaning, opting out wins: it goes in last. */
function toWords(families: readonly KeywordFamily[]): Words {
  const words: Words = new Map();
  const add = (kind: KeywordKind, all: readonly string[]) => {
    for (const word of all) {
      const kept = lower(word.normalize('NFKC'));
      words.set(kept, { kind, word }).set(fold(kept), { kind, word });
    }
  };
  for (const { help } of families) add('help', help);
  for (const { optIn } of families) add('opt-in', optIn);
  for (const { optOut } of families) add('opt-out', optOut);
  return words;
}
