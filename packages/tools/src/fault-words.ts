import { nearName } from '@veredus/contract/near-name';
import { z } from 'zod';

export interface Fault {
  readonly field: string;
  readonly words: string;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** Words for what a schema has none of its own for: absence, types and choices. They go on from the name of the argument. */
export function typeWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is required.';
    return `must be ${kinds[issue.expected] ?? issue.expected}, not ${kindOf(issue.input)}.`;
  }
  if (issue.code === 'invalid_value') {
    const got = typeof issue.input === 'string' ? `, not "${short(issue.input)}"` : '';
    return issue.input === undefined ? 'is required.' : `must be one of ${issue.values.join(', ')}${got}.`;
  }
  if (issue.code === 'too_small' && issue.origin === 'string') return 'must not be empty.';
  if (issue.code === 'too_big' && issue.origin === 'string') return `must have ${issue.maximum} characters at most.`;
  if (issue.code === 'too_small' || issue.code === 'too_big') return 'is out of range.';
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `"${short(value)}"`;
  return typeof value === 'object' ? 'an object' : String(value);
}

const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** A name as it came, in quotes where it reads like none. */
const shown = (name: string): string => (/^\w[\w.-]{0,39}$/.test(name) ? name : JSON.stringify(short(name)));

/** One fault per argument that is wrong, each with a sentence that names it; made one by one, as they are asked for. */
export function* faultsOf(schema: z.ZodObject, issues: readonly z.core.$ZodIssue[]): Generator<Fault> {
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      const known = namesAt(schema, issue.path);
      for (const key of issue.keys) {
        const field = written([...issue.path, shown(key)]);
        yield { field, words: unknownWords(field, key, known) };
      }
    } else {
      const field = issue.path.length === 0 ? 'arguments' : written(issue.path);
      yield { field, words: `${field}${/^nothing /.test(issue.message) ? ': ' : ' '}${issue.message}` };
    }
  }
}

function unknownWords(field: string, key: string, known: readonly string[]): string {
  if (known.length === 0) return `${field} is not known: this action takes no arguments.`;
  const near = nearName(key, known);
  return near === null
    ? `${field} is not known; there are ${known.join(', ')}.`
    : `${field} is not known; did you mean ${near}?`;
}

/** As one writes it in code: messages[0].to. */
function written(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** The names an object of the schema has, at a place in it. */
function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional) return namesAt(schema.unwrap() as z.ZodType, path);
  const [first, ...rest] = path;
  if (schema instanceof z.ZodArray) return namesAt(schema.element as z.ZodType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Record<string, z.ZodType> = schema.shape;
  if (first === undefined) return Object.keys(shape);
  const field = shape[String(first)];
  return field === undefined ? [] : namesAt(field, rest);
}
