import { expect, it } from 'vitest';
import { KEPT, Phones } from './phones.ts';

const part = (to: string, body: string, join: { reference: number; number: number; of: number } | null = null) => ({
  messageId: '1',
  from: '+1',
  to,
  body,
  join,
  at: 5_000,
});

it('joins parts in whatever order they come, and keeps texts with the same number of parts apart', () => {
  const phones = new Phones();
  phones.receive(part('+2', 'b', { reference: 7, number: 2, of: 2 }));
  phones.receive(part('+2', 'A', { reference: 8, number: 1, of: 2 }));
  phones.receive(part('+2', 'a', { reference: 7, number: 1, of: 2 }));
  expect(phones.messages('+2').map(({ body, parts }) => [body, parts])).toEqual([['ab', 2]]);
});

it('keeps the newest and forgets the oldest', () => {
  const phones = new Phones();
  phones.receive(part('+1', 'first'));
  for (let i = 0; i < KEPT; i++) phones.receive(part('+2', String(i)));
  expect(phones.list()).toEqual(['+2']);
  phones.receive(part('+3', 'last'));
  expect(phones.messages('+2')).toHaveLength(KEPT - 1);
  expect(phones.messages('+2')[0]!.body).toBe('1');
});
