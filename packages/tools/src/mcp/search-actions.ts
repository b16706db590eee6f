import type { Action } from '../action.ts';
import { byUse } from '../catalogue.ts';

/** How much a word weighs by where it stands. */
const WEIGHTS = { slug: 5, title: 4, topics: 3, description: 1 };
/** Words that tell no action from another: the one in every slug, and those in every sentence. */
const EMPTY = new Set(
  'clicksend a an and all by do for from get how i in is it me my new of on or the to with'.split(' '),
);
/** Who answers more of the words fits better, however well it answers one of them. */
const ANSWERED = 5;
/** The end of some slugs, which says how it is called and not what it does: BY_MESSAGE_ID_GET. */
const BY_WHAT = /_BY_.+$|_(GET|POST|PUT)$/;
const RANKS = new Map(byUse.map(({ slug }, rank) => [slug, rank]));

/**
 * Actions by how well they fit the words of a query, the best first, of those that fit alike the more used; all of them, by
 * slug, where it says nothing.
 */
export function searchActions(actions: readonly Action[], query: string): readonly Action[] {
  const words = wordsOf(query).filter((word) => !EMPTY.has(word));
  if (words.length === 0) return actions;
  return actions
    .map((action) => ({ action, score: scoreOf(action, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || rankOf(a.action) - rankOf(b.action))
    .map(({ action }) => action);
}

const rankOf = ({ slug }: Action): number => RANKS.get(slug) ?? RANKS.size;

function scoreOf(action: Action, words: readonly string[]): number {
  const places = [
    { text: wordsOf(action.slug.replace(BY_WHAT, '')), weight: WEIGHTS.slug },
    { text: wordsOf(action.title), weight: WEIGHTS.title },
    { text: wordsOf(action.topics.join(' ')), weight: WEIGHTS.topics },
    { text: wordsOf(action.description), weight: WEIGHTS.description },
  ];
  const found = words.map((word) => {
    const best = places.map(({ text, weight }) => (text.some((one) => alike(one, word)) ? weight : 0));
    return best.reduce((sum, weight) => sum + weight, 0);
  });
  const answered = found.filter((score) => score > 0).length;
  return answered * ANSWERED + found.reduce((sum, score) => sum + score, 0);
}

/** `list` finds `lists`, and `campaign` `campaigns`. */
function alike(one: string, word: string): boolean {
  return one === word || (word.length > 2 && one.startsWith(word)) || (one.length > 3 && word.startsWith(one));
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
