import type { Action } from '@veredus/tools/action';
import { describeAction } from '@veredus/tools/describe-action';

/** Where a word of a search counts how much. */
const WEIGHTS = { slug: 8, name: 6, tags: 5, description: 2, parameters: 1 } as const;
/** The first word of a name says what is done. */
const FIRST = 4;
/** What stands in every question and tells nothing. */
const EMPTY = new Set('a all an and by for from in is my of on the to tool with'.split(' '));

/** What matches a search, the best first. More than half of its words must be found, each anywhere in the tool. */
export function searchActions(actions: readonly Action[], search: string): Action[] {
  const words = wordsOf(search);
  if (words.length === 0) return [...actions];
  const scored = actions.map((action) => ({ action, ...score(textsOf(action), words) }));
  return scored
    .filter(({ found }) => found * 2 > words.length)
    .sort((a, b) => b.found - a.found || b.points - a.points || (a.action.slug < b.action.slug ? -1 : 1))
    .map(({ action }) => action);
}

/** At most a hundred words that say something; all of them where none does. */
function wordsOf(text: string): string[] {
  const words = [...new Set(split(text.slice(0, 2_000)))].slice(0, 100);
  const telling = words.filter((word) => !EMPTY.has(word));
  return telling.length > 0 ? telling : words;
}

const split = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const stem = (word: string): string => (word.length > 4 ? word.replace(/(es|s|ing|ed|e)$/, '') : word);

interface Texts {
  first: string;
  /** The words of each place; those of the search are looked for as they are, and by their stems. */
  places: readonly { weight: number; words: ReadonlySet<string>; stems: ReadonlySet<string> }[];
}
const texts = new Map<string, Texts>();

function textsOf(action: Action): Texts {
  const known = texts.get(action.slug);
  if (known) return known;
  const { slug, name, tags, description, input_parameters } = describeAction(action);
  const written = {
    ...{ slug: slug.replaceAll('_', ' '), name, tags: tags.join(' '), description },
    parameters: JSON.stringify(input_parameters.properties ?? {}).replaceAll('_', ' '),
  };
  const places = (Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]).map((place) => {
    const words = split(written[place]);
    return { weight: WEIGHTS[place], words: new Set(words), stems: new Set(words.map(stem)) };
  });
  const made = { first: stem(split(name)[0] ?? ''), places };
  texts.set(action.slug, made);
  return made;
}

function score({ first, places }: Texts, words: readonly string[]): { found: number; points: number } {
  let [found, points] = [0, 0];
  for (const word of words) {
    const root = stem(word);
    const worth = (place: Texts['places'][number]) => {
      if (place.words.has(word)) return place.weight;
      return place.stems.has(root) ? place.weight / 2 : 0;
    };
    const sum = places.reduce((all, place) => all + worth(place), root === first ? FIRST : 0);
    if (sum > 0) found += 1;
    points += sum;
  }
  return { found, points };
}
