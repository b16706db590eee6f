import type { Outcome } from './attempt.ts';
import type { Claimed, Due } from './store-claims.ts';

/** Attempts one node has out at once; each may hold a socket for 15 seconds. */
const AT_ONCE = 768;
/** An endpoint that answers quickly is given so many at once, any other one. */
export const MOST_AT_ONCE = 8;
/** Of one account, in all lanes; and never more than is still free, so that there is always room for who has none yet. */
const OF_ACCOUNT = 96;
/** What takes longer is slow. */
const SLOW_MS = 2_000;
const REMEMBERED = 2_000;

/** By what is known of the endpoint: it answered quickly; nothing; it fails or is slow. */
export type Lane = 'quick' | 'unknown' | 'troubled';

/** Attempts that may set out in a lane while so many are in it; of all accounts, and of one. */
const WIDTH: Readonly<Record<Lane, { all: number; account: number }>> = {
  quick: { all: 128, account: 64 },
  unknown: { all: 64, account: 16 },
  troubled: { all: 64, account: 16 },
};

export const LANES = Object.keys(WIDTH) as readonly Lane[];
/** More endpoints than there are places need not be looked at. */
export const LOOKED_AT = {
  ofAccount: LANES.map((lane) => WIDTH[lane].account),
  ofAll: LANES.map((lane) => WIDTH[lane].all),
};

export interface Share {
  endpointId: number;
  most: number;
  probe: boolean;
  lane: Lane;
}

/**
 * Who may have how many attempts out. What fails or is slow has a lane of its own, and so has what is not known yet; whoever is
 * not back after two seconds is set aside and counts in no lane. So however many endpoints hang for their 15 seconds, the others
 * find their lanes free. Within a lane the account with the least out comes first, and then its endpoint with the least.
 */
export class Lanes {
  /** Whether an endpoint's last answer here was a quick success. */
  private readonly quick = new Map<number, boolean>();
  private readonly out = new Map<Claimed, { lane: Lane | 'aside'; since: number }>();
  private readonly load = new Map<string, number>();
  /** Of the quick lane, for each account, while others wait for a place in it. */
  private fairShare = Number.POSITIVE_INFINITY;

  /** `now`, here and below, is monotonic. */
  begin(claimed: Claimed, lane: Lane, now: number): void {
    this.out.set(claimed, { lane, since: now });
    this.add(claimed, lane, 1);
  }

  end(claimed: Claimed, outcome: Outcome | null): void {
    const found = this.out.get(claimed);
    if (found === undefined) return;
    this.out.delete(claimed);
    this.add(claimed, found.lane, -1);
    this.know(claimed.endpoint_id, outcome !== null && outcome.fault === null && outcome.tookMs < SLOW_MS);
  }

  /** What is out. */
  claims(): Claimed[] {
    return [...this.out.keys()];
  }

  isOut(endpointId: number): boolean {
    return this.of(`e${endpointId}`) > 0;
  }

  isQuick(endpointId: number): boolean {
    return this.quick.get(endpointId) === true;
  }

  /** Endpoints that have as many out as they may. */
  full(): number[] {
    const ids = new Set([...this.out.keys()].map(({ endpoint_id }) => endpoint_id));
    return [...ids].filter((id) => this.of(`e${id}`) >= (this.isQuick(id) ? MOST_AT_ONCE : 1));
  }

  /** Endpoints known to answer quickly, or known not to. */
  known(quick: boolean): number[] {
    return [...this.quick].filter(([, known]) => known === quick).map(([id]) => id);
  }

  /** Accounts that have as many out as they may, in a lane in which nothing is fetched ahead for who is out already. */
  sated(): { accountId: number; lane: number }[] {
    const ids = new Set([...this.out.keys()].map(({ account_id }) => account_id));
    return [...ids].flatMap((accountId) =>
      LANES.flatMap((lane, i) => {
        const mostOfAll = Math.min(OF_ACCOUNT, AT_ONCE - this.of('all'));
        const full = this.of(`${lane}${accountId}`) >= WIDTH[lane].account || this.of(`a${accountId}`) >= mostOfAll;
        return full && lane !== 'quick' ? [{ accountId, lane: i + 1 }] : [];
      }),
    );
  }

