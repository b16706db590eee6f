import type { TargetAnswer } from '@veredus/tools/target';
import { canBeHidden, hideCredentials } from './hide-credentials.ts';

/** A sentence that is longer says no more, and is kept with the execution. */
const SENTENCE = 1_000;
/** What every envelope has; a password of this name is no reason to take it apart. */
const ENVELOPE = new Set(['http_code', 'response_code', 'response_msg', 'data']);
const CODE = /^[A-Z][A-Z_]{1,63}$/;

/**
 * An answer without the credentials that were sent for it, and with sentences of a length to read: answers are shown to models
 * and kept with executions.
 */
export function quietAnswer(answer: TargetAnswer, credentials: { username: string; password: string }): TargetAnswer {
  const hide = hideCredentials(credentials);
  if (answer.kind !== 'answer') return { ...answer, words: cut(hide(answer.words)) };
  // What is refused has sentences alone, each beside the name of its field.
  const short = (text: string) => cut(hide(text));
  const inData = answer.status < 400 ? hide : short;
  // Where all texts are withheld, the names stay, or there would be only one.
  const named = canBeHidden(credentials.password) ? hide : (name: string) => name;
  const told = Object.entries(answer.envelope).map(([name, value]): [string, unknown] => {
    if (name === 'response_code' && typeof value === 'string' && CODE.test(value)) return [name, value];
    const change = { text: name === 'response_msg' ? short : inData, name: named };
    return [ENVELOPE.has(name) ? name : named(name), everyText(value, change)];
  });
  return { ...answer, envelope: Object.fromEntries(told) };
}

/** The same value with each text in it, and each name, as `change` makes it. */
function everyText(value: unknown, change: Record<'text' | 'name', (text: string) => string>): unknown {
  if (typeof value === 'string') return change.text(value);
  if (Array.isArray(value)) return value.map((item) => everyText(item, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [change.name(name), everyText(item, change)]));
}

function cut(text: string): string {
  return text.length <= SENTENCE ? text : `${text.slice(0, SENTENCE - 1).toWellFormed()}…`;
}
