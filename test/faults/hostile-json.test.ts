import type { Endpoint } from '@veredus/contract/endpoint';
import { endpoints } from '@veredus/contract/endpoints';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, type House, openHouse, type Tenant } from './rig/house.ts';

let house: House;
let own: Tenant;
beforeAll(async () => {
  house = await openHouse();
  own = await house.tenant('own');
});
afterAll(() => house?.close());

const table: Endpoint[] = Object.values(endpoints);
const takesBody = table.filter(({ body }) => body !== undefined);

/** Ids in the path are nobody's: what is read then ends in 404. */
const post = (endpoint: Endpoint, body: string) => {
  const path = endpoint.path.replace('{phone_number}', '%2B61410000077').replace(/\{\w+\}/g, '2000000001');
  return ask(house.url, endpoint.method, path, { credentials: `own:${own.key}`, body });
};

const deep = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);

/** Calls of our own take no field they do not know. */
const STRICT = [
  ...['agentCreate', 'agentUpdate', 'agentKeyRotate'],
  ...['connectionCreate', 'connectionUpdate', 'connectionLink'],
];

/** The endpoint's own example with one more key in it. */
const beside = (text: string) => (endpoint: Endpoint) => {
  const example = JSON.stringify(endpoint.example.body ?? {});
  return `${example.slice(0, -1)}${example === '{}' ? '' : ','}"x":${text}}`;
};

/**
 * name, text, and the statuses that are right for it; 200 where the text is sound but says nothing the endpoint knows, which
 * is 404 where it speaks of something that does not exist. An upload may be larger than 10 MB.
 */
const BODIES: [name: string, text: string | ((endpoint: Endpoint) => string), right: number[]][] = [
  ['10 MB of text', JSON.stringify({ messages: [{ to: '+61411111111', body: 'x'.repeat(10_000_000) }] }), [413]],
  ['10 MB of nothing', ' '.repeat(10_000_000), [413]],
  ['arrays 100,000 deep', deep(100_000), [400, 413]],
  ['objects 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, [400, 413]],
  ['arrays 1,000 deep', deep(1_000), [400]],
  ['arrays 63 deep beside a sound body, which is read', beside(deep(63)), [200]],
  ['arrays 64 deep beside a sound body', beside(deep(64)), [400]],
  ['objects 1,000 deep beside a sound body', beside(`${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`), [400]],
  ['brackets in a string, which are none', beside(JSON.stringify('[{"'.repeat(100))), [200]],
  ['not closed', '{"messages":[{"to":', [400]],
  ['a number of ten thousand digits', `{"messages":${'9'.repeat(10_000)}}`, [200, 400]],
  ['a lone surrogate as bytes', '{"messages":"\ud800"}', [200, 400]],
  ['NUL', '\u0000', [400]],
  ['a string alone', '"hello"', [400]],
  ['null', 'null', [200, 400]],
];

describe('[fault:F44] [invariant:I11] hostile JSON', () => {
  for (const [name, text, right] of BODIES) {
    test.each(takesBody.map((endpoint) => [endpoint.id, endpoint] as const))(`${name}: %s`, async (_, endpoint) => {
      const started = performance.now();
      const { status, text: answer } = await post(endpoint, typeof text === 'string' ? text : text(endpoint));
      const large = endpoint.bodyLimit > 10_000_000 && right.includes(413) ? [400] : [];
      // Its name may be taken by the bodies before.
      const taken = endpoint.id === 'agentCreate' ? [400] : [];
      const beside = typeof text !== 'string' && STRICT.includes(endpoint.id);
      if (beside)
        return expect([status, answer]).toEqual([
          400,
          expect.stringContaining(right.includes(200) ? 'x is not known' : 'nests'),
        ]);
      const expected = [...taken, ...right, ...(right.includes(200) ? [404] : []), ...large];
      expect(expected, answer.slice(0, 200)).toContain(status);
      expect(performance.now() - started).toBeLessThan(2_000);
      if (status !== 200)
        expect(JSON.parse(answer)).toMatchObject({ http_code: status, response_msg: expect.any(String) });
    });
  }

  test('a hundred thousand keys cost no more than their bytes', async () => {
    const keys = Array.from({ length: 100_000 }, (_, key) => `"k${key}":${key}`).join(',');
    const started = performance.now();
    const { status } = await post(endpoints.smsSend, `{"messages":[{"to":"+61411111111","body":"wide",${keys}}]}`);
    expect([200, 413]).toContain(status);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('of a key that comes twice the last counts, and only it', async () => {
    const { data } = await post(
      endpoints.smsSend,
      '{"messages":[{"to":"+61411111111","to":"+61422222222","body":"twice"}]}',
    );
    expect(data.messages.map(({ to }: { to: string }) => to)).toEqual(['+61422222222']);
  });

  test('no name reaches a prototype', async () => {
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
      const poison = `"${name}":{"polluted":1,"prototype":{"polluted":1},"price":0,"body":"x"}`;
      const { status } = await post(
        endpoints.smsSend,
        `{${poison},"messages":[{"to":"+61411111111","body":"poison ${name}",${poison}},{${poison}}]}`,
      );
      expect(status).toBe(200);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((Object as unknown as Record<string, unknown>).polluted).toBeUndefined();
    const { data } = await post(
      endpoints.smsSend,
      '{"messages":[{"__proto__":{"to":"+61411111111","body":"inherited"}}]}',
    );
    expect(data.messages[0].status).toBe('MISSING_REQUIRED_FIELDS');
  });

  test('after all of it the server answers, with no bug and little memory', async () => {
    expect((await ask(house.url, 'GET', '/healthz')).status).toBe(200);
    expect(house.bugs).toEqual([]);
    expect(process.memoryUsage.rss()).toBeLessThan(700 * 1024 * 1024);
  });
});
