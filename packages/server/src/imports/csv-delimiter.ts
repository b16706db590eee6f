/** Where two part the lines alike, the one that is the rarer in text comes first. */
const CANDIDATES = ['\t', '|', ';', ','] as const;
export type Delimiter = (typeof CANDIDATES)[number];

/** Lines that decide; more would only repeat them. */
const LINES = 20;

export interface FoundDelimiter {
  delimiter: Delimiter;
  /** The first line only names the delimiter, as Excel writes it (`sep=;`). */
  named: boolean;
}

/**
 * What stands between the cells: what the file says, else what parts most lines into the same number of cells, else the
 * comma. `sample` is the beginning of the file.
 */
export function findDelimiter(sample: string): FoundDelimiter {
  const named = /^"?sep=([,;\t|])"?\r?(\n|$)/i.exec(sample);
  if (named) return { delimiter: named[1] as Delimiter, named: true };
  const counts = countPerLine(sample);
  let best: Delimiter = ',';
  let most = 0;
  for (const delimiter of CANDIDATES) {
    const score = scoreOf(counts.map((line) => line[delimiter]));
    if (score > most) [best, most] = [delimiter, score];
  }
  return { delimiter: best, named: false };
}

type Counts = Record<Delimiter, number>;

/** How often each candidate stands outside quotes, line by line; lines without text do not count. */
function countPerLine(sample: string): Counts[] {
  const lines: Counts[] = [];
  const none = (): Counts => ({ ',': 0, ';': 0, '\t': 0, '|': 0 });
  let line = none();
  let quoted = false;
  let blank = true;
  for (const character of sample) {
    if (character === '"') quoted = !quoted;
    if (quoted) continue;
    if (character === '\n' || character === '\r') {
      if (!blank) lines.push(line);
      if (lines.length === LINES) return lines;
      [line, blank] = [none(), true];
    } else {
      blank = false;
      if (character in line) line[character as Delimiter]++;
    }
  }
  // The last line may be cut; it decides only when it is the only one.
  return lines.length > 0 || blank ? lines : [line];
}

/** Lines that agree on a number above zero, a little more for a larger number. */
function scoreOf(counts: readonly number[]): number {
  const agreeing = new Map<number, number>();
  for (const count of counts) if (count > 0) agreeing.set(count, (agreeing.get(count) ?? 0) + 1);
  return Math.max(0, ...[...agreeing].map(([count, lines]) => lines + Math.min(count, 50) / 100));
}
