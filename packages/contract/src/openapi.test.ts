import { describe, expect, it } from 'vitest';
import type { Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { openapiDocument } from './openapi.ts';

const document = openapiDocument({ serverUrl: 'http://127.0.0.1:8080', version: '0.1.0' });
const table = Object.values<Endpoint>(endpoints);

/** Every value of such a key, wherever it stands. Examples are data, not document. */
function valuesOf(key: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === 'example' || name === 'examples') return [];
    return name === key && typeof inner !== 'object' ? [inner] : valuesOf(key, inner);
  });
}

describe('the OpenAPI document', () => {
  it('is plain JSON of version 3.1', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    expect(document).toMatchObject({
      openapi: '3.1.1',
      info: { title: 'Veredus', version: '0.1.0' },
      servers: [{ url: 'http://127.0.0.1:8080' }],
    });
  });

  it('holds every endpoint of the table and no other', () => {
    const written = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
    );
    const declared = table.map(({ id, method, path }) => `${id} ${method.toLowerCase()} ${path}`);
    expect(written.toSorted()).toEqual(declared.toSorted());
  });

  it('refers only to components there are, and to each of them', () => {
    const named = Object.keys(document.components.schemas).map((id) => `#/components/schemas/${id}`);
    const used = new Set(valuesOf('$ref', document));
    expect([...used].toSorted()).toEqual(named.toSorted());
    expect(named.length).toBeGreaterThan(15);
    expect(valuesOf('$schema', document)).toEqual([]);
  });

  it.each(table)(
    '$id has a body, parameters and answers of the right shape',
    ({ method, path, params, query, body, idempotent }) => {
      const operation = document.paths[path]?.[method.toLowerCase()];
      const names = (operation?.parameters ?? []).map((parameter) => (parameter as { name: string }).name);
      const headers = idempotent ? ['Idempotency-Key'] : [];
      expect(names).toEqual([...Object.keys(params?.shape ?? {}), ...Object.keys(query?.shape ?? {}), ...headers]);
      expect(operation?.requestBody !== undefined).toBe(body !== undefined);
      for (const answer of Object.values(operation?.responses ?? {})) {
        expect(answer).toMatchObject({
          description: expect.any(String),
          content: { 'application/json': { schema: expect.any(Object) } },
        });
      }
      expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(['200', '429', '500', '503']));
    },
  );

  it('asks for credentials where the server does', () => {
    expect(document.components.securitySchemes).toEqual({ basic: { type: 'http', scheme: 'basic' } });
    expect(document.paths['/v3/account']?.get).toMatchObject({ security: [{ basic: [] }], 'x-scope': 'account:read' });
    const countries = document.paths['/v3/countries']?.get;
    expect(countries).toMatchObject({ security: [], 'x-scope': null });
    expect(countries?.responses).not.toHaveProperty('401');
  });

  it('documents the types meant, not the tolerances, and defaults and bounds as they hold', () => {
    const { SmsMessageInput, SmsMessagesInput } = document.components.schemas;
    const text = { type: 'string', description: expect.any(String) };
    expect(SmsMessageInput).toMatchObject({ required: ['body'], properties: { list_id: { type: expect.any(Array) } } });
    expect((SmsMessageInput as { properties: object }).properties).toHaveProperty('to', text);
    expect(SmsMessagesInput).toMatchObject({
      properties: {
        messages: { items: { $ref: '#/components/schemas/SmsMessageInput' }, minItems: 1, maxItems: 1000 },
      },
    });
    expect(valuesOf('maximum', document)).not.toContain(Number.MAX_SAFE_INTEGER);
    expect(document.paths['/v3/sms/history']?.get?.parameters).toEqual(
      expect.arrayContaining([
        { name: 'page', in: 'query', required: false, schema: { type: 'integer', minimum: 1, default: 1 } },
        {
          name: 'limit',
          in: 'query',
          required: false,
          schema: { type: 'integer', minimum: 1, maximum: 100, default: 15 },
        },
      ]),
    );
    expect(document.paths['/v3/sms/history/export']?.get?.parameters).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'filename', required: true })]),
    );
  });

  it('says where no other field is taken: in the bodies of our own calls', () => {
    const { AgentInput, AgentChange, ConnectionInput, ConnectionChange, SmsMessagesInput } =
      document.components.schemas;
    for (const own of [AgentInput, AgentChange, ConnectionInput, ConnectionChange])
      expect(own).toMatchObject({ additionalProperties: false });
    expect(SmsMessagesInput).not.toHaveProperty('additionalProperties');
  });

  it('shows what each refusal looks like', () => {
    expect(document.paths['/v3/sms/send']?.post?.responses[400]).toMatchObject({
      content: {
        'application/json': {
          examples: {
            TOO_MANY_RECIPIENTS: { value: { http_code: 400, response_code: 'TOO_MANY_RECIPIENTS', data: null } },
          },
        },
      },
    });
  });
});
