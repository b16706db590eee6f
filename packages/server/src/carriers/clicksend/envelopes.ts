import type { Answer } from './calls.ts';

/** The envelope around every answer of the v3 contract. What a provider says is read as if a stranger had said it. */
export interface Envelope {
  code: string;
  words: string;
  data: unknown;
}

export interface PageRead {
  rows: Row[];
  total: number;
  lastPage: number;
}

export type Row = Readonly<Record<string, unknown>>;

type Answered = Extract<Answer, { kind: 'answer' }>;

/** The operator reads them in logs and on the message; a page of HTML helps nobody. */
const WORDS_LIMIT = 300;

/** null where the answer is no envelope: not JSON, packed though we asked for no packing, an object of another shape. */
export function readEnvelope(answer: Answered): Envelope | null {
  const packing = answer.headers['content-encoding'];
  if (packing !== undefined && packing !== 'identity') return null;
  const read = parse(answer.body.toString('utf8'));
  if (!isRow(read) || typeof read.response_code !== 'string') return null;
  return {
    code: read.response_code.slice(0, 60),
    words: text(read.response_msg).slice(0, WORDS_LIMIT),
    data: read.data,
  };
}

/** A list page within an envelope; rows that are no objects are left out. */
export function readPage(data: unknown): PageRead | null {
  if (!isRow(data) || !Array.isArray(data.data)) return null;
  const rows = data.data.filter(isRow);
  return { rows, total: count(data.total) ?? rows.length, lastPage: count(data.last_page) ?? 1 };
}

/** JSON or nothing. */
export function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text or a number as text; everything else is empty. The contract's sources differ on which fields are which. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** A count or a unix time, also where it was written as text; null for anything else. */
export function count(value: unknown): number | null {
  const written = text(value).trim();
  return /^\d{1,15}$/.test(written) ? Number(written) : null;
}

/** One sentence for logs: `401 UNAUTHORIZED: Bad credentials.`, or just the number. */
export function summary(answer: Answered): string {
  const envelope = readEnvelope(answer);
  return envelope === null ? `HTTP ${answer.status}` : `${answer.status} ${envelope.code}: ${envelope.words}`;
}

/** Milliseconds to wait by the `Retry-After` header (seconds or a date); null without a usable one. At most an hour. */
export function retryAfterMs(answer: Answered, now: number): number | null {
  const header = answer.headers['retry-after'];
  if (typeof header !== 'string') return null;
  const seconds = count(header);
  const wait = seconds === null ? Date.parse(header) - now : seconds * 1_000;
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, 0), 3_600_000);
}
