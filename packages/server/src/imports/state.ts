/** How far an import is. The numbers are stored. */
export const ImportState = {
  queued: 0,
  fetching: 1,
  checking: 2,
  adding: 3,
  done: 4,
  failed: 5,
  cancelled: 6,
} as const;
export type ImportState = (typeof ImportState)[keyof typeof ImportState];

export type ImportStateName = keyof typeof ImportState | 'undone';

const NAMES = Object.fromEntries(Object.entries(ImportState).map(([name, state]) => [state, name]));

/** As it is shown: one that was undone is that, however it ended before. */
export function stateName(state: number, undoneAt: number | null): ImportStateName {
  return undoneAt !== null ? 'undone' : ((NAMES[state] as ImportStateName | undefined) ?? 'queued');
}
