import { storable } from '../db/storable.ts';
import { MASK, maskText } from './mask-text.ts';
import { isSecretName } from './secret-names.ts';

/** What the log holds of one call, in bytes. */
const TOTAL = 16_000;
const DEPTH = 10;

interface Limits {
  text: number;
  items: number;
  fields: number;
  /** Values in all, so that a tree that branches widely ends. */
  values: number;
}

/** The first that fits into `TOTAL` is taken. */
const LIMITS: readonly Limits[] = [
  { text: 500, items: 20, fields: 60, values: 2_000 },
  { text: 200, items: 10, fields: 40, values: 400 },
  { text: 80, items: 5, fields: 20, values: 100 },
  { text: 40, items: 2, fields: 10, values: 40 },
];

/**
 * Arguments as the log keeps them: secrets masked at any depth, by their names and inside URLs and texts; long texts and long
 * lists cut, with what they were; 16 kB at most. Never throws, whatever it is given.
 */
export function maskArguments(raw: unknown): Record<string, unknown> {
  try {
    const value = parsed(raw);
    for (const limits of LIMITS) {
      const masked = asObject(new Masking(limits).mask(value, 0));
      if (Buffer.byteLength(JSON.stringify(masked)) <= TOTAL) return masked;
    }
    return { '…': 'Too large for the log.' };
  } catch {
    return { '…': 'Could not be read for the log.' };
  }
}

/** Some models write their arguments as JSON text. */
function parsed(raw: unknown): unknown {
  if (typeof raw !== 'string' || raw.length > 1_000_000 || !/^\s*[{[]/.test(raw)) return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : { arguments: value };
}

class Masking {
  private readonly limits: Limits;
  private left: number;

  constructor(limits: Limits) {
    this.limits = limits;
    this.left = limits.values;
  }

  mask(value: unknown, depth: number): unknown {
    this.left -= 1;
    if (this.left < 0 || depth > DEPTH) return '…';
    if (typeof value === 'string') return maskText(value, this.limits.text);
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (typeof value === 'boolean' || value === null) return value;
    if (typeof value === 'bigint') return String(value).slice(0, this.limits.text);
    if (typeof value !== 'object') return null;
    return Array.isArray(value) ? this.list(value, depth) : this.object(value, depth);
  }

  private list(values: readonly unknown[], depth: number): unknown[] {
    const { items } = this.limits;
    const kept = values.slice(0, items).map((value) => this.mask(value, depth + 1));
    return values.length > items ? [...kept, `… (${values.length} in all)`] : kept;
  }

  private object(value: object, depth: number): Record<string, unknown> {
    const names = Object.keys(value);
    const named = isPairOfSecret(value);
    const kept = names.slice(0, this.limits.fields).map((name): [string, unknown] => {
      const inner = (value as Record<string, unknown>)[name];
      const secret = isSecretName(name) || (named && /^(value|val|content|data)$/i.test(name));
      return [storable(name).slice(0, 100).toWellFormed(), secret ? maskWhole(inner) : this.mask(inner, depth + 1)];
    });
    if (names.length > this.limits.fields) kept.push(['…', `${names.length} fields in all`]);
    return Object.fromEntries(kept);
  }
}

/** What is not there hides nothing, and is worth knowing. */
function maskWhole(value: unknown): unknown {
  return value === null || value === undefined || value === '' ? (value ?? null) : MASK;
}

/** `{ "name": "Authorization", "value": "…" }`, as headers and form fields are often written. */
function isPairOfSecret(value: object): boolean {
  return ['name', 'key', 'header', 'field'].some((label) => {
    const name = (value as Record<string, unknown>)[label];
    return typeof name === 'string' && isSecretName(name);
  });
}
