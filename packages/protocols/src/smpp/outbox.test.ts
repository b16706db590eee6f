import { expect, it } from 'vitest';
import { Outbox } from './outbox.ts';

const write = (outbox: Outbox, bytes: number[]) => {
  outbox.room(bytes.length);
  for (const byte of bytes) outbox.octet(byte);
};
const taken = (outbox: Outbox) => [...Buffer.concat(outbox.take())];

it('hands out every byte once, over turns and over blocks', () => {
  const outbox = new Outbox();
  write(outbox, [1, 2]);
  expect(taken(outbox)).toEqual([1, 2]);
  write(outbox, [3]);
  expect(taken(outbox)).toEqual([3]);
  expect(taken(outbox)).toEqual([]);
  for (let i = 0; i < 100; i++) write(outbox, new Array(1_000).fill(i));
  expect(outbox.waiting).toBe(100_000);
  expect(taken(outbox)).toEqual(Array.from({ length: 100_000 }, (_, i) => Math.floor(i / 1_000)));
  write(outbox, [9]);
  expect(taken(outbox)).toEqual([9]);
});
