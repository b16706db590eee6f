import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Body, Data, Endpoint, Params, Query } from './endpoint.ts';
import { type Endpoints, endpoints } from './endpoints.ts';
import { envelope, success } from './envelope.ts';
import { readCall } from './read-call.ts';
import { scopes } from './scopes.ts';

const table = Object.entries<Endpoint>(endpoints);

describe('the table of endpoints', () => {
  it('holds each call once', () => {
    const calls = table.map(([, { method, path }]) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`);
    expect(calls.length).toBeGreaterThan(60);
    expect(calls.filter((call, at) => calls.indexOf(call) !== at)).toEqual([]);
  });

  it('asks for a permission everywhere but for countries', () => {
    for (const [id, { auth, scope }] of table) {
      expect([auth, scope !== null && scope in scopes], id).toEqual(
        id === 'countries' ? ['none', false] : ['basic', true],
      );
    }
  });

  it.each(table)('%s is filed under its id, and its path names its parameters', (id, endpoint) => {
    expect(endpoint.id).toBe(id);
    const named = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(endpoint.params?.shape ?? {})).toEqual(named);
  });

  it.each(table)('%s names no part of its input twice, so that a client can take them in one object', (_, endpoint) => {
    const body = endpoint.body === undefined ? {} : bodyShape(endpoint.body);
    const names = [endpoint.params?.shape, endpoint.query?.shape, body].flatMap((shape) => Object.keys(shape ?? {}));
    expect(names).toEqual([...new Set(names)]);
  });
});

function bodyShape(schema: z.ZodType): object {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return bodyShape(schema.unwrap() as z.ZodType);
  expect(schema).toBeInstanceOf(z.ZodObject);
  return (schema as z.ZodObject).shape;
}

describe('the examples', () => {
  it.each(table)('%s answers what its schema takes, with no key lost', (_, { data, example }) => {
    const answer = success(example.data, 'Done.');
    expect(envelope(data).parse(answer)).toEqual(answer);
  });

  it.each(table.filter(([, { body }]) => body !== undefined))('%s takes its body', (_, endpoint) => {
    const alone: Endpoint = { ...endpoint, params: undefined as never };
    expect(readCall(alone, { body: endpoint.example.body })).toMatchObject({ ok: true });
  });
});

/** Fields of one name have another type from call to call; the strict clients refuse the wrong one. */
describe('the types of same-named fields', () => {
  const sent = first(endpoints.smsSend.data.shape.messages);
  const priced = first(endpoints.smsPrice.data.shape.messages);
  const past = first(endpoints.smsHistory.data.shape.data);
  const receipt = endpoints.smsReceipt.data;

  it.each([
    ['send', 'date', sent, ['int']],
    ['send', 'schedule', sent, ['int']],
    ['send', 'message_parts', sent, ['int']],
    ['send', 'message_price', sent, ['text']],
    ['send', 'list_id', sent, ['text', 'null']],
    ['send', 'contact_id', sent, ['text', 'null']],
    ['send', 'is_shared_system_number', sent, ['bool']],
    ['price', 'date', priced, ['text']],
    ['price', 'schedule', priced, ['text']],
    ['price', 'message_price', priced, ['text']],
    ['price', 'contact_id', priced, ['text', 'null']],
    ['history', 'date', past, ['int']],
    ['history', 'schedule', past, ['text']],
    ['history', 'message_parts', past, ['int']],
    ['history', 'message_price', past, ['text']],
    ['history', 'status_code', past, ['text', 'null']],
    ['history', 'error_code', past, ['text', 'null']],
    ['history', 'list_id', past, ['text', 'null']],
    ['history', 'contact_id', past, ['text', 'null']],
    ['receipt', 'timestamp', receipt, ['int']],
    ['receipt', 'timestamp_send', receipt, ['int']],
    ['receipt', 'status_code', receipt, ['int']],
    ['receipt', 'error_code', receipt, ['int', 'null']],
    ['send', 'total_price', endpoints.smsSend.data, ['number', 'int']],
    ['price', 'total_price', endpoints.smsPrice.data, ['number', 'int']],
    ['send', 'total_count', endpoints.smsSend.data, ['int']],
    ['account', 'balance', endpoints.account.data, ['text']],
    ['account', 'active', endpoints.account.data, ['int']],
  ])('%s %s', (_, field, schema: z.ZodObject, types) => {
    expect(typesTaken(schema.shape[field] as z.ZodType)).toEqual(types);
  });

  it('a price in history has six decimals, in a send four at least', () => {
    expect(past.shape.message_price.safeParse('0.0644').success).toBe(false);
    expect(past.shape.message_price.safeParse('0.064400').success).toBe(true);
    expect(sent.shape.message_price.safeParse('0.06').success).toBe(false);
    expect(sent.shape.message_price.safeParse('0.0644').success).toBe(true);
  });

  it('what returns nothing answers null, which no client refuses, and never []', () => {
    for (const { data } of [endpoints.smsCancel, endpoints.smsReceiptsRead]) {
      expect([data.safeParse(null).success, data.safeParse([]).success]).toEqual([true, false]);
    }
  });
});

function first<Row extends z.ZodObject>(rows: z.ZodArray<Row>): Row {
  return rows.element;
}

/** Which of some probes a schema takes. Texts are tried in every form a field may ask for. */
function typesTaken(schema: z.ZodType): string[] {
  const probes: [string, unknown[]][] = [
    ['number', [0.5]],
    ['int', [0, 1]],
    ['text', ['', 'x', '0.0644', '0.064400']],
    ['bool', [true]],
    ['null', [null]],
  ];
  return probes.filter(([, values]) => values.some((value) => schema.safeParse(value).success)).map(([name]) => name);
}

describe('the types a server works with', () => {
  type Handler<E> = (call: { params: Params<E>; query: Query<E>; body: Body<E> }) => Promise<Data<E>>;
  type Some =
    | 'smsSend'
    | 'smsPrice'
    | 'smsHistory'
    | 'smsHistoryExport'
    | 'smsReceipts'
    | 'smsReceipt'
    | 'smsReceiptsRead';
  type More = 'smsCancel' | 'smsCancelAll' | 'smsStatistics' | 'account' | 'countries';
  type Handlers = { [K in Some | More]: Handler<Endpoints[K]> };

  it('do not compile without a handler that is asked for, and check what each gets and gives', () => {
    const unfinished: Handler<Endpoint> = async () => null;
    const handlers: Handlers = {
      smsSend: async ({ body }) => {
        const [message] = body.messages;
        const to: string = message?.to ?? '';
        return { ...endpointData(endpoints.smsSend), total_count: to.length };
      },
      smsPrice: async () => endpointData(endpoints.smsPrice),
      smsHistory: async ({ query }) => {
        const fields: (keyof Data<Endpoints['smsHistory']>['data'][number])[] = query.q.map(({ field }) => field);
        const limit: number = query.limit;
        return { ...endpointData(endpoints.smsHistory), per_page: limit + fields.length };
      },
      smsHistoryExport: async ({ query }) => ({ url: query.filename }),
      smsReceipts: async () => endpointData(endpoints.smsReceipts),
      smsReceipt: async ({ params }) => ({ ...endpointData(endpoints.smsReceipt), message_id: params.message_id }),
      smsReceiptsRead: async () => null,
      smsCancel: async () => null,
      // @ts-expect-error a count is a number
      smsCancelAll: async () => ({ count: '2' }),
      smsStatistics: async () => endpointData(endpoints.smsStatistics),
      account: async () => endpointData(endpoints.account),
      countries: async () => [],
    };
    const { countries: _, ...others } = handlers;
    // @ts-expect-error countries has no handler
    const missing: Handlers = others;
    expect([typeof unfinished, Object.keys(missing).length]).toEqual(['function', 11]);
  });
});

/** An example as the mutable value a handler answers. */
function endpointData<E extends Endpoint>(endpoint: E): Data<E> {
  return structuredClone(endpoint.example.data) as Data<E>;
}
