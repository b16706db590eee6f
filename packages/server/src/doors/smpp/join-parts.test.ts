import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherTexts, joinParts } from './join-parts.ts';

const part = (number: number, body: string) => ({ number, body });

describe('joining parts', () => {
  it('waits for all of them', () => {
    expect(joinParts([part(1, 'a'), part(3, 'c')], 3)).toBeNull();
  });

  it('puts them in order, whatever order they came in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 2, maxLength: 20 }).chain((bodies) =>
          fc.tuple(
            fc.constant(bodies),
            fc.shuffledSubarray(
              bodies.map((body, i) => part(i + 1, body)),
              { minLength: bodies.length },
            ),
          ),
        ),
        ([bodies, parts]) => {
          const joined = joinParts(parts, bodies.length)!;
          expect(joined.body).toBe(bodies.join(''));
          expect(joined.used).toHaveLength(bodies.length);
          expect(joined.superseded).toEqual([]);
        },
      ),
    );
  });

  it('takes the later of two that differ, and both of two that are alike', () => {
    const old = part(1, 'old ');
    const again = part(2, 'text');
    const joined = joinParts([old, part(2, 'text'), again, part(1, 'new ')], 2)!;
    expect(joined.body).toBe('new text');
    expect(joined.superseded).toEqual([old]);
    expect(joined.used).toContain(again);
  });

  it('tells one text from the next under the same reference', () => {
    const { whole, rest } = gatherTexts([part(1, 'a'), part(2, 'b'), part(2, 'd'), part(1, 'c'), part(1, 'e')], 2);
    expect(whole.map(({ body }) => body)).toEqual(['ab', 'cd']);
    expect(rest).toEqual([part(1, 'e')]);
  });
});
