import { z } from 'zod';
import { nearName } from './near-name.ts';

/** So many of them are named at once. */
const MOST = 20;

/** What is said of fields that an object does not have, each in a sentence that goes on from its name. */
export function unknownFields(
  schema: z.ZodType,
  { keys, path }: z.core.$ZodIssueUnrecognizedKeys,
): { field: string; words: string }[] {
  const known = namesAt(schema, path);
  return keys.slice(0, MOST).map((key) => ({ field: [...path, shown(key)].join('.'), words: wordsOf(key, known) }));
}

function wordsOf(key: string, known: readonly string[]): string {
  const near = nearName(key, known);
  return near === null ? `is not known; there are ${known.join(', ')}.` : `is not known; did you mean ${near}?`;
}

/** A name as it came, in quotes where it reads like none. */
const shown = (name: string): string => (/^\w[\w.-]{0,39}$/.test(name) ? name : JSON.stringify(name.slice(0, 40)));

/** The names of an object, at a place in a schema. */
function namesAt(schema: z.ZodType, [first, ...rest]: readonly PropertyKey[]): string[] {
  const inner = objectOf(schema);
  if (inner === null) return [];
  if (first === undefined) return Object.keys(inner.shape);
  const field = inner.shape[String(first)];
  return field === undefined ? [] : namesAt(field as z.ZodType, rest);
}

/** The object behind what allows for its absence; null where there is none. */
export function objectOf(schema: z.ZodType): z.ZodObject | null {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return objectOf(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodObject ? schema : null;
}
