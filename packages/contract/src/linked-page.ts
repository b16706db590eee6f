import { z } from 'zod';
import { makePage, type PageParts, page } from './page.ts';

const link = z.object({
  /** Null where it leads nowhere: before the first page, behind the last, and for the gap between numbers. */
  url: z.string().nullable(),
  label: z.string(),
  page: z.int().nullable(),
  active: z.boolean(),
});

type Link = z.output<typeof link>;

/** The schema of a page that also knows its first and last page and links to those around it, as a few of ClickSend's do. */
export function linkedPage<Row extends z.ZodType>(row: Row) {
  return page(row).extend({
    first_page_url: z.string(),
    last_page_url: z.string(),
    path: z.string(),
    links: z.array(link),
  });
}

export function makeLinkedPage<Row>(parts: PageParts<Row>) {
  const made = makePage(parts);
  const urlOf = (number: number): string => {
    const url = new URL(parts.url);
    url.searchParams.set('page', String(number));
    return url.href;
  };
  return {
    ...made,
    first_page_url: urlOf(1),
    last_page_url: urlOf(made.last_page),
    path: parts.url.split('?')[0]!,
    links: linksOf(made, urlOf),
  };
}

/** Numbers at either end, and to either side of the page that is shown; what lies between is one gap. */
const SHOWN_AT_END = 2;
const SHOWN_AROUND = 3;

function linksOf(
  made: { current_page: number; last_page: number; prev_page_url: string | null; next_page_url: string | null },
  urlOf: (number: number) => string,
): Link[] {
  const { current_page: current, last_page: last } = made;
  const links: Link[] = [];
  const numbered = new Set<number>();
  for (let i = 1; i <= SHOWN_AT_END; i++) numbered.add(i).add(last + 1 - i);
  for (let i = current - SHOWN_AROUND; i <= current + SHOWN_AROUND; i++) numbered.add(i);
  let before = 0;
  for (const number of [...numbered].filter((n) => n >= 1 && n <= last).sort((a, b) => a - b)) {
    if (number > before + 1) links.push({ url: null, label: '...', page: null, active: false });
    links.push({ url: urlOf(number), label: String(number), page: number, active: number === current });
    before = number;
  }
  const beside = (label: string, url: string | null, number: number): Link => ({
    url,
    label,
    page: url === null ? null : number,
    active: false,
  });
  return [
    beside('Previous', made.prev_page_url, Math.min(current - 1, last)),
    ...links,
    beside('Next', made.next_page_url, current + 1),
  ];
}
