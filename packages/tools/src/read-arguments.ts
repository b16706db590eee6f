import type { z } from 'zod';
import { type Action, IDEMPOTENCY_KEY } from './action.ts';
import { type Fault, faultsOf, typeWords } from './fault-words.ts';
import { soften } from './soften.ts';

export type ArgumentsReading<Input = Record<string, unknown>> =
  | { readonly ok: true; readonly input: Input }
  /** `fields` maps each refused argument to a sentence that names it; `error` is all of it, for models. */
  | { readonly ok: false; readonly error: string; readonly fields: Record<string, string> };

/** Sentences in one error; beyond that a model mends these first. */
const MOST_SENTENCES = 5;
/** Faults looked at, of what may be a thousand messages with a thousand faults each. */
const MOST_FAULTS = 50;

/** Reads the arguments a model wrote. Never throws, whatever it wrote. */
export function readArguments({ slug, input }: Action, raw: unknown): ArgumentsReading {
  return readObject(slug, input, raw);
}

/** The same of anything that takes its arguments by a schema of its own. */
export function readObject<S extends z.ZodObject>(
  name: string,
  schema: S,
  raw: unknown,
): ArgumentsReading<z.output<S>> {
  const softened = soften(schema as z.ZodType, raw ?? {});
  if (typeof softened !== 'object' || softened === null || Array.isArray(softened)) {
    const error = `Nothing was done. ${name} takes its arguments as a JSON object, as {"${firstName(schema)}": …}.`;
    return { ok: false, error, fields: { arguments: 'arguments must be a JSON object.' } };
  }
  const read = schema.safeParse(softened, { error: typeWords });
  if (read.success) return { ok: true, input: read.data };
  const fields = firstOfEach(faultsOf(schema, read.error.issues));
  const sentences = Object.values(fields);
  const more = sentences.length - MOST_SENTENCES;
  const count = sentences.length === MOST_FAULTS ? `at least ${more}` : more;
  const rest = more > 0 ? ` And ${count} more arguments are wrong.` : '';
  return { ok: false, error: `Nothing was done. ${sentences.slice(0, MOST_SENTENCES).join(' ')}${rest}`, fields };
}

function firstOfEach(faults: Iterable<Fault>): Record<string, string> {
  const first = new Map<string, string>();
  for (const { field, words } of faults) {
    if (!first.has(field)) first.set(field, words);
    if (first.size === MOST_FAULTS) break;
  }
  return Object.fromEntries(first);
}

const firstName = (schema: z.ZodObject): string => Object.keys(schema.shape)[0] ?? 'name';

/** Splits the key of a repetition off what the action itself is about. */
export function takeIdempotencyKey(input: Readonly<Record<string, unknown>>): {
  input: Record<string, unknown>;
  key: string | null;
} {
  const { [IDEMPOTENCY_KEY]: key, ...rest } = input;
  return { input: rest, key: typeof key === 'string' ? key : null };
}
