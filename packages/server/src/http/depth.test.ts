import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import type { Authentication } from '../accounts/authenticate.ts';
import type { Call, Handlers } from '../accounts/call.ts';
import { addEndpoints, openApp } from './app.ts';

let app: FastifyInstance;
const depths: number[] = [];
beforeAll(() => {
  app = openApp({ newId: () => 'r', trustProxy: [], log: () => {} });
  const handlers = new Proxy({} as Handlers, {
    get: () => (call: Call<never>) => {
      depths.push(call.depth);
      return { data: [] };
    },
  });
  addEndpoints(app, { authenticate: () => ({ accountId: 1, scopes: ['*'] }) } as unknown as Authentication, handlers);
});
afterAll(() => app.close());

const ask = async (depth?: string) => {
  depths.length = 0;
  const headers = depth === undefined ? {} : { 'veredus-depth': depth };
  const { statusCode, body } = await app.inject({ method: 'GET', url: '/v3/countries', headers });
  return { statusCode, depths: [...depths], words: JSON.parse(body).response_msg as string };
};

test.each([
  [undefined, 0],
  ['0', 0],
  ['1', 1],
  ['2', 2],
])(verifies('webhooks:depth', 'a call of depth %j is answered'), async (text, depth) => {
  expect(await ask(text)).toMatchObject({ statusCode: 200, depths: [depth] });
});

test.each(['3', '4', '99', '000003', '999999999'])(
  verifies('webhooks:depth', 'fault:F41', 'a call of depth %j is refused before anything is done'),
  async (text) => {
    const answer = await ask(text);
    expect(answer).toMatchObject({ statusCode: 403, depths: [] });
    expect(answer.words).toContain('leads back here');
  },
);

test.each(['-1', 'x', '1, 2', '', '1.5', '9999999999'])('a depth of %j is told to be none', async (text) => {
  expect(await ask(text)).toMatchObject({ statusCode: 400, depths: [] });
});
