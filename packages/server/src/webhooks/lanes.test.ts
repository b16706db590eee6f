import { describe, expect, test } from 'vitest';
import type { Outcome } from './attempt.ts';
import { Lanes, type Share } from './lanes.ts';
import type { Claimed, Due } from './store-claims.ts';

const due = (endpoint_id: number, account_id: number, change: Partial<Due> = {}): Due => ({
  endpoint_id,
  account_id,
  failures: 0,
  blocked: false,
  due: 8,
  ...change,
});

/** Takes what is shared out; the claims by endpoint. */
function take(lanes: Lanes, all: readonly Due[], now = 0): Map<number, Claimed[]> {
  const taken = new Map<number, Claimed[]>();
  for (const { endpointId, most, lane } of lanes.share(all, now)) {
    const { account_id } = all.find(({ endpoint_id }) => endpoint_id === endpointId)!;
    const claims = Array.from({ length: most }, () => ({ endpoint_id: endpointId, account_id }) as Claimed);
    for (const one of claims) lanes.begin(one, lane, now);
    taken.set(endpointId, claims);
  }
  return taken;
}

const outcome = (fault: string | null, tookMs: number) => ({ fault, tookMs }) as Outcome;
/** An endpoint that is known to answer quickly. */
function prove(lanes: Lanes, endpointId: number, accountId: number): void {
  for (const one of take(lanes, [due(endpointId, accountId, { due: 1 })]).get(endpointId)!)
    lanes.end(one, outcome(null, 5));
}

describe('an endpoint', () => {
  test('is given one at a time until it has answered quickly, then eight', () => {
    const lanes = new Lanes();
    const first = take(lanes, [due(1, 1)]).get(1)!;
    expect(first).toHaveLength(1);
    expect(lanes.full()).toEqual([1]);
    expect(lanes.share([due(1, 1)], 0)).toEqual([]);
    lanes.end(first[0]!, outcome(null, 20));
    const more = take(lanes, [due(1, 1)]).get(1)!;
    expect(more).toHaveLength(8);
    for (const one of more.slice(1)) lanes.end(one, outcome(null, 20));
    lanes.end(more[0]!, outcome(null, 2_500));
    expect(take(lanes, [due(1, 1)]).get(1)).toHaveLength(1);
  });

  test.each([outcome('It answered 500.', 5), null])('that failed is back to one', (what) => {
    const lanes = new Lanes();
    prove(lanes, 1, 1);
    const [one, ...others] = take(lanes, [due(1, 1)]).get(1)!;
    for (const other of others) lanes.end(other, outcome(null, 5));
    lanes.end(one!, what);
    expect(lanes.known(true)).toEqual([]);
    expect(take(lanes, [due(1, 1)]).get(1)).toHaveLength(1);
  });

  test('whose breaker is open is given one probe, however quick it was', () => {
    const lanes = new Lanes();
    prove(lanes, 1, 1);
    expect(lanes.share([due(1, 1, { blocked: true })], 0)).toMatchObject([{ most: 1, probe: true }]);
    take(lanes, [due(1, 1, { due: 1 })]);
    expect(lanes.share([due(1, 1, { blocked: true })], 0)).toEqual([]);
  });

  test('is given no more than is due', () => {
    const lanes = new Lanes();
    prove(lanes, 1, 1);
    expect(lanes.share([due(1, 1, { due: 3 })], 0)).toMatchObject([{ most: 3 }]);
  });
});

const count = (shares: readonly Share[], of: (id: number) => boolean = () => true): number =>
  shares.filter(({ endpointId }) => of(endpointId)).reduce((sum, { most }) => sum + most, 0);
const many = (from: number, length: number, accountId: (i: number) => number, change: Partial<Due> = {}) =>
  Array.from({ length }, (_, i) => due(from + i, accountId(i), change));

