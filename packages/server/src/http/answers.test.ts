import { answerCodes } from '@veredus/contract/codes';
import { refusalEnvelope } from '@veredus/contract/envelope';
import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { refusalOfReading, refused } from '../accounts/answers.ts';
import { Refusal, type RefusalKind } from '../refusal.ts';
import { asRefusal } from './answers.ts';

/** As ClickSend's v3 contract and our additions to it have them; a kind that is missing here does not compile. */
const EXPECTED: Record<RefusalKind, [status: number, code: string]> = {
  'bad-request': [400, 'BAD_REQUEST'],
  'missing-credentials': [401, 'UNAUTHORIZED'],
  'invalid-credentials': [401, 'UNAUTHORIZED'],
  'account-not-activated': [403, 'FORBIDDEN'],
  'account-banned': [403, 'FORBIDDEN'],
  forbidden: [403, 'FORBIDDEN'],
  'not-found': [404, 'NOT_FOUND'],
  'method-not-allowed': [405, 'NOT_FOUND'],
  'in-progress': [409, 'CONFLICT'],
  'key-reused': [422, 'UNPROCESSABLE'],
  'too-large': [413, 'PAYLOAD_TOO_LARGE'],
  'too-many-recipients': [400, 'TOO_MANY_RECIPIENTS'],
  'insufficient-credit': [400, 'INSUFFICIENT_CREDIT'],
  'too-many-requests': [429, 'TOO_MANY_REQUESTS'],
  'unsupported-media-type': [400, 'BAD_REQUEST'],
  unavailable: [503, 'SERVICE_UNAVAILABLE'],
};
const kinds = Object.keys(EXPECTED) as RefusalKind[];

describe('the table of refusals', () => {
  test.each(kinds)(verifies('wire:errors', '%s has its status, its code and the sentence it was given'), (kind) => {
    const details = { fields: { to: 'to is required.' }, retryAfter: 3 };
    const { status, body, headers } = refused(new Refusal(kind, 'What, where, how to mend.', details), 'r-1');
    const [http_code, response_code] = EXPECTED[kind];
    expect(status).toBe(http_code);
    expect(body).toEqual({
      ...{ http_code, response_code, response_msg: 'What, where, how to mend.' },
      ...{ data: details.fields, request_id: 'r-1' },
    });
    expect(refusalEnvelope.safeParse(body).success).toBe(true);
    expect(headers['retry-after']).toBe('3');
    expect('www-authenticate' in headers).toBe(http_code === 401);
  });

  test(verifies('wire:errors', 'a bug is a 500 that says nothing of what went wrong, but how to report it'), () => {
    expect(asRefusal(new TypeError('secret inner words'))).toBeNull();
    const { status, body } = refused(null, 'r-2');
    expect([status, body.response_code]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
    expect(body.response_msg).toContain('r-2');
  });

  test('what the contract’s reader turns down keeps its code', () => {
    const known = Object.entries(answerCodes).filter(([, { http_code }]) => http_code === 400);
    for (const [code, { response_code }] of known) {
      const refusal = refusalOfReading(code as keyof typeof answerCodes, { to: 'to is wrong.' });
      expect(refused(refusal, 'r-3').body).toMatchObject({ response_code, data: { to: 'to is wrong.' } });
    }
  });
});
