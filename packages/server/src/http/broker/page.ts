import { fault, type Query } from './query.ts';

const MOST = 1_000;
const FARTHEST = 1_000_000;

export interface Page {
  skip: number;
  limit: number;
}

/** Which part of a list is asked for. Clients ask for 9,999 at once: they get what there can be, and are never refused for it. */
export function pageOf(query: Query, usual = MOST): Page {
  const cursor = query.text('cursor');
  const from = cursor === null ? null : readCursor(cursor);
  const asked = query.number('limit') ?? from?.limit ?? usual;
  return { skip: from?.skip ?? 0, limit: Math.min(MOST, Math.max(1, asked)) };
}

/** A list as brokers answer it. */
export function listed(items: readonly unknown[], total: number, { skip, limit }: Page) {
  const next = skip + items.length;
  return {
    items,
    total_items: total,
    total_pages: Math.ceil(total / limit),
    current_page: Math.floor(skip / limit) + 1,
    next_cursor: items.length > 0 && next < total ? writeCursor({ skip: next, limit }) : null,
  };
}

/** The same of a list that is held whole. */
export function listedOf<T>(all: readonly T[], page: Page, show: (one: T) => unknown) {
  return listed(all.slice(page.skip, page.skip + page.limit).map(show), all.length, page);
}

/** It says where to go on and nothing else, so that a forged one opens nothing. */
export const writeCursor = ({ skip, limit }: Page): string => Buffer.from(`${skip}.${limit}`).toString('base64url');

export function readCursor(cursor: string): Page {
  const parts = /^(\d{1,7})\.(\d{1,4})$/.exec(Buffer.from(cursor.slice(0, 40), 'base64url').toString('latin1'));
  if (parts === null || Number(parts[1]) > FARTHEST) {
    throw fault('cursor', 'must be the next_cursor of an earlier answer, or be left out.');
  }
  return { skip: Number(parts[1]), limit: Number(parts[2]) };
}
