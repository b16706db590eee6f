import { describe, expect, it } from 'vitest';
import { Backlog } from './backlog.ts';
import type { Claimed } from './store-claims.ts';

const made = (id: number, priority = 0) => ({ id: String(id), priority }) as Claimed;
const drain = (backlog: Backlog) => {
  const ids: string[] = [];
  for (let next = backlog.take(); next; next = backlog.take()) ids.push(next.id);
  return ids;
};

describe('the backlog', () => {
  it('gives first what has the lower priority number, then what came first', () => {
    const backlog = new Backlog();
    backlog.add([made(1, 5), made(2, 0), made(3, 5), made(4, 0)]);
    expect(drain(backlog)).toEqual(['2', '4', '1', '3']);
    expect(backlog.count).toBe(0);
  });

  it('keeps the order of what is put back', () => {
    const backlog = new Backlog();
    backlog.add([made(1), made(2), made(3)]);
    backlog.putBack([backlog.take()!, backlog.take()!]);
    expect(backlog.count).toBe(3);
    expect(drain(backlog)).toEqual(['1', '2', '3']);
  });

  it('stays in order over many thousands', () => {
    const backlog = new Backlog();
    const out: string[] = [];
    for (let i = 0; i < 10_000; i++) {
      backlog.add([made(i)]);
      if (i % 3 === 2) out.push(backlog.take()!.id);
    }
    expect([...out, ...drain(backlog)]).toEqual(Array.from({ length: 10_000 }, (_, i) => String(i)));
  });
});
