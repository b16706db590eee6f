import type { z } from 'zod';
import { type AnswerCode, answerCodes } from './codes.ts';
import type { Body, Endpoint, Params, Query } from './endpoint.ts';
import { unknownFields } from './unknown-fields.ts';

/** What a handler works from. */
export interface Call<E> {
  params: Params<E>;
  query: Query<E>;
  body: Body<E>;
}

/** What came in: path parameters and query terms decoded, the body parsed from JSON (null or undefined if none came). */
export interface RawCall {
  params?: unknown;
  query?: unknown;
  body?: unknown;
}

export type CallReading<E> =
  | { ok: true; call: Call<E> }
  /** `fields` maps each refused field to a sentence that names it, as the refusal envelope's `data`. */
  | { ok: false; code: AnswerCode; fields: Record<string, string> };

/**
 * Reads a call by its endpoint's schemas. Unknown keys are dropped, never passed on, so that nothing can be set by
 * naming a column, or refused by name where the schema is a strict one, as those of our own calls are: a limit that is
 * misspelt must not be no limit. Query terms left empty (`page=`) count as absent; a body nobody asked for is ignored,
 * since some official clients send one along.
 *
 * @returns the handler's input, or the refusal to answer with. Faults of single messages are no refusals: they stand in
 *   the messages.
 */
export function readCall<E extends Pick<Endpoint, 'path' | 'params' | 'query' | 'body'>>(
  endpoint: E,
  raw: RawCall,
): CallReading<E> {
  const params = part(endpoint.params, raw.params ?? {}, 'path');
  const query = part(endpoint.query, withoutEmpty(raw.query), 'query');
  const body = part(endpoint.body, raw.body, 'body');
  const faults = [...params.faults, ...query.faults, ...body.faults];
  const [first] = faults;
  if (first === undefined) {
    return { ok: true, call: { params: params.value, query: query.value, body: body.value } as Call<E> };
  }
  // No plain object: a field may have been called __proto__.
  const fields = new Map<string, string>();
  for (const { field, words } of faults) if (!fields.has(field)) fields.set(field, words);
  return { ok: false, code: first.code, fields: Object.fromEntries(fields) };
}

interface Fault {
  code: AnswerCode;
  field: string;
  words: string;
}

function part(schema: z.ZodType | undefined, raw: unknown, where: string): { value: unknown; faults: Fault[] } {
  if (schema === undefined) return { value: undefined, faults: [] };
  const result = schema.safeParse(raw, { error: required });
  if (result.success) return { value: result.data, faults: [] };
  return { value: undefined, faults: result.error.issues.flatMap((issue) => faultsOf(issue, schema, where)) };
}

/** ClickSend's own words for an absent field; every other fault keeps zod's or the schema's. */
function required(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'invalid_type' && issue.input === undefined ? 'is required.' : undefined;
}

function faultsOf(issue: z.core.$ZodIssue, schema: z.ZodType, where: string): Fault[] {
  if (issue.code !== 'unrecognized_keys') return [faultOf(issue, where)];
  return unknownFields(schema, issue).map(({ field, words }) => ({
    code: 'BAD_REQUEST',
    field,
    words: `${field} ${words}`,
  }));
}

function faultOf(issue: z.core.$ZodIssue, where: string): Fault {
  const field = issue.path.length === 0 ? where : issue.path.join('.');
  const code = issue.code === 'custom' ? issue.params?.code : undefined;
  return { code: isAnswerCode(code) ? code : 'BAD_REQUEST', field, words: `${field} ${wordsOf(issue)}` };
}

/** zod starts its sentences with a capital and a noun of its own; ours go on from the field's name. */
function wordsOf(issue: z.core.$ZodIssue): string {
  return /^[A-Z]/.test(issue.message) ? `is not valid: ${issue.message}.` : issue.message;
}

function isAnswerCode(code: unknown): code is AnswerCode {
  return typeof code === 'string' && Object.hasOwn(answerCodes, code);
}

function withoutEmpty(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return {};
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}
