import { describe, expect, it } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { RecentMap } from './recent-map.ts';

describe('RecentMap', () => {
  it('forgets after its time', () => {
    const clock = handClock();
    const map = new RecentMap<number>({ entries: 10, keepMs: 1000 }, clock);
    map.set('a', 1);
    clock.advance(999);
    expect(map.get('a')).toBe(1);
    clock.advance(1);
    expect(map.get('a')).toBeUndefined();
    expect(map.size).toBe(0);
  });

  it('drops the oldest when full, and what a test names', () => {
    const map = new RecentMap<number>({ entries: 3, keepMs: 1000 }, handClock());
    for (const [i, key] of ['a', 'b', 'c', 'a', 'd'].entries()) map.set(key, i);
    expect([map.get('a'), map.get('b'), map.get('c'), map.get('d')]).toEqual([3, undefined, 2, 4]);
    map.drop((value) => value === 3);
    expect(map.get('a')).toBeUndefined();
    expect(map.size).toBe(2);
  });
});
