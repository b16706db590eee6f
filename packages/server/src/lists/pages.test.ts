import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addContacts, BASE, generateContacts, listCalls } from '../../../../test/rig/lists.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccountClient, type Runner } from '../db/runner.ts';
import { withClient } from '../db/with-client.ts';
import { countUpdated, findAt, findBeside, type Listed } from './store-pages.ts';

const MANY = 200_000;

let own: TestDatabase;
let caller: Caller;
let calls: ReturnType<typeof listCalls>;
let large: number;
const clock = handClock();

beforeAll(async () => {
  own = await openTestDatabase();
  caller = await openAccount(own.db);
  calls = listCalls(own.db, clock);
  large = await makeList();
  const other = await makeList();
  await generateContacts(own.db, caller, large, MANY);
  await generateContacts(own.db, caller, other, 20_000);
  await own.db.enginePool.query(
    'update contacts set updated_at = created_at * 10 where list_id = $1 and created_at <= 50',
    [large],
  );

  await withClient(own.url, (client) => client.query('vacuum analyze contacts'));
}, 60_000);
afterAll(() => own.close());

interface Shown {
  contact_id: number;
  first_name: string;
  date_updated: number;
}
interface Page {
  total: number;
  current_page: number;
  last_page: number;
  from: number | null;
  to: number | null;
  next_page_url: string | null;
  prev_page_url: string | null;
  data: Shown[];
}
const makeList = async (): Promise<number> =>
  (await calls.call('listCreate', caller, { body: { list_name: 'Many' } })).list_id;
const pageOf = (listId: number, query: Record<string, string> = {}): Promise<Page> =>
  calls.call('contacts', caller, { params: { list_id: listId }, query });
function follow(listId: number, url: string | null): Promise<Page> {
  expect(url).toContain(`${BASE}/v3/lists/${listId}/contacts?`);
  return pageOf(listId, Object.fromEntries(new URL(url!).searchParams));
}
const names = (page: Page) => page.data.map((contact) => contact.first_name);

describe('a page of contacts', () => {
  test(verifies('contacts:pages', 'is followed by its links from the first to the last and back'), async () => {
    const listId = await makeList();
    await addContacts(
      own.db,
      caller,
      listId,
      Array.from({ length: 8 }, (_, i) => ({ email: 'a@b.example', first_name: `${i}` })),
    );
    let page = await pageOf(listId, { limit: '3' });
    expect(page).toMatchObject({ total: 8, current_page: 1, last_page: 3, from: 1, to: 3, prev_page_url: null });
    const seen = [names(page)];
    for (const expected of [
      { current_page: 2, from: 4, to: 6 },
      { current_page: 3, from: 7, to: 8 },
    ]) {
      page = await follow(listId, page.next_page_url);
      expect(page).toMatchObject(expected);
      seen.push(names(page));
    }
    expect(seen).toEqual([
      ['0', '1', '2'],
      ['3', '4', '5'],
      ['6', '7'],
    ]);
    expect(page.next_page_url).toBeNull();
    page = await follow(listId, page.prev_page_url);
    expect([page.current_page, names(page)]).toEqual([2, ['3', '4', '5']]);
    page = await follow(listId, page.prev_page_url);
    expect([page.current_page, names(page), page.prev_page_url]).toEqual([1, ['0', '1', '2'], null]);
  });

  test(verifies('contacts:pages', 'loses and doubles nobody while contacts come and go'), async () => {
    const listId = await makeList();
    const ids = await addContacts(
      own.db,
      caller,
      listId,
      Array.from({ length: 6 }, () => ({ email: 'a@b.example' })),
    );
    const first = await pageOf(listId, { limit: '2' });
    for (const id of ids.slice(0, 2))
      await calls.call('contactDelete', caller, { params: { list_id: listId, contact_id: id } });
    const second = await follow(listId, first.next_page_url);
    expect(second.data.map((contact) => contact.contact_id)).toEqual(ids.slice(2, 4));
    await addContacts(own.db, caller, listId, [{ email: 'a@b.example' }]);
    const third = await follow(listId, second.next_page_url);
    expect(third.data.map((contact) => contact.contact_id)).toEqual(ids.slice(4));
    expect(third.next_page_url).not.toBeNull();
    expect((await follow(listId, third.next_page_url)).data).toHaveLength(1);
  });

  test.each([
    [1, 1],
    [2, 101],
    [1_000, 99_901],
    [1_001, 100_001],
    [1_999, 199_801],
    [2_000, 199_901],
  ])(verifies('contacts:pages', 'can be asked for by its number: %i begins with Person %i'), async (number, first) => {
    const page = await pageOf(large, { limit: '100', page: String(number) });
    expect(page).toMatchObject({ total: MANY, last_page: 2_000, from: first, to: first + 99 });
    expect(names(page)).toEqual(Array.from({ length: 100 }, (_, i) => `Person ${first + i}`));
    const isLast = number === 2_000;
    expect([page.next_page_url === null, page.prev_page_url === null]).toEqual([isLast, number === 1]);
    if (!isLast) expect(names(await follow(large, page.next_page_url))[0]).toBe(`Person ${first + 100}`);
    if (number > 1) expect(names(await follow(large, page.prev_page_url))[0]).toBe(`Person ${first - 100}`);
  });

  test('behind the last is empty and links back', async () => {
    const page = await pageOf(large, { limit: '100', page: '2001' });
    expect(page).toMatchObject({ data: [], from: null, to: null, next_page_url: null });
    expect(page.prev_page_url).toContain('page=2000');
  });

  test.each<Record<string, string>>([
    { after: 'x' },
    { after: '1-1' },
    { before: '1; drop' },
    { updated_after: '5', after: '7' },
    { updated_after: 'x' },
  ])('from %j is refused', async (query) => {
    await expect(pageOf(large, query)).rejects.toMatchObject({
      fields: { [Object.keys(query).at(-1)!]: expect.any(String) },
    });
  });
});

