import type { Api, HistoryRow, SentItem } from './api.ts';
import { runCommand, type Setup } from './server.ts';
import type { Submit } from './smsc.ts';

/** What the judge is told: what the API answered, and what the message centre saw. It looks at nothing inside. */
export interface Case {
  readonly api: Api;
  readonly setup: Setup;
  /** Items of send answers, by message id. */
  readonly accepted: ReadonlyMap<string, SentItem>;
  readonly log: readonly Submit[];
  readonly crashes: number;
  /** window × binds: the most that one crash may leave UNKNOWN. */
  readonly mostUnknown: number;
}

export interface Verdict {
  accepted: number;
  submitted: number;
  delivered: number;
  failed: number;
  inFlight: number;
  unknown: number;
  repeats: number;
  /** Micro-units by which the balance is off. */
  drift: number;
  /** Empty = every promise was kept. */
  violations: string[];
}

export const isUnknown = (row: HistoryRow): boolean => row.status_text.startsWith('Unknown');
export const isDelivered = (row: HistoryRow): boolean => row.status_code === '201';
export const isFailed = (row: HistoryRow): boolean => row.status_code === '301';

export async function judge(facts: Case): Promise<Verdict> {
  const history = await facts.api.history();
  const violations: string[] = [];
  const byId = new Map(history.map((row) => [row.message_id, row]));
  const lost = [...facts.accepted.keys()].filter((id) => !byId.has(id));
  if (lost.length > 0) violations.push(`I1: ${lost.length} accepted messages are not in the history, e.g. ${lost[0]}`);
  const strangers = history.filter((row) => !facts.accepted.has(row.message_id));
  if (strangers.length > 0)
    violations.push(`I4: ${strangers.length} messages nobody was told of, ${strangers[0]!.body}`);
  if (byId.size !== history.length) violations.push(`history shows ${history.length - byId.size} messages twice`);

  const repeats = repeatsOf(facts.log);
  if (repeats.length > 0) violations.push(`I3: ${repeats.length} parts were submitted again, e.g. ${repeats[0]}`);
  const unknown = history.filter(isUnknown);
  const bound = facts.crashes * facts.mostUnknown;
  if (unknown.length > bound)
    violations.push(`I3: ${unknown.length} UNKNOWN after ${facts.crashes} crashes, over ${bound}`);
  violations.push(...contradictions(history, facts.log));

  const drift = await driftOf(facts.api, history, facts.log);
  if (drift !== 0) violations.push(`I5: the balance is off by ${drift} micro-units`);
  const books = await runCommand(facts.setup, 'ledger', 'verify');
  if (books.code !== 0) violations.push(`I5: ledger verify: ${books.output.trim().slice(0, 500)}`);

  const [delivered, failed] = [history.filter(isDelivered).length, history.filter(isFailed).length];
  return {
    accepted: facts.accepted.size,
    submitted: new Set(facts.log.map(({ ref }) => ref)).size,
    delivered,
    failed,
    inFlight: history.length - delivered - failed - unknown.length,
    unknown: unknown.length,
    repeats: repeats.length,
    drift,
    violations,
  };
}

/** Parts that the centre took, or left unanswered, more than once. One it turned away may come again. */
function repeatsOf(log: readonly Submit[]): string[] {
  const seen = new Set<string>();
  return log.flatMap(({ ref, part, status }) => {
    if (status !== 0) return [];
    const key = `${ref}/${part}`;
    if (seen.has(key)) return [key];
    seen.add(key);
    return [];
  });
}

/** What the history says of a message against what the centre saw of it (I2, I6). */
function contradictions(history: readonly HistoryRow[], log: readonly Submit[]): string[] {
  const seen = new Set(log.map(({ ref }) => ref));
  const known = new Set(history.map(({ body }) => refOf(body)));
  const invented = history.filter((row) => isDelivered(row) && !seen.has(refOf(row.body)));
  const unasked = [...seen].filter((ref) => !known.has(ref));
  return [
    ...invented.slice(0, 1).map(() => `I2: ${invented.length} delivered that were never submitted`),
    ...unasked.slice(0, 1).map((ref) => `I1: ${unasked.length} submitted that are not in the history, e.g. ${ref}`),
  ];
}

export const refOf = (body: string): string => /r\d{6}/.exec(body)?.[0] ?? body;

/**
 * The account began at 0 and has no other expense: its balance is what its messages cost. A failed one costs the parts
 * that the centre took of it, which is none or, where some were refused, some.
 */
async function driftOf(api: Api, history: readonly HistoryRow[], log: readonly Submit[]): Promise<number> {
  const taken = new Map<string, number>();
  for (const { ref, status } of log) if (status === 0) taken.set(ref, (taken.get(ref) ?? 0) + 1);
  const cost = history.reduce((sum, row) => {
    const price = micro(row.message_price);
    if (!isFailed(row)) return sum + price;
    return sum + Math.round((price * (taken.get(refOf(row.body)) ?? 0)) / row.message_parts);
  }, 0);
  return micro(await api.balance()) + cost;
}

/** `-1.234567` as micro-units. */
function micro(text: string): number {
  const [, sign, whole = '0', fraction = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(text) ?? [];
  const value = Number(whole) * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
  return sign === '-' ? -value : value;
}
