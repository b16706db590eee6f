import type { z } from 'zod';
import { Refusal } from '../../refusal.ts';

/** The most of it that is said at once. */
const MOST = 20;

/** Reads a body. @throws Refusal that names each field, what is wrong with it and what it should be. */
export function readBody<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.output<Schema> {
  const reading = schema.safeParse(raw ?? {}, { error: required });
  if (reading.success) return reading.data;
  const fields: Record<string, string> = {};
  for (const { path, message } of reading.error.issues.slice(0, MOST)) {
    const name = path.length === 0 ? 'body' : path.join('.').slice(0, 100);
    fields[name] ??= `${name} ${/^[A-Z]/.test(message) ? `is not valid: ${message}.` : message}`;
  }
  throw new Refusal('bad-request', Object.values(fields).join(' '), { fields });
}

function required(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'invalid_type' && issue.input === undefined ? 'is required.' : undefined;
}
