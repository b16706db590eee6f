import { nearName } from '@veredus/contract/near-name';
import { objectOf } from '@veredus/contract/unknown-fields';
import type { z } from 'zod';
import { Refusal } from '../../refusal.ts';

/** The most of it that is said at once. */
const MOST = 20;
/** So many unknown fields of an object are looked at. */
const LOOKED_AT = 50;

/**
 * Reads a body. Fields that are not known are left out, since clients send some of their own along; but one that reads like a
 * field that is missing is a slip of the pen, and without it the call would do more, or something else, than was meant.
 *
 * `harmless` are those whose absence changes little, so that nothing is taken for them.
 *
 * @throws Refusal that names each field, what is wrong with it and what it should be.
 */
export function readBody<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  harmless: readonly string[] = [],
): z.output<Schema> {
  const reading = schema.safeParse(raw ?? {}, { error: required });
  const fields: Record<string, string> = Object.fromEntries(slips(schema, raw, harmless));
  for (const { path, message } of reading.error?.issues.slice(0, MOST) ?? []) {
    const name = path.length === 0 ? 'body' : path.join('.').slice(0, 100);
    fields[name] ??= `${name} ${/^[A-Z]/.test(message) ? `is not valid: ${message}.` : message}`;
  }
  if (reading.success && Object.keys(fields).length === 0) return reading.data;
  throw new Refusal('bad-request', Object.values(fields).join(' '), { fields });
}

function required(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'invalid_type' && issue.input === undefined ? 'is required.' : undefined;
}

/** Fields that were misspelt, in the objects a schema knows the fields of. */
function slips(
  schema: z.ZodType,
  raw: unknown,
  harmless: readonly string[],
  within = '',
): [field: string, words: string][] {
  const object = objectOf(schema);
  if (object === null || typeof raw !== 'object' || raw === null || Array.isArray(raw)) return [];
  // What may hold fields of all sorts has none that is misspelt.
  if (object.def.catchall !== undefined) return [];
  const given = raw as Record<string, unknown>;
  const missing = Object.keys(object.shape).filter((name) => given[name] == null && !harmless.includes(name));
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(object.shape, name));
  const found = unknown.slice(0, LOOKED_AT).flatMap((name): [string, string][] => {
    const meant = nearName(name, missing);
    const field = `${within}${name.slice(0, 60)}`;
    return meant === null ? [] : [[field, `${field} is not known; did you mean ${within}${meant}?`]];
  });
  const inner = Object.entries(object.shape).flatMap(([name, field]) =>
    Object.hasOwn(given, name) ? slips(field as z.ZodType, given[name], harmless, `${within}${name}.`) : [],
  );
  return [...found, ...inner];
}
