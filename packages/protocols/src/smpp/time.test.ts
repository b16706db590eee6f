import { expect, it, test } from 'vitest';
import { readTime, relativeTime } from './time.ts';

const NOW = Date.UTC(2026, 0, 31, 10, 20, 30, 500);

const read: [text: string, when: string][] = [
  ['000000000130000R', '2026-01-31T10:22:00.500Z'],
  ['000001000000000R', '2026-02-01T10:20:30.500Z'],
  ['010000000000000R', '2027-01-31T10:20:30.500Z'],
  ['000100000000000R', '2026-03-03T10:20:30.500Z'],
  ['260201000000000+', '2026-02-01T00:00:00.000Z'],
  ['260201000000540+', '2026-01-31T14:00:00.500Z'],
  ['260201000000020-', '2026-02-01T05:00:00.000Z'],
];

test.each(read)('%s is %s', (text, when) => {
  expect(new Date(readTime(text, NOW) ?? Number.NaN).toISOString()).toBe(when);
});

test.each([
  '',
  'now',
  '0000000130000R',
  '260230000000000+',
  '260201250000000+',
  '261301000000000+',
  '260001000000000+',
  '260201000060000+',
  '260201000000049+',
  '260201000000000R1',
  '260201000000000Z',
])('%j is no time', (text) => {
  expect(readTime(text, NOW)).toBeNull();
});

it('reads the spans it writes', () => {
  for (const span of [1_000, 61_000, 3_600_000, 90_061_000]) {
    expect(readTime(relativeTime(span), NOW)).toBe(NOW + span);
  }
});