describe('with updated_after', () => {
  test(verifies('contacts:updated-after', 'lists what has changed since, in the order of the changes'), async () => {
    const listId = await makeList();
    const ids = await addContacts(
      own.db,
      caller,
      listId,
      Array.from({ length: 5 }, (_, i) => ({ email: 'a@b.example', first_name: `${i}` })),
    );
    const since = Math.floor(clock.now() / 1000);
    for (const i of [3, 0, 4]) {
      clock.advance(1_500);
      await calls.call('contactUpdate', caller, {
        params: { list_id: listId, contact_id: ids[i] },
        body: { last_name: 'x' },
      });
    }
    const page = await pageOf(listId, { updated_after: String(since), limit: '2' });
    expect([page.total, names(page)]).toEqual([3, ['3', '0']]);
    expect(page.next_page_url).toContain(`updated_after=${since}`);
    const rest = await follow(listId, page.next_page_url);
    expect([names(rest), rest.next_page_url]).toEqual([['4'], null]);
    expect(names(await follow(listId, rest.prev_page_url))).toEqual(['3', '0']);
    // Who goes on from the newest change he saw misses none of that very second.
    expect(names(await pageOf(listId, { updated_after: String(rest.data[0]!.date_updated) }))).toEqual(['4']);
    expect((await pageOf(listId, { updated_after: String(since + 60) })).total).toBe(0);
  });

  test(verifies('contacts:updated-after', 'goes on by its links behind what is counted'), async () => {
    const last = await pageOf(large, { updated_after: '0', limit: '100', page: '1000' });
    expect([last.total, last.data.length]).toEqual([100_000, 100]);
    expect(last.next_page_url).not.toBeNull();
    const next = await follow(large, last.next_page_url);
    expect(next).toMatchObject({ current_page: 1_001, from: 100_001 });
    expect(next.data).toHaveLength(100);
  });
});

describe('what a page costs', () => {
  const listed = (): Listed => ({ accountId: caller.accountId, listId: large, updatedAfter: null });

  /** Rows that the scans of a statement touched, by its plan as it ran. */
  async function rowsTouched(work: (run: Runner) => Promise<unknown>): Promise<{ touched: number; scans: string[] }> {
    return asAccountClient(own.db, caller.accountId, async (client) => {
      let touched = 0;
      const scans: string[] = [];
      const explain = async (query: { text: string; values: unknown[] }) => {
        const { rows } = await client.query(`explain (analyze, format json) ${query.text}`, query.values);
        walk(rows[0]['QUERY PLAN'][0].Plan);
        return client.query(query.text, query.values);
      };
      const walk = (node: Plan) => {
        if (node['Node Type'].includes('Scan')) {
          scans.push(node['Node Type']);
          touched += (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
        }
        for (const child of node.Plans ?? []) walk(child);
      };
      await work({ query: explain } as unknown as Runner);
      return { touched, scans };
    });
  }
  interface Plan {
    'Node Type': string;
    'Actual Rows': number;
    'Actual Loops': number;
    'Rows Removed by Filter'?: number;
    Plans?: Plan[];
  }

  test.each([
    ['in the middle', false, 100_000],
    ['in the middle, backwards', true, 100_000],
    ['near the end', false, 199_000],
  ])(verifies('contacts:pages', 'by a link %s is its own rows'), async (_, backwards, place) => {
    const first = (await pageOf(large, { limit: '1' })).data[0]!.contact_id;
    const beside = { contactId: first + place, updatedAt: null };
    const { touched, scans } = await rowsTouched((run) => findBeside(run, listed(), beside, { count: 101, backwards }));
    expect(touched).toBeLessThanOrEqual(101);
    for (const scan of scans) expect(scan).toMatch(/^Index/);
    const changes = { ...listed(), updatedAfter: 5 };
    const change = { contactId: first + place, updatedAt: place };
    const updated = await rowsTouched((run) => findBeside(run, changes, change, { count: 101, backwards }));
    expect(updated.touched).toBeLessThanOrEqual(101);
    for (const scan of updated.scans) expect(scan).toMatch(/^Index/);
  });

  test(verifies('contacts:pages', 'by number at either end is its own rows'), async () => {
    for (const backwards of [false, true]) {
      const { touched, scans } = await rowsTouched((run) => findAt(run, listed(), { skip: 0, count: 100, backwards }));
      expect(touched).toBeLessThanOrEqual(101);
      for (const scan of scans) expect(scan).toMatch(/^Index/);
    }
  });

  test(verifies('contacts:updated-after', 'the count ends at its limit, on the index alone'), async () => {
    const changes = { ...listed(), updatedAfter: 0 };
    const { touched, scans } = await rowsTouched((run) => countUpdated(run, changes, 1_000));
    expect(touched).toBeLessThanOrEqual(2_000);
    expect(scans.filter((scan) => scan !== 'Subquery Scan')).toEqual(['Index Only Scan']);
  });
});
