import { expect, test } from 'vitest';
import { systemRandom } from '../system.ts';
import { CODE_LENGTH, isCode, linkText, newCode } from './codes.ts';

test('a code is eight letters and digits, each as likely as any other', () => {
  const counts = new Map<string, number>();
  const codes = new Set<string>();
  for (let i = 0; i < 31_000; i++) {
    const code = newCode(systemRandom);
    expect(isCode(code)).toBe(true);
    codes.add(code);
    for (const letter of code) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect(codes.size).toBe(31_000);
  expect(counts.size).toBe(62);
  // 4,000 of each are expected, with a deviation of 63: six of them is one failure in 10^7 runs.
  for (const [letter, count] of counts) expect(Math.abs(count - 4_000), letter).toBeLessThan(380);
});

test('bytes that would favour a letter are not used', () => {
  const drawn = [new Uint8Array(16).fill(255), Uint8Array.from({ length: 16 }, (_, i) => (i % 2 ? 248 : i))];
  const random = { next: () => 0, bytes: () => drawn.shift() ?? new Uint8Array(16).fill(61) };
  expect(newCode(random)).toBe('02468ACE');
});

test.each(['', 'abc', 'abcdefghi', 'abcdefg-', 'abcdefg ', 'abcdefgé', '../../..', 'abcdefg\n'])(
  '%j is no code',
  (text) => {
    expect(isCode(text)).toBe(false);
  },
);

test('stands in a message short, and of one length for one base', () => {
  expect(linkText('https://acme.link', 'Ab3dE9xQ')).toBe('acme.link/Ab3dE9xQ');
  expect(linkText('https://acme.link/', 'Ab3dE9xQ')).toBe('acme.link/Ab3dE9xQ');
  expect(linkText('https://sms.example.test/s', 'Ab3dE9xQ')).toBe('sms.example.test/s/Ab3dE9xQ');
  expect(linkText('http://localhost:8080/s', 'Ab3dE9xQ')).toBe('http://localhost:8080/s/Ab3dE9xQ');
  expect(newCode(systemRandom)).toHaveLength(CODE_LENGTH);
});
