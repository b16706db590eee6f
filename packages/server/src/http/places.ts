import type { Caller } from '../accounts/caller.ts';
import { Refusal, type RefusalKind } from '../refusal.ts';

/** The most requests of one key at once, at doors for programs. */
export const MOST_OF_KEY = 32;

/** Requests of one key that are under way at once; what is answered gives the place back. */
export function places(most: number, kind: RefusalKind = 'too-many-requests') {
  const open = new Map<string, number>();
  return ({ keyId, userId }: Caller): (() => void) => {
    const key = `${userId} ${keyId}`;
    const own = open.get(key) ?? 0;
    if (own >= most) {
      const words = `This key has ${own} requests under way, the most there can be: wait for their answers.`;
      throw new Refusal(kind, words, { retryAfter: 1 });
    }
    open.set(key, own + 1);
    return () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left === 0) open.delete(key);
      else open.set(key, left);
    };
  };
}
