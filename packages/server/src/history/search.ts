import type { Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { SmsHistoryField } from '@veredus/contract/endpoints/sms-history';
import type { Order, Pair } from '@veredus/contract/search';
import { readSeconds } from '@veredus/contract/unix-seconds';
import { parseMessageId } from '../messages/ids.ts';
import { fromDecimal } from '../pricing/money.ts';
import { Refusal } from '../refusal.ts';
import { errorsWithText, type ShownState, statesWith, statesWithText } from './shown-states.ts';

/** The filters of history and of its export, as the contract reads them. */
export type HistoryFilters = Pick<
  Query<Endpoints['smsHistory']>,
  'q' | 'operator' | 'order_by' | 'date_from' | 'date_to'
>;

export type TextColumn =
  | 'recipient'
  | 'sender'
  | 'body'
  | 'custom_string'
  | 'country'
  | 'from_email'
  | 'contact_id'
  | 'username';
export type NumberColumn = 'user_id' | 'list_id' | 'parts' | 'price_micro';

/** What one pair of `q` asks of a message. Columns are named by us, values stay values. */
export type Condition =
  | { kind: 'always' }
  | { kind: 'never' }
  | { kind: 'ids'; ids: readonly string[] }
  | { kind: 'shown'; states: readonly ShownState[] }
  | { kind: 'status-text'; states: readonly ShownState[]; refusals: readonly string[] }
  | { kind: 'error'; codes: readonly number[] }
  | { kind: 'number'; column: NumberColumn; value: number }
  | { kind: 'equals'; column: TextColumn; value: string }
  | { kind: 'contains'; column: TextColumn; value: string }
  /** Milliseconds, `until` exclusive. */
  | { kind: 'accepted'; from: number; until: number }
  | { kind: 'scheduled'; from: number; until: number };

/** A search of messages, with what an index or a counter can answer set apart from the rest. All parts must hold. */
export interface Search {
  /** True when no message can match. */
  readonly never: boolean;
  /** Shown states wanted; null = every state. */
  readonly states: readonly ShownState[] | null;
  /** Ids wanted; null = every id. */
  readonly ids: readonly string[] | null;
  /** The custom_string wanted: equal if there is such a message, else contained. Null = any. */
  readonly customString: string | null;
  /** Bounds of the time of acceptance in ms, from inclusive, until exclusive; null = open. */
  readonly from: number | null;
  readonly until: number | null;
  /** Only ids behind the first and before the second; null = open. For reading on where a chunk ended. */
  readonly afterId: string | null;
  readonly beforeId: string | null;
  /** What must be compared row by row. */
  readonly rest: readonly Condition[];
  /** How `rest` is joined. */
  readonly any: boolean;
  readonly order: Order<SmsHistoryField>;
}

/** @throws Refusal bad-request for a time that is none, naming `q`. */
export function readSearch(filters: HistoryFilters, accountId: number): Search {
  const read = filters.q.map((pair) => readCondition(pair, accountId));
  const alone = read.length === 1 || filters.operator === 'AND';
  const conditions = alone ? read : joined(read);
  const any = !alone && conditions.length > 1;
  const base: Search = {
    never: false,
    states: null,
    ids: null,
    customString: null,
    afterId: null,
    beforeId: null,
    from: filters.date_from === undefined ? null : filters.date_from * 1000,
    until: filters.date_to === undefined ? null : (filters.date_to + 1) * 1000,
    rest: any ? conditions : [],
    any,
    order: filters.order_by,
  };
  return any ? base : conditions.reduce(narrow, base);
}

/** Conditions of which one must hold: as a single one where an index can answer it, else those that can hold at all. */
function joined(conditions: Condition[]): Condition[] {
  if (conditions.some(({ kind }) => kind === 'always')) return [];
  const possible = conditions.filter(({ kind }) => kind !== 'never');
  if (possible.length === 0) return conditions.slice(0, 1);
  if (possible.every((one) => one.kind === 'shown')) {
    return [{ kind: 'shown', states: [...new Set(possible.flatMap(({ states }) => states))] }];
  }
  if (possible.every((one) => one.kind === 'ids')) return [{ kind: 'ids', ids: possible.flatMap(({ ids }) => ids) }];
  return possible;
}

/** Puts one more condition that must hold where it costs least. */
function narrow(search: Search, condition: Condition): Search {
  switch (condition.kind) {
    case 'always':
      return search;
    case 'never':
      return { ...search, never: true };
    case 'ids': {
      const ids = (search.ids ?? condition.ids).filter((id) => condition.ids.includes(id));
      return { ...search, ids, never: search.never || ids.length === 0 };
    }
    case 'shown': {
      const states = (search.states ?? condition.states).filter((state) => condition.states.includes(state));
      return { ...search, states, never: search.never || states.length === 0 };
    }
    case 'accepted':
      return {
        ...search,
        from: Math.max(search.from ?? 0, condition.from),
        until: Math.min(search.until ?? Number.MAX_SAFE_INTEGER, condition.until),
      };
    case 'contains':
      if (condition.column === 'custom_string' && search.customString === null) {
        return { ...search, customString: condition.value };
      }
      return { ...search, rest: [...search.rest, condition] };
    default:
      return { ...search, rest: [...search.rest, condition] };
  }
}

/** E.164 in full: such a number is meant as a whole, not as a piece of one. */
const FULL_NUMBER = /^\+[1-9]\d{6,14}$/;
const WHOLE = /^\d{1,15}$/;

const TEXTS: Partial<Record<SmsHistoryField, TextColumn>> = {
  to: 'recipient',
  from: 'sender',
  body: 'body',
  custom_string: 'custom_string',
  country: 'country',
  from_email: 'from_email',
  contact_id: 'contact_id',
  _api_username: 'username',
};

function readCondition({ field, value }: Pair<SmsHistoryField>, accountId: number): Condition {
  // An empty value matches whatever stands in the field (ClickSend's v3 search).
  if (value === '') return { kind: 'always' };
  // PostgreSQL's text holds no U+0000, so no stored text contains one.
  if (value.includes('\u0000')) return { kind: 'never' };
  const column = TEXTS[field];
  if (column) {
    const whole = (field === 'to' || field === 'from') && FULL_NUMBER.test(value);
    return { kind: whole ? 'equals' : 'contains', column, value };
  }
  return readTypedCondition(field, value, accountId);
}

function readTypedCondition(field: SmsHistoryField, value: string, accountId: number): Condition {
  switch (field) {
    case 'message_id': {
      const id = parseMessageId(value);
      return id === null ? { kind: 'never' } : { kind: 'ids', ids: [id] };
    }
    case 'status':
    case 'status_code':
      return shown(statesWith(field, value));
    case 'status_text': {
      const wanted = statesWithText(value);
      return wanted.refusals.length === 0 ? shown(wanted.states) : { kind: 'status-text', ...wanted };
    }
    case 'error_code':
      return errorCode(value);
    case 'error_text':
      return { kind: 'error', codes: errorsWithText(value) };
    case 'date':
      return { kind: 'accepted', ...second('date', value) };
    case 'schedule':
      return { kind: 'scheduled', ...second('schedule', value) };
    case 'message_parts':
      return numeric('parts', value);
    case 'subaccount_id':
      return numeric('user_id', value);
    case 'list_id':
      return numeric('list_id', value);
    case 'message_price':
      return priced(value);
    case 'user_id':
      return { kind: value === String(accountId) ? 'always' : 'never' };
    case 'direction':
      return { kind: 'out'.includes(value.toLowerCase()) ? 'always' : 'never' };
    default:
      // carrier is empty in every row (see row.ts); the names are the contact's, which change, so nothing is searched by them.
      return { kind: 'never' };
  }
}

const shown = (states: ShownState[]): Condition =>
  states.length === 0 ? { kind: 'never' } : { kind: 'shown', states };

/** Integer columns hold 32 bits; a larger number is in none of them. */
const fitsColumn = (value: string): boolean => WHOLE.test(value) && Number(value) <= 0x7fff_ffff;

const errorCode = (value: string): Condition =>
  fitsColumn(value) ? { kind: 'error', codes: [Number(value)] } : { kind: 'never' };

function numeric(column: NumberColumn, value: string): Condition {
  return fitsColumn(value) ? { kind: 'number', column, value: Number(value) } : { kind: 'never' };
}

function priced(value: string): Condition {
  const micro = fromDecimal(value);
  return micro === null ? { kind: 'never' } : { kind: 'number', column: 'price_micro', value: micro };
}

function second(field: string, value: string): { from: number; until: number } {
  const read = readSeconds(value);
  if (!read.ok) {
    const words = `${field} ${read.words}.`;
    throw new Refusal('bad-request', words, { fields: { q: words } });
  }
  return { from: read.seconds * 1000, until: (read.seconds + 1) * 1000 };
}
