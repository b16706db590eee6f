import type { Action } from './action.ts';

type Envelope = Readonly<Record<string, unknown>>;

/** What else a model should know, by the status of a refusal. */
const advice: Readonly<Record<number, string>> = {
  401: 'The credentials of the connection were refused: it has to be connected again.',
  403: 'The credentials of the connection may not do this.',
  404: 'Check the ids: list what there is, and take one of those.',
  429: 'Wait a minute before you try again.',
};

/** A refusal in words: what the platform said, what it said of each field, and what to do. */
export function refusalWords(status: number, envelope: Envelope): string {
  const said = typeof envelope.response_msg === 'string' ? envelope.response_msg.trim() : '';
  const lead = said === '' ? `The call was refused with status ${status}.` : full(said);
  const fields = fieldSentences(envelope.data);
  // Said of one field as well, it is said once, and of the field.
  const sentences = fields.some(({ words }) => words === lead) ? [] : [lead];
  for (const { sentence } of fields) {
    if (!sentences.some((other) => other.includes(sentence))) sentences.push(sentence);
  }
  const more = advice[status];
  if (more !== undefined) sentences.push(more);
  return sentences.join(' ');
}

const MOST_FIELDS = 10;

/** The map of field to sentence; one of ClickSend's own may be short, and several of a field stand in a list. */
function fieldSentences(data: unknown): { words: string; sentence: string }[] {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [];
  return Object.entries(data)
    .flatMap(([field, words]) => (Array.isArray(words) ? words : [words]).map((one: unknown) => ({ field, one })))
    .filter((pair): pair is { field: string; one: string } => typeof pair.one === 'string' && pair.one !== '')
    .slice(0, MOST_FIELDS)
    .map(({ field, one }) => ({ words: full(one), sentence: full(one.includes(field) ? one : `${field}: ${one}`) }));
}

const full = (sentence: string): string => (/[.!?…]$/.test(sentence) ? sentence : `${sentence}.`);

/** What is said when it cannot be told whether it was done. */
export function unknownWords(action: Action, words: string): string {
  if (action.hints.readOnly) return `${full(words)} Nothing was changed; try again.`;
  const where = action.seenIn === undefined ? 'what it would have changed' : action.seenIn;
  return `${full(words)} It may or may not have been done: look at ${where} before you repeat it.`;
}
