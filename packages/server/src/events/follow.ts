import type { Clock } from '@veredus/protocols/clock';
import type { Pool } from '../db/transaction.ts';
import { gate } from '../gate.ts';
import { type Cursor, writeCursor } from './cursor.ts';
import { placesWithNews, type Watched } from './store.ts';

/** What a follower is given, and where it then is. */
export interface Followed {
  readonly next: Cursor;
  /** There is more to read at once. */
  readonly more: boolean;
}

export interface FollowParts<Page extends Followed> {
  /** The engine's: it is asked for all accounts at once whether anything happened. */
  pool: Pool;
  clock: Clock;
  log(event: string, facts: Record<string, unknown>): void;
  /** A page behind a place. Followers of one account at one place, with one choice of kinds, share it. */
  read(accountId: number, from: { cursor: Cursor; kinds: readonly string[] | null }): Promise<Page>;
}

/** Somebody who wants to hear of everything behind his place. */
export interface Follower<Page> {
  readonly accountId: number;
  readonly kinds: readonly string[] | null;
  /** Moved on with each page. */
  cursor: Cursor;
  /** Takes a page; the next is read when it has been taken, so that a slow one holds up himself and nothing is heaped up. */
  take(page: Page): Promise<void>;
}

export interface Following<Page> {
  /** From its place on; the answer ends it. */
  follow(follower: Follower<Page>): () => void;
  /** Nobody is given anything any more. Waits for what is being read. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 250;
/** Each holds one of the connections that requests use as well. */
const READS_AT_ONCE = 4;
/** After a failure, e.g. while the database is away. */
const REST_MS = 2_000;

/** Looks for news of all followers in one statement, four times a second while there are any; reads only where there is some. */
export function followEvents<Page extends Followed>(parts: FollowParts<Page>): Following<Page> {
  const { clock, pool } = parts;
  const idle = new Set<Follower<Page>>();
  const busy = new Set<Follower<Page>>();
  const work = new Set<Promise<void>>();
  const readOnce = sharedReads(parts);
  let cancel: (() => void) | null = null;
  let restUntil = 0;
  let stopped = false;

  const failed = (error: unknown) => {
    if (clock.monotonic() >= restUntil) parts.log('events.failed', { error: (error as Error).message });
    restUntil = clock.monotonic() + REST_MS;
  };

  function schedule(): void {
    if (stopped || cancel !== null || idle.size + busy.size === 0) return;
    cancel = clock.after(LOOK_EVERY_MS, () => keep(look().catch(failed).finally(again)));
  }
  function again(): void {
    cancel = null;
    schedule();
  }
  function keep(job: Promise<void>): void {
    work.add(job);
    void job.finally(() => work.delete(job));
  }

  async function look(): Promise<void> {
    if (clock.monotonic() < restUntil || idle.size === 0) return;
    const asked = Map.groupBy(idle, placeOf);
    const places = [...asked.values()];
    const news = await placesWithNews(
      pool,
      places.map((followers): Watched => followers[0]!),
    );
    for (const index of news) for (const follower of places[index] ?? []) wake(follower);
  }

  function wake(follower: Follower<Page>): void {
    if (stopped || !idle.delete(follower)) return;
    busy.add(follower);
    keep(
      catchUp(follower)
        .catch(failed)
        .finally(() => rest(follower)),
    );
  }
  function rest(follower: Follower<Page>): void {
    if (busy.delete(follower)) idle.add(follower);
  }

  async function catchUp(follower: Follower<Page>): Promise<void> {
    for (let more = true; more && busy.has(follower); ) {
      const page = await readOnce(follower);
      if (!busy.has(follower)) return;
      follower.cursor = page.next;
      more = page.more;
      await follower.take(page);
    }
  }

  return {
    follow(follower) {
      idle.add(follower);
      wake(follower);
      schedule();
      return () => {
        idle.delete(follower);
        busy.delete(follower);
      };
    },
    async stop() {
      stopped = true;
      cancel?.();
      idle.clear();
      busy.clear();
      await Promise.all(work);
    },
  };
}

/** Those at one place, for one choice of kinds, are given the same page. */
const placeOf = ({ accountId, kinds, cursor }: Pick<Follower<unknown>, 'accountId' | 'kinds' | 'cursor'>): string =>
  `${accountId} ${writeCursor(cursor)} ${kinds?.join() ?? ''}`;

/** A page that is being read is waited for rather than read again. */
function sharedReads<Page extends Followed>({ read }: FollowParts<Page>) {
  const turn = gate(READS_AT_ONCE);
  const underWay = new Map<string, Promise<Page>>();
  return (follower: Follower<Page>): Promise<Page> => {
    const { accountId, cursor, kinds } = follower;
    const place = placeOf(follower);
    const running = underWay.get(place);
    if (running) return running;
    const page = turn(() => read(accountId, { cursor, kinds })).finally(() => underWay.delete(place));
    underWay.set(place, page);
    return page;
  };
}
