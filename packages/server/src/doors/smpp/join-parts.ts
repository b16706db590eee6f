/** A part of a longer text: one that just came or one that waits in the table. */
export interface Fragment {
  readonly number: number;
  readonly body: string;
}

export interface Joined<T> {
  body: string;
  /** All that became the text, or repeat a part of it. */
  used: T[];
  /** Those that say something else in a place that a later one took. */
  superseded: T[];
}

/**
 * The text of these parts, the oldest first; null while one of the `of` is missing. Of two with one number the later
 * counts: references go round after 256 texts, and a client that did not hear the answer sends again.
 */
export function joinParts<T extends Fragment>(parts: readonly T[], of: number): Joined<T> | null {
  const latest = new Map<number, T>();
  for (const part of parts) latest.set(part.number, part);
  if (latest.size < of) return null;
  let body = '';
  for (let number = 1; number <= of; number++) body += latest.get(number)!.body;
  const used: T[] = [];
  const superseded: T[] = [];
  for (const part of parts) (latest.get(part.number)!.body === part.body ? used : superseded).push(part);
  return { body, used, superseded };
}

/** What a run of parts under one reference comes to: whole texts in order, and what still waits for more. */
export function gatherTexts<T extends Fragment>(
  parts: readonly T[],
  of: number,
  waiting: readonly T[] = [],
): { whole: Joined<T>[]; rest: T[] } {
  const whole: Joined<T>[] = [];
  let rest: T[] = [...waiting];
  for (const part of parts) {
    rest.push(part);
    const joined = joinParts(rest, of);
    if (joined === null) continue;
    whole.push(joined);
    rest = [];
  }
  return { whole, rest };
}
