import type { Citation } from './citations.ts';

/** What is wrong between promises, the tests that cite them, and the gaps owned up to; one sentence each. */
export function disagreements(
  promised: readonly string[],
  citations: readonly Citation[],
  gaps: readonly string[],
): string[] {
  const known = new Set(promised);
  const cited = new Set(citations.map(({ id }) => id));
  const open = new Set(gaps);
  return [
    ...citations.filter(({ id }) => !known.has(id)).map(({ id, path }) => `${path} cites ${id}, which nobody promised`),
    ...promised.filter((id) => !cited.has(id) && !open.has(id)).map((id) => `no test cites ${id}`),
    ...gaps.filter((id) => !known.has(id)).map((id) => `the gap ${id} is no promise`),
    ...gaps.filter((id) => cited.has(id)).map((id) => `the gap ${id} is closed: take it off the list`),
    ...gaps.filter((id, at) => gaps.indexOf(id) !== at).map((id) => `the gap ${id} is listed twice`),
  ];
}
