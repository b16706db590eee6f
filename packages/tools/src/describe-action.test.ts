import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { verifies } from '../../../test/conformance/promises.ts';
import { actions, findAction } from './catalogue.ts';
import { describeAction } from './describe-action.ts';

/** What clients of the brokers are known to read, with the JSON type of each keyword's value. */
const KEYWORDS: Readonly<Record<string, string>> = {
  type: 'type',
  properties: 'object',
  required: 'array',
  items: 'object',
  enum: 'array',
  description: 'string',
  format: 'string',
  pattern: 'string',
  additionalProperties: 'boolean',
  ...{ minimum: 'number', maximum: 'number', minItems: 'number', maxItems: 'number' },
  ...{ minLength: 'number', maxLength: 'number' },
};
const TYPES = new Set(['object', 'array', 'string', 'integer', 'number', 'boolean', 'null']);

type Json = Record<string, unknown>;

/** Goes through a schema and its sub-schemas; answers what a strict reader would refuse. */
function faults(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return [`${path} is no object`];
  const own = Object.entries(schema).flatMap(([keyword, value]) => keywordFaults(keyword, value, path));
  const { properties, items } = schema as { properties?: Json; items?: unknown };
  const inner = Object.entries(properties ?? {}).flatMap(([name, sub]) => {
    const description = (sub as Json)?.description;
    const undescribed = typeof description !== 'string' || description.trim() === '';
    return [...faults(sub, `${path}.${name}`), ...(undescribed ? [`${path}.${name} is not described`] : [])];
  });
  return [...own, ...inner, ...(items === undefined ? [] : faults(items, `${path}[]`))];
}

function keywordFaults(keyword: string, value: unknown, path: string): string[] {
  const wanted = KEYWORDS[keyword];
  if (wanted === undefined) return [`${path} has the keyword ${keyword}`];
  if (wanted === 'type') {
    const types = Array.isArray(value) ? value : [value];
    return types.every((type) => TYPES.has(type)) ? [] : [`${path} is of type ${value}`];
  }
  if (keyword === 'pattern') new RegExp(String(value), 'u');
  const kind = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  return kind === wanted ? [] : [`${path}: ${keyword} is ${kind}`];
}

describe('the schema gate', () => {
  test.each(actions.map((action) => [action.slug, action] as const))(
    verifies('tools:schemas', '%s can be listed by every client'),
    (slug, action) => {
      const described = describeAction(action);
      for (const part of [described.input_parameters, described.output_parameters]) {
        expect(part.type).toBe('object');
        expect(typeof part.properties).toBe('object');
        expect(faults(part, slug)).toEqual([]);
        expect(JSON.parse(JSON.stringify(part))).toEqual(part);
      }
      expect(slug).toMatch(/^[A-Z0-9_]{1,64}$/);
      expect(described.name.length).toBeGreaterThan(5);
      expect(described.description.length).toBeGreaterThan(50);
      expect(described.description.length).toBeLessThanOrEqual(1_024);
      expect(described.available_versions).toContain(described.version);
    },
  );

  test('the gate itself refuses what those clients refuse', () => {
    const bad = {
      type: 'object',
      properties: { a: true, b: { type: 'text' }, c: { type: 'string', description: '' } },
    };
    expect(faults(bad, 'x')).toEqual([
      'x.a is no object',
      'x.a is not described',
      'x.b is of type text',
      'x.b is not described',
      'x.c is not described',
    ]);
    expect(faults({ type: 'object', $ref: '#/x' }, 'x')).toEqual(['x has the keyword $ref']);
  });

  test(verifies('tools:result', 'its schema holds for a success and a failure, and leaves data open'), () => {
    const { output_parameters } = describeAction(findAction('CLICKSEND_GET_ACCOUNT')!);
    const result = z.fromJSONSchema(output_parameters as never);
    expect(output_parameters.required).toEqual(['data', 'error', 'successful']);
    expect(result.safeParse({ data: { http_code: 200, more: 1 }, error: null, successful: true }).success).toBe(true);
    expect(result.safeParse({ data: {}, error: 'No.', successful: false }).success).toBe(true);
    expect(result.safeParse({ data: 'text', error: null, successful: true }).success).toBe(false);
    expect(result.safeParse({ data: {}, successful: true }).success).toBe(false);
  });

  test('is computed once, and nobody can change it', () => {
    const action = findAction('CLICKSEND_CREATE_SMS_SEND')!;
    const described = describeAction(action);
    expect(describeAction(action)).toBe(described);
    expect(() => {
      (described.input_parameters as Json).type = 'array';
    }).toThrow(TypeError);
    expect(() => (described.tags as string[]).push('x')).toThrow(TypeError);
  });
});
