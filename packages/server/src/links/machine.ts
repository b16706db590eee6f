import { MACHINE_AGENTS, READING_AGENTS } from './machine-agents.ts';

/** What of a request is looked at: its method, and its headers by their names in lower case. */
export interface Visit {
  method: string;
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Set by browsers and mail programs that fetch before anybody has asked. */
const EARLY_HEADERS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];
const EARLY = /prefetch|preview|prerender/i;
/** CUBOT makes telephones. */
const BOT_LIKE = /(?<!cu)bot\b|crawl|spider|scan|preview|fetch|monitor|check|https?:\/\/|^(?!mozilla\/|opera\/)/i;

/**
 * What gave a machine away; null = a person, as far as a single request can tell. A person who is taken for a machine is
 * not counted, and a machine taken for a person makes a campaign look better than it is: only plain signs count.
 */
export function machineSign({ method, headers }: Visit): string | null {
  if (method === 'HEAD') return 'asked for headers only';
  if (EARLY_HEADERS.some((name) => EARLY.test(textOf(headers[name])))) return 'fetched ahead';
  const agent = textOf(headers['user-agent']);
  if (agent.trim() === '') return 'named no browser';
  const lower = agent.slice(0, 1_000).toLowerCase();
  const known = MACHINE_AGENTS.find((piece) => lower.includes(piece));
  if (known !== undefined) return `is ${known}`;
  if (textOf(headers['accept-language']) === '' && BOT_LIKE.test(lower)) return 'bot-like, speaks no language';
  return null;
}

/**
 * Whether it looks at a link before a person does: a preview, a scanner, a prefetch. Unlike a click in a statistic, a page
 * that is one browser's own must open for what people write programs with: those are not counted here.
 */
export function looksAhead({ method, headers }: Visit): boolean {
  if (method === 'HEAD' || EARLY_HEADERS.some((name) => EARLY.test(textOf(headers[name])))) return true;
  const agent = textOf(headers['user-agent']).slice(0, 1_000).toLowerCase();
  if (READING_AGENTS.some((piece) => agent.includes(piece))) return true;
  return textOf(headers['accept-language']) === '' && /(?<!cu)bot\b|crawl|spider|scan|preview/.test(agent);
}

const textOf = (value: string | readonly string[] | undefined): string =>
  typeof value === 'string' ? value : (value?.join(',') ?? '');
