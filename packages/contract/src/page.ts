import { z } from 'zod';

/** One page of a list, as `data` of the envelope. */
export interface Page<Row> {
  total: number;
  per_page: number;
  current_page: number;
  last_page: number;
  /** Absolute; null on the last page. */
  next_page_url: string | null;
  prev_page_url: string | null;
  /** Number of this page's first row, counted from 1; null when the page is empty. */
  from: number | null;
  to: number | null;
  data: Row[];
}

/** The schema of a page of such rows. */
export function page<Row extends z.ZodType>(row: Row) {
  return z.object({
    total: z.int().min(0),
    per_page: z.int().min(1),
    current_page: z.int().min(1),
    last_page: z.int().min(1),
    next_page_url: z.string().nullable(),
    prev_page_url: z.string().nullable(),
    from: z.int().nullable(),
    to: z.int().nullable(),
    data: z.array(row),
  });
}

export interface PageParts<Row> {
  /** Rows there are in all. */
  total: number;
  /** Counted from 1; may lie behind the last page, which answers an empty one. */
  page: number;
  limit: number;
  rows: Row[];
  /** The absolute URL of this call, as the caller can reach it; its other query terms go on to the next page. */
  url: string;
}

/** Builds a page around its rows. An empty list still has one (empty) page. */
export function makePage<Row>({ total, page, limit, rows, url }: PageParts<Row>): Page<Row> {
  const lastPage = Math.max(1, Math.ceil(total / limit));
  const from = (page - 1) * limit + 1;
  return {
    total,
    per_page: limit,
    current_page: page,
    last_page: lastPage,
    next_page_url: page < lastPage ? urlOfPage(url, page + 1) : null,
    prev_page_url: page > 1 ? urlOfPage(url, Math.min(page - 1, lastPage)) : null,
    from: rows.length > 0 ? from : null,
    to: rows.length > 0 ? from + rows.length - 1 : null,
    data: rows,
  };
}

function urlOfPage(url: string, number: number): string {
  const other = new URL(url);
  other.searchParams.set('page', String(number));
  return other.href;
}
