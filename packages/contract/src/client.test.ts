import { describe, expect, it } from 'vitest';
import { AnswerError, createClient } from './client.ts';
import { endpoints } from './endpoints.ts';
import { refused, success } from './envelope.ts';

interface Seen {
  method: string;
  url: string;
  headers: Headers;
  body: unknown;
}

/** A network that remembers the request and gives one answer. */
function network(status: number, answer: unknown, headers: Record<string, string> = {}) {
  const seen: Seen[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const text = await request.text();
    const { method, url } = request;
    seen.push({ method, url, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) });
    return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), { status, headers });
  };
  return { seen, client: createClient({ baseUrl: 'http://127.0.0.1:8080/', username: 'köni', key: 'k:1', fetch }) };
}

describe('the client', () => {
  it('sends a body with credentials and answers the data', async () => {
    const { data } = endpoints.smsSend.example;
    const { client, seen } = network(200, success(data, 'Done.'));
    const messages = [{ to: '+61411111111', body: 'Bread', list_id: 7 }];
    const result = await client.smsSend({ messages, shorten_urls: true }, { idempotencyKey: 'once' });
    expect(result).toEqual(data);
    const [call] = seen;
    expect(call).toMatchObject({
      method: 'POST',
      url: 'http://127.0.0.1:8080/v3/sms/send',
      body: { messages, shorten_urls: true },
    });
    expect(Buffer.from(call?.headers.get('authorization')?.slice(6) ?? '', 'base64').toString()).toBe('köni:k:1');
    expect(call?.headers.get('idempotency-key')).toBe('once');
    expect(call?.headers.get('content-type')).toBe('application/json');
  });

  it('puts query terms into the address, encoded', async () => {
    const { client, seen } = network(200, success(endpoints.smsHistory.example.data, 'Done.'));
    const page = await client.smsHistory({ q: 'to:+61411111111', page: 2, order_by: 'date:desc' });
    expect(page.data[0]?.message_price).toBe('0.064400');
    expect(seen[0]).toMatchObject({ method: 'GET', body: undefined });
    expect(seen[0]?.url).toBe('http://127.0.0.1:8080/v3/sms/history?q=to%3A%2B61411111111&order_by=date%3Adesc&page=2');
  });

  it('puts parameters into the path, encoded', async () => {
    const { client, seen } = network(200, success(null, 'Done.'));
    expect(await client.smsCancel({ message_id: 'a/b' })).toBe(null);
    expect(seen[0]).toMatchObject({ method: 'PUT', url: 'http://127.0.0.1:8080/v3/sms/a%2Fb/cancel', body: undefined });
  });

  it('leaves out what was left out', async () => {
    const { client, seen } = network(200, success({ count: 2 }, 'Done.'));
    expect(await client.smsCancelAll()).toEqual({ count: 2 });
    await client.smsCancelAll({ custom_string: 'order-1' });
    expect(seen.map(({ body }) => body)).toEqual([undefined, { custom_string: 'order-1' }]);
  });

  it('keeps its credentials where they are not asked for', async () => {
    const { client, seen } = network(200, success([], 'Done.'));
    await client.countries();
    expect(seen[0]?.headers.has('authorization')).toBe(false);
  });

  it('throws a refusal with its envelope and the request’s id', async () => {
    const refusal = refused('BAD_REQUEST', undefined, { page: 'page must be a whole number, 1 or more.' });
    const { client } = network(400, refusal, { 'x-request-id': 'r-1' });
    const error = await client.smsReceipts({ page: 0 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AnswerError);
    expect(error).toMatchObject({ status: 400, envelope: refusal, requestId: 'r-1' });
    expect(String(error)).toContain('BAD_REQUEST: Some fields are invalid.');
  });

  it.each([
    ['a proxy’s page', 502, '<html>'],
    ['a success that is no envelope', 200, '{"fine":true}'],
  ])('throws on %s', async (_, status, answer) => {
    const { client } = network(status, answer);
    await expect(client.account()).rejects.toMatchObject({ status, envelope: null, requestId: null });
  });

  it('does not compile with a wrong input', () => {
    const { client } = network(200, success(null, 'Done.'));
    const wrong = [
      // @ts-expect-error the id is needed
      () => client.smsCancel(),
      // @ts-expect-error messages are needed
      () => client.smsSend({}),
      // @ts-expect-error a text is no object
      () => client.smsSend({ messages: [{ to: '1', body: {} }] }),
      // @ts-expect-error a filename is needed
      () => client.smsHistoryExport({ q: '' }),
    ];
    expect(wrong).toHaveLength(4);
  });
});
