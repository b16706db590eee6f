import { readFileSync } from 'node:fs';
import { STATUS } from '@veredus/protocols/smpp/status';
import { expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { Refusal } from '../../refusal.ts';
import { answerOf, answerOfFailure, STATUS_ANSWERS } from './answer-codes.ts';

const page = readFileSync(new URL('../../../../../docs/smpp-door.md', import.meta.url), 'utf8');

/** The rows of the page's tables: the code, and what is said of it. */
const rows = new Map(
  [...page.matchAll(/^\| `(ESME_\w+)` \| (.+) \|$/gm)].map(([, code, words]) => [code, words] as const),
);

test.each(Object.entries(STATUS_ANSWERS))(verifies('smpp-door:codes', 'the page tells of %s as %s'), (status, code) => {
  expect(rows.get(code)).toContain(`\`${status}\``);
});

test('the page names no code that there is not', () => {
  for (const code of rows.keys()) expect(STATUS).toHaveProperty(code!);
  expect(rows.size).toBeGreaterThan(12);
});

test('what may have been stored is not asked for again', () => {
  const away = new Refusal('unavailable', 'away');
  expect(answerOfFailure(away, false)).toBe(STATUS.ESME_RMSGQFUL);
  expect(answerOfFailure(away, true)).toBe(STATUS.ESME_RSYSERR);
  expect(answerOfFailure(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), false)).toBe(STATUS.ESME_RMSGQFUL);
  expect(answerOfFailure(new Error('a bug'), false)).toBeNull();
  expect(answerOf(null)).toBe(0);
  expect(answerOf('INVALID_LANG')).toBe(STATUS.ESME_RSUBMITFAIL);
});
