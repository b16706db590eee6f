import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { maskArguments } from './mask-arguments.ts';
import { maskText } from './mask-text.ts';
import { isSecretName } from './secret-names.ts';

const CANARY = 'canary-7f3a9b2c5d1e';
const shown = (value: unknown) => JSON.stringify(maskArguments(value));

describe('names', () => {
  test.each(['password', 'Password', 'api_key', 'apiKey', 'x-api-key', 'APIKEY', 'accessToken', 'refresh_token'])(
    '%s stands before a secret',
    (name) => expect(isSecretName(name)).toBe(true),
  );
  test.each(['client_secret', 'Authorization', 'key', 'privatekey', 'webhook_secret', 'pin', 'Set-Cookie', 'pwd'])(
    '%s stands before a secret',
    (name) => expect(isSecretName(name)).toBe(true),
  );
  test.each(['to', 'body', 'idempotency_key', 'keyword', 'list_id', 'message_search_term', 'custom_1', 'passenger'])(
    '%s does not',
    (name) => expect(isSecretName(name)).toBe(false),
  );
});

describe(verifies('agents:masked', 'secrets are masked'), () => {
  test.each<[string, unknown]>([
    ['by name', { password: CANARY }],
    ['deep inside', { a: [{ b: { c: { client_secret: CANARY } } }] }],
    ['whatever they are', { token: { value: CANARY, more: [CANARY] }, secrets: [CANARY] }],
    ['in pairs of name and value', { headers: [{ name: 'Authorization', value: CANARY }] }],
    ['in the userinfo of a URL', { file_url: `https://user:${CANARY}@files.example/a.csv` }],
    ['in a userinfo with @', { file_url: `https://us@er:${CANARY}@files.example/a.csv` }],
    ['in the query of a URL', { url: `https://files.example/a.csv?x=1&access_token=${CANARY}&y=2` }],
    ['in a query that is encoded', { url: `https://files.example/?api%5Fkey=${CANARY}` }],
    ['in the fragment of a URL', { url: `https://files.example/#token=${CANARY}` }],
    ['in a header inside a text', { body: `curl -H "Authorization: Bearer ${CANARY}"` }],
    ['in Basic', { body: `Basic ${Buffer.from(`user:${CANARY}`).toString('base64')}` }],
    ['in JSON inside a text', { body: JSON.stringify({ api_key: CANARY }) }],
    ['in JSON inside JSON', { body: JSON.stringify(JSON.stringify({ password: CANARY })) }],
    ['in JSON with an escape', { body: JSON.stringify({ password: `a"${CANARY}` }) }],
    ['in prose', { body: `Your password: ${CANARY}` }],
    ['in arguments that are JSON text', JSON.stringify({ password: CANARY })],
    ['in arguments that are broken JSON', `{"password": "${CANARY}"`],
    ['at the end of what is kept of a text', { body: `${'x'.repeat(480)} https://user:${CANARY}@a.example/` }],
  ])('%s', (_, value) => {
    expect(shown(value)).not.toContain(CANARY);
    expect(shown(value)).not.toContain(Buffer.from(`user:${CANARY}`).toString('base64'));
  });

  test('and what is none stays to be read', () => {
    const value = {
      messages: [{ to: '+61411111111', body: 'Bring your keys: the shop at https://a.example/x?page=2 closes.' }],
      idempotency_key: 'order-2207',
      schedule: 1790003600,
      password: null,
    };
    expect(maskArguments(value)).toEqual(value);
    expect(maskArguments({ url: 'https://u:p@a.example/b?token=c&page=2' })).toEqual({
      url: 'https://***@a.example/b?token=***&page=2',
    });
  });
});

describe('long ones', () => {
  test('are cut, and say what they were', () => {
    const masked = maskArguments({ body: '😀'.repeat(400), list: Array.from({ length: 1_000 }, (_, i) => i) });
    expect(masked.body).toBe(`${'😀'.repeat(250)}… (800 characters)`);
    expect((masked.list as unknown[]).length).toBe(21);
    expect((masked.list as unknown[]).at(-1)).toBe('… (1000 in all)');
    expect((maskArguments({ body: `${'x'.repeat(499)}😀` }).body as string).isWellFormed()).toBe(true);
  });

  test(verifies('agents:masked', 'never come to more than 16 kB, however they branch'), () => {
    const wide = (depth: number): unknown =>
      depth === 0
        ? 'ü'.repeat(499)
        : Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`n${i}`, depth > 3 ? 1 : wide(depth - 1)]));
    const messages = Array.from({ length: 1_000 }, () => ({ to: '+61411111111', body: 'y'.repeat(1_500) }));
    for (const value of [wide(3), { messages }, { [`${'n'.repeat(50_000)}`]: 1 }, 'z'.repeat(5_000_000)]) {
      expect(Buffer.byteLength(shown(value))).toBeLessThanOrEqual(16_000);
    }
    expect(shown({ messages })).toContain('1000 in all');
  });

  test('of hostile texts do not take long', () => {
    const hostile = ['a://'.repeat(250_000), `"password":"${'\\'.repeat(1_000_000)}`, 'bearer '.repeat(150_000)];
    const began = performance.now();
    for (const text of [...hostile, '?key='.repeat(200_000), 'key:'.repeat(250_000)]) maskText(text, 500);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('whatever it is given', () => {
  test('it throws nothing, and answers what jsonb takes', () => {
    const round: Record<string, unknown> = {};
    round.self = round;
    const hostile = {
      get body(): string {
        throw new RangeError('no');
      },
    };
    const odd = [
      undefined,
      null,
      1n,
      Number.NaN,
      () => 1,
      Symbol('x'),
      'a\u0000b',
      '\ud800',
      new Date(Number.NaN),
      round,
      hostile,
    ];
    for (const value of [
      ...odd,
      { odd: odd.slice(0, 9) },
      JSON.parse('{"__proto__": {"password": "x"}, "\\u0000": "\\ud800"}'),
    ]) {
      const text = JSON.stringify(maskArguments(value));
      expect(text).not.toContain('\\u0000');
      expect(text).not.toMatch(/\\ud[89a-f]/);
    }
  });

  test('(any JSON)', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const masked = maskArguments(value);
        expect(typeof masked).toBe('object');
        expect(Buffer.byteLength(JSON.stringify(masked))).toBeLessThanOrEqual(16_000);
      }),
    );
  });
});
