import { describe, expect, it } from 'vitest';
import type { Outgoing } from '../../messages/carrier.ts';
import type { Answer } from './calls.ts';
import { judge } from './verdicts.ts';

const NOW = Date.UTC(2026, 0, 1);
const message = (n: number, parts = 1): Outgoing => ({
  id: `0199a000-0000-7000-8000-00000000000${n}`,
  recipient: '+61411111111',
  sender: '',
  body: 'Hi',
  parts,
  validUntil: NOW + 60_000,
});
const both = [message(1), message(2, 3)];
const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  kind: 'answer',
  status,
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const said = (code: string, data: unknown = null) => ({
  http_code: 0,
  response_code: code,
  response_msg: 'Why.',
  data,
});
const items = (...messages: unknown[]) => answer(200, said('SUCCESS', { messages }));
const kinds = (given: Answer) => judge(given, both, NOW).outcomes.map(({ kind }) => kind);
const single = (status: unknown) =>
  judge(items({ custom_string: both[0]!.id, status, message_id: 'A-1' }), [both[0]!], NOW).outcomes[0];

describe('what becomes of the messages of a call', () => {
  it('takes one id for a whole message, whatever its parts', () => {
    const given = items(
      { custom_string: both[1]!.id.toUpperCase(), status: 'SUCCESS', message_id: 'B-2' },
      { custom_string: both[0]!.id, status: 'SUCCESS', message_id: 'A-1' },
    );
    expect(judge(given, both, NOW)).toEqual({
      outcomes: [
        { kind: 'accepted', id: both[0]!.id, upstreamIds: ['A-1'] },
        { kind: 'accepted', id: both[1]!.id, upstreamIds: ['B-2', 'B-2', 'B-2'] },
      ],
      split: [],
      trouble: null,
    });
  });

  it.each([
    'INVALID_RECIPIENT',
    'INVALID_SENDER_ID',
    'COUNTRY_NOT_ENABLED',
    'REGISTRATION_NEEDED',
    'EMPTY_MESSAGE',
    'SOMETHING_IS_WRONG',
    'A_CODE_OF_TOMORROW',
  ])('refuses for good on %s', (code) => {
    expect(single(code)).toMatchObject({ kind: 'refused', code });
  });

  it.each([
    ['THROTTLED', 30_000],
    ['INSUFFICIENT_CREDIT', 900_000],
    ['ACCOUNT_NOT_ACTIVATED', 900_000],
    ['INVALID_CREDENTIALS', 900_000],
  ])('puts off on %s', (code, afterMs) => {
    expect(single(code)).toMatchObject({ kind: 'deferred', code, afterMs });
  });

  it('does not know where a single status is no verdict', () => {
    for (const status of ['INTERNAL_ERROR', '', null, 7, {}, '<html>', '__proto__']) {
      expect(single(status), String(status)).toMatchObject({ kind: 'unknown' });
    }
    const noId = items({ custom_string: both[0]!.id, status: 'SUCCESS' });
    expect(judge(noId, both, NOW).outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
  });

  it('believes a SUCCESS where the same message is answered twice', () => {
    const taken = { custom_string: both[0]!.id, status: 'SUCCESS', message_id: 'A-1' };
    const refused = { custom_string: both[0]!.id, status: 'INVALID_RECIPIENT', message_id: 'A-2' };
    for (const given of [items(taken, refused), items(refused, taken)]) expect(kinds(given)[0]).toBe('accepted');
  });

  it.each([200, 201])('does not know where a %i is unreadable', (status) => {
    for (const body of [
      '',
      'not json',
      '[]',
      'null',
      '{}',
      said('SUCCESS'),
      said('SUCCESS', { messages: {} }),
      said('FAILED'),
    ]) {
      const verdict = judge(answer(status, body), both, NOW);
      expect(verdict.outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
      expect(verdict.trouble).not.toBeNull();
    }
    const packed = answer(status, said('SUCCESS', { messages: [] }), { 'content-encoding': 'gzip' });
    expect(kinds(packed)).toEqual(['unknown', 'unknown']);
  });

  it.each([500, 502, 503, 504, 408, 409, 302, 303])('does not know after %i', (status) => {
    expect(kinds(answer(status, said('INTERNAL_SERVER_ERROR')))).toEqual(['unknown', 'unknown']);
  });

  it.each([401, 403, 404, 405, 307, 308])('knows that nothing was taken after %i', (status) => {
    const verdict = judge(answer(status, said('UNAUTHORIZED')), both, NOW);
    expect(verdict.outcomes.map(({ kind }) => kind)).toEqual(['unsent', 'unsent']);
    expect(verdict.trouble?.why).toContain(`${status} UNAUTHORIZED: Why.`);
  });

  it('tells bytes that left from bytes that did not', () => {
    expect(kinds({ kind: 'unwritten', words: 'no such host' })).toEqual(['unsent', 'unsent']);
    expect(kinds({ kind: 'cut', words: 'reset' })).toEqual(['unknown', 'unknown']);
  });

  it.each([
    [{ 'retry-after': '120' }, 120_000],
    [{ 'retry-after': new Date(NOW + 90_000).toUTCString() }, 90_000],
    [{ 'retry-after': '9999999' }, 3_600_000],
    [{ 'retry-after': new Date(NOW - 90_000).toUTCString() }, 0],
    [{ 'retry-after': 'soon' }, 30_000],
    [{}, 30_000],
  ])('waits after 429 as %j asks', (headers, afterMs) => {
    const verdict = judge(answer(429, said('TOO_MANY_REQUESTS'), headers as Record<string, string>), both, NOW);
    expect(verdict.outcomes[1]).toMatchObject({ kind: 'deferred', code: 'TOO_MANY_REQUESTS', afterMs });
    expect(verdict.trouble).toMatchObject({ restMs: afterMs });
  });

  it.each([400, 413, 422])('halves a call refused whole by %i, and refuses the one that stands alone', (status) => {
    const given = answer(status, said('BAD_REQUEST'));
    expect(judge(given, both, NOW)).toEqual({ outcomes: [], split: both, trouble: null });
    expect(judge(given, [both[0]!], NOW).outcomes).toEqual([
      { kind: 'refused', id: both[0]!.id, code: 'BAD_REQUEST', words: 'Why.' },
    ]);
  });
});
