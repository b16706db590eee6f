import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { seeded } from '../../../../test/faults/rig/seeded.ts';
import { until } from '../../../../test/faults/rig/until.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { openCarrier } from '../carriers/registry.ts';
import type { CarrierReceipt, Outcome } from '../messages/carrier.ts';
import { systemClock, systemRandom } from '../system.ts';
import { SENTINELS } from './sentinels.ts';
import { openSmsc } from './smsc.ts';

/** Every behaviour but the one that takes a minute, and forty handsets that simply answer. */
const LATE = '+8615555555555';
const NUMBERS = [
  ...[...SENTINELS.keys()].filter((number) => number !== LATE),
  ...Array.from({ length: 40 }, (_, i) => `+614000001${10 + i}`),
];
const SILENT = '+14055555666';

/** Everything the pretend network says to the same texts, in the order it says it. */
async function run(seed: number): Promise<{ outcomes: Outcome[]; receipts: CarrierReceipt[] }> {
  const clock = handClock();
  const outcomes: Outcome[] = [];
  const receipts: CarrierReceipt[] = [];
  const smsc = await openSmsc({ clock, random: seeded(seed), log: () => {}, systemId: 'sandbox', password: 'pw' });
  const carrier = openCarrier(smsc.url, { clock: systemClock, random: systemRandom, log: () => {} });
  if ('faults' in carrier) throw new Error(carrier.faults.join());
  const link = carrier.open(0, {
    ready: () => {},
    down: () => {},
    outcomes: (list) => void outcomes.push(...list),
    receipts: async (list) => void receipts.push(...list),
    inbound: async () => {},
  });
  try {
    await until('a link', () => link.free > 0);
    const message = { sender: '+61491570006', body: 'Hello', parts: 1, validUntil: systemClock.now() + 3_600_000 };
    link.send(NUMBERS.map((recipient) => ({ id: recipient, recipient, ...message })));
    const due = NUMBERS.filter(
      (number) => !['refuse', 'throttle-once', 'silent'].includes(SENTINELS.get(number) ?? ''),
    );
    await until('all answers and receipts', () => {
      // Time stands still until all have arrived, so that it depends on nothing but the seed when a receipt is due.
      if (outcomes.length + 1 >= NUMBERS.length) clock.advance(20);
      return receipts.length === due.length && outcomes.length === NUMBERS.length;
    });
  } finally {
    await link.close(1_000);
    await smsc.close();
  }
  return { outcomes, receipts };
}

test(
  verifies('sandbox:seed', 'the same seed gives the same ids, receipts and order, and another seed others'),
  async () => {
    const first = await run(7);
    expect(first.receipts.map(({ recipient }) => `+${recipient}`)).not.toContain(SILENT);
    expect(await run(7)).toEqual(first);
    const other = await run(8);
    expect(other.receipts.map(({ upstreamId }) => upstreamId)).not.toEqual(
      first.receipts.map(({ upstreamId }) => upstreamId),
    );
    const order = ({ receipts }: typeof first) => receipts.map(({ recipient }) => recipient);
    expect(order(other)).not.toEqual(order(first));
    expect(order(other).toSorted()).toEqual(order(first).toSorted());
  },
);
