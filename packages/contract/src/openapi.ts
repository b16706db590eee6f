import type { z } from 'zod';
import { type AnswerCode, answerCodes, commonRefusals } from './codes.ts';
import type { Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { envelope, refusalEnvelope, refused, success } from './envelope.ts';
import { schemaWriter, type WriteSchema } from './openapi-schemas.ts';

/** The document as plain JSON. Only what is built here is typed; schemas are JSON Schema 2020-12 as OpenAPI 3.1 takes. */
export interface OpenapiDocument {
  openapi: '3.1.1';
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  security: Record<string, string[]>[];
  parameters?: object[];
  requestBody?: object;
  responses: Record<string, object>;
  /** The permission the key must hold; null where nobody signs in. */
  'x-scope': string | null;
}

/**
 * Builds the OpenAPI 3.1 document of the whole table, from the same schemas that validate.
 *
 * @param serverUrl where this server can be reached, without `/v3`: the paths carry it.
 */
export function openapiDocument({ serverUrl, version }: { serverUrl: string; version: string }): OpenapiDocument {
  const { write, components } = schemaWriter();
  const paths: OpenapiDocument['paths'] = {};
  for (const endpoint of Object.values<Endpoint>(endpoints)) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operation(endpoint, write) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Veredus',
      version,
      description: 'The ClickSend v3 wire. Sign in with a username and an API key, or with the account’s password.',
    },
    servers: [{ url: serverUrl }],
    paths,
    components: { schemas: components, securitySchemes: { basic: { type: 'http', scheme: 'basic' } } },
  };
}

function operation(endpoint: Endpoint, write: WriteSchema): Operation {
  const parameters = [
    ...parametersOf(endpoint.params, 'path', write),
    ...parametersOf(endpoint.query, 'query', write),
    ...(endpoint.idempotent ? [idempotencyKey] : []),
  ];
  return {
    operationId: endpoint.id,
    summary: endpoint.summary,
    tags: [tagOf(endpoint.path)],
    security: endpoint.auth === 'basic' ? [{ basic: [] }] : [],
    ...(parameters.length > 0 && { parameters }),
    ...(endpoint.body && { requestBody: requestBody(endpoint, endpoint.body, write) }),
    responses: responses(endpoint, write),
    'x-scope': endpoint.scope,
  };
}

/** The resource: the first word behind the version. */
function tagOf(path: string): string {
  return path.split('/')[2] ?? path;
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same body is answered once and replayed; with another body it is refused (422).',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query', write: WriteSchema): object[] {
  return Object.entries(schema?.shape ?? {}).map(([name, term]) => {
    const { description, ...written } = write(term as z.ZodType);
    return {
      name,
      in: place,
      required: place === 'path' || !(term as z.ZodType).safeParse(undefined).success,
      ...(description !== undefined && { description }),
      schema: written,
    };
  });
}

function requestBody(endpoint: Endpoint, schema: z.ZodType, write: WriteSchema): object {
  const { example, multipart } = endpoint;
  const content = { schema: write(schema), ...(example.body !== undefined && { example: example.body }) };
  return {
    required: !schema.safeParse(undefined).success,
    content: { 'application/json': content, ...(multipart && { 'multipart/form-data': { schema: fileForm } }) },
  };
}

const fileForm = {
  type: 'object',
  properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } },
  required: ['file'],
};

function responses(endpoint: Endpoint, write: WriteSchema): Record<string, object> {
  const done = {
    description: 'Done.',
    content: {
      'application/json': { schema: write(envelope(endpoint.data)), example: success(endpoint.example.data, 'Done.') },
    },
  };
  const codes: AnswerCode[] = [...endpoint.refusals, ...commonRefusals.filter((code) => isPossible(code, endpoint))];
  const refusals = Map.groupBy(codes, (code) => String(answerCodes[code].http_code));
  return {
    200: done,
    ...Object.fromEntries([...refusals].map(([status, codes]) => [status, refusal(codes, write)])),
  };
}

/** Who need not sign in cannot be turned away for how they did. */
function isPossible(code: AnswerCode, endpoint: Endpoint): boolean {
  return endpoint.auth === 'basic' || (code !== 'UNAUTHORIZED' && code !== 'FORBIDDEN');
}

function refusal(codes: AnswerCode[], write: WriteSchema): object {
  const examples = Object.fromEntries(codes.map((code) => [code, { value: refused(code) }]));
  return {
    description: codes.map((code) => `${code}: ${answerCodes[code].words}`).join(' '),
    content: { 'application/json': { schema: write(refusalEnvelope), examples } },
  };
}
