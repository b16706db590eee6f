import { parseArgs } from 'node:util';
import { CASES, type CaseName } from './cases.ts';

export interface BenchOptions {
  runs: number;
  /** Of both the submits on the bind and the receipts of the pretend carrier. */
  window: number;
  warmUp: number;
  cases: readonly CaseName[];
  history: boolean;
  campaigns: boolean;
  imports: boolean;
  flood: boolean;
  webhooks: boolean;
  door: boolean;
  kannel: boolean;
  against: string | null;
  markdown: boolean;
  profileFolder: string | null;
}

/** Parts that are no load of messages, and `raw`, which is always there. */
const OTHERS = ['campaign', 'door', 'flood', 'history', 'import', 'webhooks', 'raw'];

export const USAGE = `npm run bench -- [options]
  --runs 3              rounds; each figure is the median of them
  --only a,b            of ${[...Object.keys(CASES), ...OTHERS].join(', ')}
  --window 500          submits, and receipts, that may be without an answer
  --warm-up 0           messages sent on each fresh server before the clock starts
  --kannel              Kannel under the load of single calls, where it is installed
  --against <command>   another program, run in turn with each case; see against.ts for what is filled in
  --profile <folder>    a .cpuprofile of the server of each case
  --markdown            the table for a README`;

/** @throws Error with one sentence for an option that is none. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '3' },
      only: { type: 'string' },
      window: { type: 'string', default: '500' },
      'warm-up': { type: 'string', default: '0' },
      kannel: { type: 'boolean', default: false },
      against: { type: 'string' },
      profile: { type: 'string' },
      markdown: { type: 'boolean', default: false },
    },
  });
  const all: readonly string[] = [...Object.keys(CASES), ...OTHERS];
  const wanted: readonly string[] = values.only?.split(',') ?? all;
  const strange = wanted.find((name) => !all.includes(name));
  if (strange !== undefined) throw new Error(`there is no part called ${strange}; there are ${all.join(', ')}`);
  return {
    runs: whole('runs', values.runs, 1),
    window: whole('window', values.window, 1),
    warmUp: whole('warm-up', values['warm-up'], 0),
    cases: (Object.keys(CASES) as CaseName[]).filter((name) => wanted.includes(name)),
    history: wanted.includes('history'),
    campaigns: wanted.includes('campaign'),
    imports: wanted.includes('import'),
    flood: wanted.includes('flood'),
    webhooks: wanted.includes('webhooks'),
    door: wanted.includes('door'),
    kannel: values.kannel,
    against: values.against ?? null,
    markdown: values.markdown,
    profileFolder: values.profile ?? null,
  };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name} must be a whole number of at least ${least}, not ${text}`);
}
