import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makePage, page } from './page.ts';

const url = 'http://127.0.0.1:8080/v3/sms/history?q=to%3A%2B61411111111&limit=2&page=2';

describe('makePage', () => {
  it('numbers the rows of a page in the middle and links its neighbours with the other terms kept', () => {
    expect(makePage({ total: 5, page: 2, limit: 2, rows: ['c', 'd'], url })).toEqual({
      total: 5,
      per_page: 2,
      current_page: 2,
      last_page: 3,
      next_page_url: 'http://127.0.0.1:8080/v3/sms/history?q=to%3A%2B61411111111&limit=2&page=3',
      prev_page_url: 'http://127.0.0.1:8080/v3/sms/history?q=to%3A%2B61411111111&limit=2&page=1',
      from: 3,
      to: 4,
      data: ['c', 'd'],
    });
  });

  it.each([
    ['first', 1, 2, 1, true, false],
    ['last', 3, 1, 5, false, true],
  ])('links the %s page one way', (_, number, count, from, next, previous) => {
    const made = makePage({ total: 5, page: number, limit: 2, rows: Array(count).fill('row'), url });
    expect(made).toMatchObject({ from, to: from + count - 1 });
    expect([made.next_page_url !== null, made.prev_page_url !== null]).toEqual([next, previous]);
  });

  it('has one empty page when there are no rows', () => {
    expect(makePage({ total: 0, page: 1, limit: 15, rows: [], url })).toMatchObject({
      last_page: 1,
      next_page_url: null,
      prev_page_url: null,
      from: null,
      to: null,
    });
  });

  it('leads back from behind the end to the last page', () => {
    const made = makePage({ total: 5, page: 9, limit: 2, rows: [], url });
    expect(made).toMatchObject({ current_page: 9, from: null, next_page_url: null });
    expect(made.prev_page_url).toContain('page=3');
  });

  it('makes what its schema takes', () => {
    const made = makePage({ total: 1, page: 1, limit: 15, rows: [7], url });
    expect(page(z.int()).parse(made)).toEqual(made);
  });
});
