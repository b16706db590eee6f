import { describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { balanceOf, rowsOf } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { FakeCarrier, takeAll } from './rig/fake-carrier.ts';
import { type Node, numbered, openAccount, PRICE, START } from './rig/pipeline.ts';
import { until } from './rig/until.ts';

const rig = eachTest();

/** Says "not now" to some messages. The other side took none of their bytes: they are tries, but no submits. */
class Deferring extends FakeCarrier {
  readonly tries: { body: string; at: number }[] = [];
  refuses: (body: string) => boolean;
  now: () => number = () => 0;

  constructor(code: string, refuses: (body: string) => boolean) {
    super();
    this.refuses = refuses;
    this.script = (sent, nth) => {
      this.tries.push({ body: sent.message.body, at: this.now() });
      if (!this.refuses(sent.message.body)) return takeAll(sent, nth);
      this.log.splice(this.log.indexOf(sent), 1);
      return { kind: 'deferred', id: sent.message.id, code, words: 'not now', afterMs: 5_000 };
    };
  }
}

async function start(code: string, refuses: (body: string) => boolean) {
  const carrier = new Deferring(code, refuses);
  const node = await rig.start(carrier);
  carrier.now = node.clock.now;
  return { carrier, node, caller: await openAccount(rig.db) };
}

/** Lets time pass as a clock does, a little at a time, until something has happened. */
const passUntil = (node: Node, what: string, check: () => boolean | Promise<boolean>) =>
  until(what, async () => {
    if (await check()) return true;
    node.clock.advance(250);
    return false;
  });

const ODD = /[13579]$/;

describe.each(['ESME_RTHROTTLED', 'ESME_RMSGQFUL'])('a carrier that answers %s', (code) => {
  test(
    verifies('fault:F14', 'dispatch:retry', 'is left alone as long as it asked; what it took goes once'),
    async () => {
      const { carrier, node, caller } = await start(code, (body) => ODD.test(body));
      await node.send(caller, numbered(20));
      await rig.reached(caller, { submitted: 10, queued: 10 });
      carrier.refuses = () => false;
      await passUntil(node, 'second tries', () => carrier.log.length === 20);
      await rig.reached(caller, { submitted: 20 });
      const second = carrier.tries.slice(20);
      const odd = numbered(20).map(({ body }) => body);
      expect(second.map(({ body }) => body).sort()).toEqual(odd.filter((body) => ODD.test(body)).sort());
      expect(Math.min(...second.map(({ at }) => at))).toBeGreaterThanOrEqual(START + 5_000);
      expect(await balanceOf(rig.db, caller.accountId)).toEqual({ available: -20 * PRICE, held: 0, spent: 20 * PRICE });
    },
  );

  test(
    verifies('fault:F14', 'dispatch:validity', 'to the end lets a message expire, its money given back'),
    async () => {
      const { carrier, node, caller } = await start(code, () => true);
      await node.send(caller, numbered(1));
      for (let tries = 1; tries <= 8; tries++) {
        await passUntil(node, `try ${tries}`, () => carrier.tries.length === tries);
        await rig.reached(caller, { queued: 1 });
        const [row] = await rowsOf(rig.db, caller.accountId);
        node.clock.advance(row!.next_attempt_at! - node.clock.now());
      }
      const pauses = carrier.tries.slice(1).map(({ at }, i) => at - carrier.tries[i]!.at);
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5_000);
      expect(pauses.at(-1)).toBeGreaterThan(pauses[0]!);
      node.clock.advance(86_400_000);
      await passUntil(node, 'the expiry', async () => (await rowsOf(rig.db, caller.accountId))[0]!.status === 5);
      expect(carrier.log).toEqual([]);
      expect(carrier.tries.length).toBeLessThanOrEqual(9);
      expect(await balanceOf(rig.db, caller.accountId)).toEqual({ available: 0, held: 0, spent: 0 });
    },
  );
});

test(verifies('fault:F14', 'counts a long text as its parts, so that the window is never overrun'), async () => {
  const carrier = new FakeCarrier({ window: 10, script: () => null });
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  await node.send(
    caller,
    numbered(5).map(({ to, body }) => ({ to, body: body.padEnd(153 * 4, '.') })),
  );
  await until('what fits', () => carrier.log.length === 2);
  await until('an idle dispatcher', () => node.dispatcher.state().out === 2);
  expect(node.dispatcher.state().links[0]).toMatchObject({ free: 2, unsettled: 8 });
  for (const sent of [...carrier.log]) carrier.respond(takeAll(sent, 0)!);
  await until('the next two', () => carrier.log.length === 4);
});
