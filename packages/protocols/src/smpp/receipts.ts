import { TAG, type Tlv, tlvNumber, tlvText } from './tlv.ts';

/** The states of SMPP 3.4 §5.2.28, as words. */
export type MessageState =
  | 'enroute'
  | 'delivered'
  | 'expired'
  | 'deleted'
  | 'undeliverable'
  | 'accepted'
  | 'unknown'
  | 'rejected';

/** State → its number in message_state and its word in the text of appendix B. */
const STATES: Readonly<Record<MessageState, { number: number; word: string }>> = {
  enroute: { number: 1, word: 'ENROUTE' },
  delivered: { number: 2, word: 'DELIVRD' },
  expired: { number: 3, word: 'EXPIRED' },
  deleted: { number: 4, word: 'DELETED' },
  undeliverable: { number: 5, word: 'UNDELIV' },
  accepted: { number: 6, word: 'ACCEPTD' },
  unknown: { number: 7, word: 'UNKNOWN' },
  rejected: { number: 8, word: 'REJECTD' },
};

const BY_NUMBER = new Map(entries().map(([state, { number }]) => [number, state]));
/** Centres abbreviate as they like: DELIVRD, DELIVERED, REJECTD, REJECTED. The first four letters are enough. */
const BY_WORD = new Map(entries().map(([state, { word }]) => [word.slice(0, 4), state]));

export interface Receipt {
  /** Exactly as sent, at most 64 characters; null when neither text nor TLV names one. */
  readonly messageId: string | null;
  readonly state: MessageState;
  /** The centre's own error number as text, e.g. `001`; null when it gave none. */
  readonly error: string | null;
  /** Dates exactly as sent (YYMMDDhhmm, sometimes with seconds, in a zone nobody names). */
  readonly submitDate: string | null;
  readonly doneDate: string | null;
}

/** esm_class bits 5–2: 0001 = delivery receipt, 1000 = intermediate notification (SMPP 3.4 §5.2.12). */
export const marksReceipt = (esmClass: number): boolean => (esmClass & 0x3c) === 0x04 || (esmClass & 0x3c) === 0x20;

/**
 * Reads a receipt from the text and TLVs of a deliver_sm; null when it is none. A TLV wins over the text: the text is
 * vendor folklore (appendix B), the TLVs are specified. Without the mark in esm_class the text must have the whole
 * shape, because a person may well text "id:".
 */
export function readReceipt(esmClass: number, text: string, tlvs: readonly Tlv[]): Receipt | null {
  const marked = marksReceipt(esmClass);
  const fields = parseCanonical(text) ?? parseFields(text);
  const tlvId = tlvText(tlvs, TAG.receipted_message_id);
  const tlvState = BY_NUMBER.get(tlvNumber(tlvs, TAG.message_state) ?? 0);
  if (!marked && tlvId === null && !wholeShape(text, fields)) return null;
  return {
    messageId: (tlvId || fields.id || null)?.slice(0, 64) ?? null,
    state: tlvState ?? stateOf(fields.stat),
    error: fields.err || networkError(tlvs),
    submitDate: fields.submitdate || null,
    doneDate: fields.donedate || null,
  };
}

/** What stands in a receipt's text, by its keys in lower case and without spaces. */
type Fields = Partial<Record<'id' | 'sub' | 'dlvrd' | 'submitdate' | 'donedate' | 'stat' | 'err' | 'text', string>>;

/** The text of appendix B to the letter, as most centres write it. */
const CANONICAL = /^id:(\S+) sub:(\S+) dlvrd:(\S+) submit date:(\S+) done date:(\S+) stat:(\S+) err:(\S+)(?: text:|$)/i;

/** One match instead of a search for each field: receipts come as fast as messages leave. */
function parseCanonical(text: string): Fields | null {
  const match = CANONICAL.exec(text);
  if (match === null) return null;
  return {
    id: match[1],
    sub: match[2],
    dlvrd: match[3],
    submitdate: match[4],
    donedate: match[5],
    stat: match[6],
    err: match[7],
  };
}

const FIELD = /(?<![a-z0-9])(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)\s*:\s*/gi;

/** Each known key (lower case, without spaces) and its value up to the next space; the first of each counts. */
function parseFields(text: string): Fields {
  const fields: Fields = {};
  // Bounded: a receipt is one short message, and the text after `text:` may be anything.
  for (const match of text.slice(0, 1_000).matchAll(FIELD)) {
    const key = match[1]!.toLowerCase().replace(/[ _]/, '') as keyof Fields;
    if (fields[key] !== undefined) continue;
    const from = match.index + match[0].length;
    // An empty value is followed by the next key at once: `err: text:`.
    const value = /^\S*/.exec(text.slice(from, from + 100))?.[0] ?? '';
    fields[key] = /^(?:sub|dlvrd|submit|done|stat|err|text):?/i.test(value) && /:/.test(value) ? '' : value;
  }
  return fields;
}

function wholeShape(text: string, fields: Fields): boolean {
  const known = BY_WORD.has((fields.stat ?? '').slice(0, 4).toUpperCase());
  const more = fields.sub !== undefined || fields.dlvrd !== undefined || fields.donedate !== undefined;
  return known && more && Boolean(fields.id) && /^\s*id\s*:/i.test(text);
}

function stateOf(word: string | undefined): MessageState {
  return BY_WORD.get((word ?? '').slice(0, 4).toUpperCase()) ?? 'unknown';
}

/** network_error_code: one octet of network type, two of error (§5.3.2.31). */
function networkError(tlvs: readonly Tlv[]): string | null {
  const code = tlvNumber(tlvs, TAG.network_error_code);
  return code === null ? null : String(code & 0xffff).padStart(3, '0');
}

function entries(): [MessageState, { number: number; word: string }][] {
  return Object.entries(STATES) as [MessageState, { number: number; word: string }][];
}

/** The number of a state, for the TLV message_state. */
export const stateNumber = (state: MessageState): number => STATES[state].number;

export interface ReceiptFields {
  readonly messageId: string;
  readonly state: MessageState;
  /** Three digits. */
  readonly error: string;
  /** Milliseconds since the epoch; written in UTC. */
  readonly submittedAt: number;
  readonly doneAt: number;
  /** The beginning of the message; the first 20 characters are kept. */
  readonly text: string;
}

/** The receipt text of SMPP 3.4 appendix B. */
export function writeReceipt(fields: ReceiptFields): string {
  const delivered = fields.state === 'delivered' ? '001' : '000';
  return (
    `id:${fields.messageId} sub:001 dlvrd:${delivered} submit date:${minute(fields.submittedAt)} ` +
    `done date:${minute(fields.doneAt)} stat:${STATES[fields.state].word} err:${fields.error} ` +
    `text:${fields.text.slice(0, 20)}`
  );
}

let lastMinute = -1;
let lastText = '';

/** YYMMDDhhmm in UTC. The last answer is kept: receipts come by the thousand in one minute, and a Date costs 0.5 µs. */
function minute(at: number): string {
  const number = Math.floor(at / 60_000);
  if (number !== lastMinute) {
    lastText = new Date(at).toISOString().replace(/\D/g, '').slice(2, 12);
    lastMinute = number;
  }
  return lastText;
}
