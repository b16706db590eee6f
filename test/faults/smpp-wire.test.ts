import { openCarrier } from '@veredus/server/carriers/registry';
import type { Carrier } from '@veredus/server/messages/carrier';
import { systemClock, systemRandom } from '@veredus/server/system';
import { afterEach, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { balanceOf, tally } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { openAccount, PRICE } from './rig/pipeline.ts';
import { type Behaviour, type FakeSmsc, openFakeSmsc, takeAndDeliver } from './rig/smsc.ts';
import { texts, WINDOW } from './rig/stage.ts';
import { until } from './rig/until.ts';

/** The same faults over the real carrier and a real connection. */
const rig = eachTest();
let smsc: FakeSmsc;
afterEach(() => smsc.close());

async function start(behaviour: Behaviour, query = '') {
  smsc = await openFakeSmsc({ window: WINDOW, query });
  smsc.behaviour = behaviour;
  const carrier = openCarrier(smsc.url, { clock: systemClock, random: systemRandom, log: () => {} }) as Carrier;
  const node = await rig.start(carrier);
  return { node, caller: await openAccount(rig.db) };
}

const silent: Behaviour = () => ({ afterMs: null, status: 0, reports: [] });

test(
  verifies('fault:F11', 'over SMPP: a hang-up in mid-window leaves the window UNKNOWN, and the rest goes once'),
  async () => {
    const { node, caller } = await start(silent);
    await node.send(caller, texts(30, 0));
    await until('a full window', () => smsc.log.length === WINDOW);
    smsc.behaviour = takeAndDeliver;
    smsc.hangUp();
    await rig.reached(caller, { unknown: WINDOW, delivered: 20 });
    expect(smsc.log).toHaveLength(30);
  },
);

test(verifies('fault:F13', 'over SMPP: an answer after the time-out is taken all the same'), async () => {
  const late: Behaviour = () => ({ afterMs: 1_500, status: 0, reports: [] });
  const { node, caller } = await start(late, '&response_timeout=1');
  await node.send(caller, texts(2, 0));
  await rig.reached(caller, { unknown: 2 });
  await rig.reached(caller, { submitted: 2 });
  expect(smsc.log).toHaveLength(2);
});

test(
  verifies('fault:F14', 'over SMPP: a part that was put off before its sibling was taken is tried again'),
  async () => {
    let tries = 0;
    const first: Behaviour = ({ part }) =>
      part === 1 && tries++ < 2 ? { afterMs: 0, status: 0x58, reports: [] } : { afterMs: 20, status: 0, reports: [] };
    const { node, caller } = await start(first);
    await node.send(caller, texts(1, 0, 2));
    await rig.reached(caller, { submitted: 1 });
    expect(smsc.taken.map(({ part }) => part).sort()).toEqual([1, 2]);
    expect(tries).toBe(3);
    expect((await balanceOf(rig.db, caller.accountId)).spent).toBe(2 * PRICE);
  },
);

test(verifies('fault:F22', 'over SMPP: part 2 refused for good makes the message partial'), async () => {
  const second: Behaviour = ({ part }) => ({ afterMs: 0, status: part === 2 ? 0x0b : 0, reports: [] });
  const { node, caller } = await start(second);
  await node.send(caller, texts(1, 0, 3));
  await rig.reached(caller, { partial: 1 });
  expect(smsc.log.map(({ part }) => part).sort()).toEqual([1, 2, 3]);
  expect((await balanceOf(rig.db, caller.accountId)).spent).toBe(2 * PRICE);
});

test(
  verifies('fault:F18', 'over SMPP: receipts in decimal for ids in hexadecimal, before and after the response'),
  async () => {
    const decimal = (id: string) => String(Number.parseInt(id, 16)).padStart(12, '0');
    const mixed: Behaviour = ({ id }) => ({
      afterMs: Number.parseInt(id, 16) % 2 === 0 ? 0 : 30,
      status: 0,
      reports: [{ state: 'delivered', afterMs: 10, id: decimal }],
    });
    const { node, caller } = await start(mixed);
    await node.send(caller, texts(60, 0));
    await until('all delivered', async () => {
      node.clock.advance(1_000);
      await node.receipts.matchOrphans();
      return (await tally(rig.db, caller.accountId)).delivered === 60;
    });
  },
);