  /** How many each of these may take now. */
  share(due: readonly Due[], now: number): Share[] {
    this.setAside(now);
    const taken = new Map<string, number>();
    const loadOf = (place: string) => this.of(place) + (taken.get(place) ?? 0);
    const shares = new Map<Due, number>();
    for (;;) {
      let best: Due | null = null;
      for (const one of due)
        if (this.mayTake(one, loadOf, shares) && (!best || isBefore(one, best, loadOf))) best = one;
      if (best === null) break;
      shares.set(best, (shares.get(best) ?? 0) + 1);
      for (const place of placesOf(best, this.laneOf(best))) taken.set(place, (taken.get(place) ?? 0) + 1);
    }
    this.fairShare = this.fairShareOf(due, loadOf('quick'));
    return [...shares].map(([one, most]) => {
      return { endpointId: one.endpoint_id, most, probe: one.blocked, lane: this.laneOf(one) };
    });
  }

  /** Whether what comes next for this account may take over the place of what has just ended: not while it has more than its part. */
  mayGoOn(accountId: number): boolean {
    return this.of(`quick${accountId}`) < this.fairShare;
  }

  private fairShareOf(due: readonly Due[], taken: number): number {
    const { all } = WIDTH.quick;
    if (taken < all) return Number.POSITIVE_INFINITY;
    const accounts = new Set(due.filter((one) => this.laneOf(one) === 'quick').map(({ account_id }) => account_id));
    for (const [{ account_id }, { lane }] of this.out) if (lane === 'quick') accounts.add(account_id);
    return Math.max(1, Math.floor(all / accounts.size));
  }

  /** Whoever has been out for long is slow, whatever was known of him: his place is free for another. */
  private setAside(now: number): void {
    for (const [claimed, place] of this.out) {
      if (place.lane === 'troubled' || place.lane === 'aside' || now - place.since < SLOW_MS) continue;
      this.add(claimed, place.lane, -1);
      place.lane = 'aside';
      this.add(claimed, place.lane, 1);
      this.know(claimed.endpoint_id, false);
    }
  }

  private mayTake(one: Due, loadOf: (place: string) => number, shares: ReadonlyMap<Due, number>): boolean {
    if ((shares.get(one) ?? 0) >= one.due) return false;
    if (loadOf(`a${one.account_id}`) >= Math.min(OF_ACCOUNT, AT_ONCE - loadOf('all'))) return false;
    const lane = this.laneOf(one);
    const { all, account } = WIDTH[lane];
    if (loadOf(`e${one.endpoint_id}`) >= (lane === 'quick' && !one.blocked ? MOST_AT_ONCE : 1)) return false;
    return loadOf(lane) < all && loadOf(`${lane}${one.account_id}`) < account;
  }

  private laneOf({ endpoint_id, failures }: Due): Lane {
    const known = this.quick.get(endpoint_id);
    if (known === undefined) return failures > 0 ? 'troubled' : 'unknown';
    return known ? 'quick' : 'troubled';
  }

  /** The latest known come last, and the first are forgotten. */
  private know(endpointId: number, quick: boolean): void {
    this.quick.delete(endpointId);
    this.quick.set(endpointId, quick);
    if (this.quick.size > REMEMBERED) this.quick.delete(this.quick.keys().next().value!);
  }

  private of(place: string): number {
    return this.load.get(place) ?? 0;
  }

  private add(whose: Whose, lane: Lane | 'aside', change: number): void {
    for (const place of placesOf(whose, lane)) {
      const load = this.of(place) + change;
      if (load > 0) this.load.set(place, load);
      else this.load.delete(place);
    }
  }
}

type Whose = Pick<Due, 'endpoint_id' | 'account_id'>;

function placesOf({ endpoint_id, account_id }: Whose, lane: Lane | 'aside'): string[] {
  return ['all', `e${endpoint_id}`, `a${account_id}`, lane, `${lane}${account_id}`];
}

/** Those that come first in the list have waited longest. */
function isBefore(one: Due, other: Due, loadOf: (place: string) => number): boolean {
  const byAccount = loadOf(`a${one.account_id}`) - loadOf(`a${other.account_id}`);
  return byAccount < 0 || (byAccount === 0 && loadOf(`e${one.endpoint_id}`) < loadOf(`e${other.endpoint_id}`));
}
