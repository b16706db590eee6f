import { z } from 'zod';
import { mayBeNull } from './fields.ts';

/**
 * Makes right what models write beside the type, before the schema judges: digits and true/false given as text, numbers where
 * text is meant, null for an argument left out, a list or object written as JSON text, an enumerated word in other letters.
 * What cannot be made right stays as it is, for the schema to refuse.
 */
export function soften(schema: z.ZodType, raw: unknown): unknown {
  if (schema instanceof z.ZodOptional) return soften(schema.unwrap() as z.ZodType, raw);
  if (schema instanceof z.ZodNumber) return asNumber(schema, raw);
  if (schema instanceof z.ZodBoolean) return asBoolean(raw);
  if (schema instanceof z.ZodString) return typeof raw === 'number' && Number.isFinite(raw) ? String(raw) : raw;
  if (schema instanceof z.ZodEnum) return asWord(schema, raw);
  if (schema instanceof z.ZodArray) return asArray(schema, raw);
  if (schema instanceof z.ZodObject) return asObject(schema, raw);
  return raw;
}

function asNumber(schema: z.ZodNumber, raw: unknown): unknown {
  if (typeof raw === 'string' && /^\s*-?\d{1,15}(\.0+)?\s*$/.test(raw)) return Number(raw);
  const isFlag = schema.minValue === 0 && schema.maxValue === 1;
  const flag = isFlag ? asBoolean(raw) : raw;
  return typeof flag === 'boolean' && isFlag ? Number(flag) : raw;
}

function asBoolean(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  const word = raw.trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : raw;
}

function asWord(schema: z.ZodEnum, raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  const word = raw.trim().toLowerCase();
  return schema.options.find((option) => String(option).toLowerCase() === word) ?? raw;
}

function asArray(schema: z.ZodArray, raw: unknown): unknown {
  const list = parsed(raw, '[');
  if (!Array.isArray(list)) return raw;
  const most = schema._zod.bag.maximum;
  // A list that will be refused for its length is not walked through first.
  if (typeof most === 'number' && list.length > most) return list.slice(0, most + 1);
  return list.map((one) => soften(schema.element as z.ZodType, one));
}

function asObject(schema: z.ZodObject, raw: unknown): unknown {
  const object = parsed(raw, '{');
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return raw;
  const shape: Record<string, z.ZodType> = schema.shape;
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => {
      const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (field === undefined) return [[name, value]];
      const absent = value === null || (value === '' && isOptionalChoice(field));
      return absent && mayBeAbsent(field) ? [] : [[name, soften(field, value)]];
    }),
  );
}

function mayBeAbsent(field: z.ZodType): boolean {
  return field instanceof z.ZodOptional && mayBeNull(field.unwrap() as z.ZodType);
}

/** Of a number or a choice, empty text can only mean that none was made. */
function isOptionalChoice(field: z.ZodType): boolean {
  if (!(field instanceof z.ZodOptional)) return false;
  const inner = field.unwrap();
  return inner instanceof z.ZodNumber || inner instanceof z.ZodEnum;
}

/** JSON text that begins as it should, as its value; anything else as it came. */
function parsed(raw: unknown, opening: '[' | '{'): unknown {
  if (typeof raw !== 'string' || !raw.trimStart().startsWith(opening)) return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}
