import type { Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { ExecutionField } from '@veredus/contract/endpoints/executions';
import type { Pair } from '@veredus/contract/search';
import { readSeconds } from '@veredus/contract/unix-seconds';
import { firstIdOf, parseMessageId } from '../messages/ids.ts';
import { Refusal } from '../refusal.ts';

/** What one pair of `q` asks of an execution. */
export type Condition =
  | { kind: 'always' }
  | { kind: 'never' }
  | { kind: 'equals'; column: 'run_id' | 'connection_id' | 'action' | 'user_id'; value: string }
  | { kind: 'contains'; column: 'action' | 'user_id' | 'face' | 'target' | 'state' | 'error'; value: string }
  | { kind: 'agent'; value: number }
  /** Agents whose name contains it, those that were deleted as well. */
  | { kind: 'agent-named'; value: string }
  | { kind: 'successful'; value: boolean }
  | { kind: 'message'; id: string }
  | { kind: 'between'; fromId: string; untilId: string };

export interface ExecutionSearch {
  conditions: readonly Condition[];
  /** One is enough. */
  any: boolean;
  /** Executions have ids of their time; null = open, the second exclusive. */
  fromId: string | null;
  untilId: string | null;
}

type Filters = Pick<Query<Endpoints['executions']>, 'q' | 'operator' | 'date_from' | 'date_to'>;

/** @throws Refusal bad-request for a value its field cannot have: finding nothing would read as if nothing had been done. */
export function readExecutionSearch({ q, operator, date_from, date_to }: Filters): ExecutionSearch {
  return {
    conditions: q.map(readCondition),
    any: operator === 'OR' && q.length > 1,
    fromId: date_from === undefined ? null : idAt(date_from),
    untilId: date_to === undefined ? null : idAt(date_to + 1),
  };
}

/** The last millisecond an id can hold lies in the year 10889. */
const idAt = (seconds: number): string => firstIdOf(Math.min(seconds * 1000, 2 ** 48 - 1));

function readCondition({ field, value }: Pair<ExecutionField>): Condition {
  if (value === '') return { kind: 'always' };
  // PostgreSQL's text holds no U+0000, so no stored text contains one.
  if (value.includes('\u0000')) return { kind: 'never' };
  switch (field) {
    case 'agent_id':
      return agentOf(value);
    case 'agent':
      return { kind: 'agent-named', value: value.toWellFormed() };
    case 'successful':
      return truth(value);
    case 'message_id': {
      const id = parseMessageId(value);
      return id === null ? { kind: 'never' } : { kind: 'message', id };
    }
    case 'date': {
      const read = readSeconds(value);
      if (!read.ok) throw refused(`date ${read.words}.`);
      return { kind: 'between', fromId: idAt(read.seconds), untilId: idAt(read.seconds + 1) };
    }
    case 'run_id':
    case 'connection_id':
      return { kind: 'equals', column: field, value: value.toWellFormed() };
    default:
      return { kind: 'contains', column: field, value: value.toWellFormed() };
  }
}

function agentOf(value: string): Condition {
  if (!/^\d+$/.test(value)) throw refused('agent_id takes the number of an agent; agent:… finds agents by name.');
  // Larger numbers are no agent's.
  return value.length > 9 ? { kind: 'never' } : { kind: 'agent', value: Number(value) };
}

function truth(value: string): Condition {
  const lower = value.toLowerCase();
  if (['true', '1', 'yes'].includes(lower)) return { kind: 'successful', value: true };
  if (['false', '0', 'no'].includes(lower)) return { kind: 'successful', value: false };
  throw refused('successful takes true or false.');
}

function refused(words: string): Refusal {
  return new Refusal('bad-request', words, { fields: { q: words } });
}
