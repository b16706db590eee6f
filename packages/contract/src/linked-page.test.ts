import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { verifies } from '../../../test/conformance/promises.ts';
import { linkedPage, makeLinkedPage } from './linked-page.ts';

const url = 'http://127.0.0.1:8080/v3/lists?limit=1';
const made = (total: number, page: number) =>
  linkedPage(z.string()).parse(makeLinkedPage({ total, page, limit: 1, rows: page <= total ? ['x'] : [], url }));
const labels = (total: number, page: number) => made(total, page).links.map(({ label }) => label);

describe('a linked page', () => {
  it(verifies('lists:links', 'names its first and last page, and its path without terms'), () => {
    expect(made(3, 2)).toMatchObject({
      first_page_url: `${url}&page=1`,
      last_page_url: `${url}&page=3`,
      path: 'http://127.0.0.1:8080/v3/lists',
      next_page_url: `${url}&page=3`,
      prev_page_url: `${url}&page=1`,
    });
    expect(made(3, 2).links).toEqual([
      { url: `${url}&page=1`, label: 'Previous', page: 1, active: false },
      { url: `${url}&page=1`, label: '1', page: 1, active: false },
      { url: `${url}&page=2`, label: '2', page: 2, active: true },
      { url: `${url}&page=3`, label: '3', page: 3, active: false },
      { url: `${url}&page=3`, label: 'Next', page: 3, active: false },
    ]);
  });

  it.each([
    [0, 1, ['Previous', '1', 'Next']],
    [2_000, 1, ['Previous', '1', '2', '3', '4', '...', '1999', '2000', 'Next']],
    [
      2_000,
      1_000,
      ['Previous', '1', '2', '...', '997', '998', '999', '1000', '1001', '1002', '1003', '...', '1999', '2000', 'Next'],
    ],
    [3, 9, ['Previous', '1', '2', '3', 'Next']],
  ])(verifies('lists:links', 'of %i on page %i links to %j'), (total, page, expected) => {
    expect(labels(total, page)).toEqual(expected);
  });

  it('leads nowhere before the first page, behind the last, and in a gap', () => {
    const dead = (total: number, page: number) =>
      made(total, page)
        .links.filter((link) => link.url === null)
        .map((link) => [link.label, link.page]);
    expect(dead(1, 1)).toEqual([
      ['Previous', null],
      ['Next', null],
    ]);
    expect(dead(50, 25)).toEqual([
      ['...', null],
      ['...', null],
    ]);
  });
});
