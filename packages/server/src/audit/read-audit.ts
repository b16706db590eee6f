import type { Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { auditSearch } from '@veredus/contract/endpoints/audit';
import { makePage } from '@veredus/contract/page';
import { readSeconds } from '@veredus/contract/unix-seconds';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { inSnapshotAs } from '../db/runner.ts';
import { listUrl } from '../list-url.ts';
import { Refusal } from '../refusal.ts';
import { type AuditCondition, findAuditEvents } from './store.ts';

export interface AuditParts {
  db: Database;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
}

/** What a search may cost the database before it is given up. */
const SECONDS = 2;

/** A page of the account's audit log, the newest first. @throws Refusal bad-request for a time that is none, or a search that took too long. */
export async function readAudit(
  { db, publicUrl }: AuditParts,
  { accountId }: Caller,
  query: Query<Endpoints['auditLog']>,
): Promise<Answer<Endpoints['auditLog']>> {
  const { page, limit, date_from, date_to } = query;
  const search = {
    conditions: query.q.map(conditionOf),
    any: query.operator === 'OR' && query.q.length > 1,
    from: date_from === undefined ? null : date_from * 1000,
    until: date_to === undefined ? null : (date_to + 1) * 1000,
  };
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, rows } = await withinTime(() =>
    inSnapshotAs(db, accountId, SECONDS * 1000, (run) => findAuditEvents(run, accountId, search, slice)),
  );
  const shown = rows.map(({ at, ...row }) => ({ ...row, date: Math.floor(at / 1000) }));
  const url = listUrl(publicUrl(), '/v3/audit', query, auditSearch.order);
  return { data: makePage({ total, page, limit, rows: shown, url }), words: 'Audit log.' };
}

function conditionOf({ field, value }: Query<Endpoints['auditLog']>['q'][number]): AuditCondition {
  if (value === '') return { kind: 'always' };
  if (value.includes('\u0000')) return { kind: 'never' };
  if (field !== 'date') return { kind: 'contains', column: field, value: value.toWellFormed() };
  const read = readSeconds(value);
  if (read.ok) return { kind: 'between', from: read.seconds * 1000, until: (read.seconds + 1) * 1000 };
  const words = `date ${read.words}.`;
  throw new Refusal('bad-request', words, { fields: { q: words } });
}

/** PostgreSQL's query_canceled, which here only the statement's time limit causes. */
const QUERY_CANCELED = '57014';

async function withinTime<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === QUERY_CANCELED)) throw error;
    const words = `This search was given up after ${SECONDS} seconds. Narrow it with date_from and date_to.`;
    throw new Refusal('bad-request', words, { fields: { q: words } });
  }
}
