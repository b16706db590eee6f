import type { ActionResult } from './action.ts';

/** The one place where results are made. `data` is always an object: clients of the brokers refuse anything else. */

export function succeeded(data: ActionResult['data']): ActionResult {
  return { data, error: null, successful: true };
}

/**
 * The error stands in `data` too: some adapters of frameworks hand `data` alone to the model, which would not learn why.
 *
 * @param words for models: what was wrong, and how to mend it.
 */
export function failed(words: string, data: ActionResult['data'] = {}): ActionResult {
  return { data: { ...data, error: words }, error: words, successful: false };
}
