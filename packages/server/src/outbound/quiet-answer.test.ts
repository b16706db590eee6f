import { describe, expect, test } from 'vitest';
import { WITHHELD } from './hide-credentials.ts';
import { quietAnswer } from './quiet-answer.ts';

const WHO = { username: 'anna@example.com', password: 'pass word/+1' };
const PAIR = Buffer.from('anna@example.com:pass word/+1').toString('base64');

describe('an answer', () => {
  test('that repeats the credentials goes on without them, wherever they stand', () => {
    const envelope = {
      response_msg: `You sent Basic ${PAIR}, that is pass word/+1.`,
      data: [{ 'pass word/+1': null, at: `?key=${encodeURIComponent(WHO.password)}&n=1`, n: 1, yes: true }],
    };
    expect(quietAnswer({ kind: 'answer', status: 500, envelope, replayed: false }, WHO)).toEqual({
      kind: 'answer',
      status: 500,
      envelope: {
        response_msg: 'You sent Basic …, that is ….',
        data: [{ '…': null, at: '?key=…&n=1', n: 1, yes: true }],
      },
      replayed: false,
    });
    expect(quietAnswer({ kind: 'undone', words: 'pass word/+1 is wrong' }, WHO)).toEqual({
      kind: 'undone',
      words: '… is wrong',
    });
  });

  test('is left as it is where it does not', () => {
    const envelope = { response_msg: 'Here is an account.', data: { username: 'anna@example.com', n: [1, null] } };
    const answer = { kind: 'answer', status: 200, envelope, replayed: false } as const;
    expect(quietAnswer(answer, WHO)).toEqual(answer);
  });

  test('says nothing but its code and numbers where the password is too short to be hidden', () => {
    const envelope = { http_code: 403, response_code: 'FORBIDDEN', response_msg: 'No: e.', data: { e: ['see', 1] } };
    const answer = { kind: 'answer', status: 403, envelope, replayed: false } as const;
    expect(quietAnswer(answer, { username: 'b', password: 'e' })).toEqual({
      ...answer,
      envelope: { ...envelope, response_msg: WITHHELD, data: { e: [WITHHELD, 1] } },
    });
  });

  test('keeps the names that every answer has, also where one is the password', () => {
    const envelope = { http_code: 200, response_code: 'SUCCESS', response_msg: 'Here is data.', data: { data: 1 } };
    const answer = { kind: 'answer', status: 200, envelope, replayed: false } as const;
    expect(quietAnswer(answer, { username: 'b', password: 'data' })).toMatchObject({
      envelope: { response_code: 'SUCCESS', response_msg: 'Here is ….', data: { '…': 1 } },
    });
  });
});
