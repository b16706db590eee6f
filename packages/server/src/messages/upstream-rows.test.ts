import { describe, expect, it } from 'vitest';
import { upstreamRows } from './store-settle.ts';

const message = { id: '0199a000-0000-7000-8000-000000000001', accountId: 1 };
const other = { id: '0199a000-0000-7000-8000-000000000002', accountId: 1 };
const rows = (...upstreamIds: (string | null)[]) => upstreamRows([{ message, upstreamIds }]);

describe('where the receipts of a message will be looked for', () => {
  it('is one place per part where the carrier gave each part an id', () => {
    expect(rows('a', 'b')).toEqual([
      { upstreamId: 'a', message, part: 1, of: 2 },
      { upstreamId: 'b', message, part: 2, of: 2 },
    ]);
    expect(rows('a', null, 'c')).toMatchObject([
      { upstreamId: 'a', part: 1, of: 3 },
      { upstreamId: 'c', part: 3, of: 3 },
    ]);
  });

  it('is one place for the whole message where all parts share an id', () => {
    expect(rows('a', 'a', 'a')).toEqual([{ upstreamId: 'a', message, part: 1, of: 1 }]);
  });

  it('belongs to the newest message when an id is used again', () => {
    const both = [
      { message, upstreamIds: ['a'] },
      { message: other, upstreamIds: ['a'] },
    ];
    expect(upstreamRows(both)).toEqual([{ upstreamId: 'a', message: other, part: 1, of: 1 }]);
  });
});
