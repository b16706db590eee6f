import { describe, expect, it } from 'vitest';
import { retryDelay, settlementOf } from './settlement.ts';
import { Status } from './status.ts';
import type { Claimed } from './store-claims.ts';

const message: Claimed = {
  id: '0199a000-0000-7000-8000-000000000001',
  accountId: 1,
  priority: 0,
  parts: 3,
  priceMicro: 100_001,
  attempts: 0,
  validUntil: 1_000_000,
  recipient: '+61411111111',
  sender: '',
  body: '',
  campaignId: null,
};
const half = { next: () => 0.5, bytes: (n: number) => new Uint8Array(n) };
const settle = (outcome: Parameters<typeof settlementOf>[1], of = message) => settlementOf(of, outcome, 0, half);

describe('what an outcome is written as', () => {
  it('charges what the carrier took: all parts, or the share of those it took', () => {
    expect(settle({ kind: 'accepted', id: message.id, upstreamIds: ['A', 'B', 'C'] })).toMatchObject({
      status: Status.submitted,
      chargedMicro: 100_001,
      upstreamIds: ['a', 'b', 'c'],
    });
    expect(settle({ kind: 'accepted', id: message.id, upstreamIds: ['A', null, 'C'] })).toMatchObject({
      status: Status.partial,
      acceptedParts: 2,
      chargedMicro: 66_667,
    });
    expect(settle({ kind: 'accepted', id: message.id, upstreamIds: [null, null, null] })).toMatchObject({
      status: Status.failed,
      chargedMicro: 0,
    });
  });

  it('puts off what the carrier could not take now, and expires it where that is too late', () => {
    const deferred = {
      kind: 'deferred',
      id: message.id,
      code: 'ESME_RTHROTTLED',
      words: 'slow down',
      afterMs: 5_000,
    } as const;
    expect(settle(deferred)).toMatchObject({ status: Status.queued, nextAttemptAt: 5_000, attempted: true });
    expect(settle(deferred, { ...message, validUntil: 5_000 })).toMatchObject({ status: Status.expired });
  });

  it('never puts what may have left back into the queue; what did not leave is no attempt', () => {
    expect(settle({ kind: 'unknown', id: message.id, words: 'no answer' })).toMatchObject({
      status: Status.unknown,
      nextAttemptAt: null,
    });
    expect(settle({ kind: 'unsent', id: message.id })).toMatchObject({
      status: Status.queued,
      attempted: false,
      nextAttemptAt: 0,
    });
  });

  it('waits longer after each attempt, up to five minutes', () => {
    const waits = [0, 1, 2, 3, 30].map((attempts) => retryDelay(attempts, half));
    expect(waits).toEqual([750, 1500, 3000, 6000, 225_000]);
  });
});