describe('however many endpoints hang', () => {
  test('an account fills no lane alone, and all of them no road', () => {
    const lanes = new Lanes();
    expect(
      count(
        lanes.share(
          many(1_000, 300, () => 1, { failures: 2 }),
          0,
        ),
      ),
    ).toBe(16);
    take(
      lanes,
      many(1_000, 300, (i) => i, { failures: 2 }),
    );
    take(
      lanes,
      many(2_000, 300, (i) => i),
    );
    expect(lanes.claims()).toHaveLength(128);
    // Neither a failing nor an unknown one finds a place now; a known one does.
    expect(lanes.share([due(5_000, 900, { failures: 1 }), due(5_001, 901)], 0)).toEqual([]);
  });

  test('one that is known to be quick has its places', () => {
    const lanes = new Lanes();
    prove(lanes, 1, 7);
    take(
      lanes,
      many(1_000, 300, (i) => 100 + i, { failures: 2 }),
    );
    take(
      lanes,
      many(2_000, 300, (i) => 100 + i),
    );
    expect(lanes.share([...many(3_000, 100, (i) => i), due(1, 7)], 0)).toMatchObject([{ endpointId: 1, most: 8 }]);
  });

  test('one that nobody knows does not wait for those that fail', () => {
    const lanes = new Lanes();
    take(
      lanes,
      many(1_000, 300, (i) => 100 + i, { failures: 2 }),
    );
    expect(lanes.share([...many(1_500, 100, (i) => 100 + i, { failures: 1 }), due(1, 7)], 0)).toMatchObject([
      { endpointId: 1 },
    ]);
  });

  test('whoever is out for long makes room for others, and is known as slow', () => {
    const lanes = new Lanes();
    for (let i = 0; i < 16; i++) prove(lanes, 100 + i, i);
    take(
      lanes,
      many(100, 16, (i) => i),
    );
    expect(lanes.claims()).toHaveLength(128);
    prove(lanes, 1, 50);
    expect(lanes.share([due(1, 50)], 1_999)).toEqual([]);
    expect(lanes.share([due(1, 50)], 2_000)).toMatchObject([{ most: 8 }]);
    expect(lanes.known(true)).toEqual([1]);
    // Unknown ones that hang go the same way.
    const other = new Lanes();
    take(
      other,
      many(1_000, 300, (i) => i),
    );
    expect(other.share([due(1, 999)], 1_999)).toEqual([]);
    expect(other.share([due(1, 999)], 2_000)).toMatchObject([{ endpointId: 1 }]);
  });

  test('there is an end to what is out', () => {
    const lanes = new Lanes();
    for (let second = 0; second < 100; second += 2)
      take(
        lanes,
        many(second * 1_000, 300, (i) => i),
        second * 1_000,
      );
    expect(lanes.claims().length).toBeGreaterThan(700);
    expect(lanes.claims().length).toBeLessThanOrEqual(768);
  });

  test('of those that are quick, whoever has more than his part goes on no further while another waits', () => {
    const lanes = new Lanes();
    for (let i = 0; i < 16; i++) prove(lanes, 100 + i, i % 2);
    const busy = many(100, 16, (i) => i % 2);
    const claims = [...take(lanes, busy).values()].flat();
    expect(claims).toHaveLength(128);
    expect([lanes.mayGoOn(0), lanes.mayGoOn(1)]).toEqual([false, false]);
    // One ended: nobody else waits, so the place is its account's again.
    lanes.end(claims[0]!, outcome(null, 5));
    expect(lanes.mayGoOn(claims[0]!.account_id)).toBe(true);
    prove(lanes, 1, 7);
    take(lanes, [due(100, claims[0]!.account_id, { due: 1 })]);
    expect(lanes.share([due(1, 7)], 0)).toEqual([]);
    for (const one of claims.slice(1, 20)) lanes.end(one, outcome(null, 5));
    expect([lanes.mayGoOn(0), lanes.mayGoOn(1), lanes.mayGoOn(7)]).toEqual([false, false, true]);
    expect(lanes.share([...busy, due(1, 7)], 0)).toContainEqual(expect.objectContaining({ endpointId: 1, most: 8 }));
  });

  test('and however many accounts they are of, there is room for one that has nothing out', () => {
    const lanes = new Lanes();
    for (let second = 0; second < 100; second += 2)
      take(
        lanes,
        many(second * 1_000, 300, (i) => i % 20),
        second * 1_000,
      );
    expect(lanes.claims().length).toBeGreaterThan(700);
    expect(lanes.share([due(900_000, 999)], 200_000)).toHaveLength(1);
  });

  test('an account has an end to what it has out in all lanes', () => {
    const lanes = new Lanes();
    for (let second = 0; second < 60; second += 2) {
      const from = second * 1_000;
      take(
        lanes,
        many(from, 300, () => 1),
        from,
      );
    }
    expect(lanes.claims()).toHaveLength(96);
    expect(lanes.sated()).toEqual([
      { accountId: 1, lane: 2 },
      { accountId: 1, lane: 3 },
    ]);
    // Another one's are not held up by it, whatever is known of them.
    const others = [due(100_000, 2), due(100_001, 2, { failures: 3 })];
    expect(lanes.share(others, 60_000)).toMatchObject([{ lane: 'unknown' }, { lane: 'troubled' }]);
  });

  test('accounts are served in turn', () => {
    const lanes = new Lanes();
    const shares = lanes.share([...many(1_000, 100, () => 1), ...many(2_000, 10, () => 2), due(3_000, 3)], 0);
    expect(count(shares, (id) => id < 2_000)).toBe(16);
    expect(count(shares, (id) => id >= 2_000 && id < 3_000)).toBe(10);
    expect(count(shares, (id) => id === 3_000)).toBe(1);
  });
});
