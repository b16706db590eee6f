import { describe, expect, it, test } from 'vitest';
import { emailIn, nameIn } from './read-person.ts';

describe('the email address in a text', () => {
  test.each([
    ['ana@rye.example', 'ana@rye.example'],
    ['Mail <ana@rye.example>, please.', 'ana@rye.example'],
    ['(ana+rye@rye.example.)', 'ana+rye@rye.example'],
    ['mailto:ana@rye.example!', 'ana@rye.example'],
    ['@ana or ana@ or a@b or bea@rye.example or ana@rye.example', 'bea@rye.example'],
    ['josé@señal.example', 'josé@señal.example'],
    ['a@@b.example', null],
    ['no address at all', null],
    ['', null],
  ])('%j: %j', (text, address) => {
    expect(emailIn(text)).toBe(address);
  });
});

describe('the name in a text', () => {
  test.each([
    ['JOIN Ana Lopez', 'join', 'Ana', 'Lopez'],
    ['join: Ana  López-Díaz.', 'join', 'Ana', 'López-Díaz'],
    ['Please join Ana O\u2019Brien!', 'JOIN', 'Ana', 'O\u2019Brien'],
    ['join Ana M. Lopez, ana@rye.example', 'join', 'Ana', 'M. Lopez'],
    ['join ana@rye.example Ana', 'join', 'Ana', null],
    ['join 24 Ana \ud83c\udf5e 7', 'join', 'Ana', null],
    ['join', 'join', null, null],
    ['join \ud83c\udf5e 123 --', 'join', null, null],
    ['Ana Lopez', null, 'Ana', 'Lopez'],
    ['\u738b\u5c0f\u660e', null, '\u738b\u5c0f\u660e', null],
    ['join \u0645\u0631\u064a\u0645 \u062d\u0633\u0646', 'join', '\u0645\u0631\u064a\u0645', '\u062d\u0633\u0646'],
  ])('%j after %j: %j %j', (body, term, first, last) => {
    expect(nameIn(body, term)).toEqual({ first, last });
  });
});

it('is bounded, however long the text', () => {
  const started = performance.now();
  const long = `join ${'a'.repeat(200)} ${'b'.repeat(200)} ${'b@'.repeat(50_000)} ${'c. '.repeat(20_000)}`;
  expect(emailIn(long)).toBeNull();
  const { first, last } = nameIn(long, 'join');
  expect([first, last].map((name) => [...(name ?? '')].length)).toEqual([100, 100]);
  expect(performance.now() - started).toBeLessThan(1_000);
});

test.each([
  ['-', ''],
  ['-', 'x'],
  ['-@', 'x'],
  ['.', '@'],
])('a machine that writes %j again and again, then %j, keeps nobody waiting', (piece, end) => {
  const body = `join ${piece.repeat(39_000 / piece.length)}${end}`;
  const started = performance.now();
  nameIn(body, 'join');
  emailIn(body);
  // Measured: 10 ms. A pattern that looks from every place takes a second and more.
  expect(performance.now() - started).toBeLessThan(250);
});
