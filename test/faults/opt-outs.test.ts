import type { Caller } from '@veredus/server/accounts/caller';
import { replyReader } from '@veredus/server/inbound/read-replies';
import { storeInbound } from '@veredus/server/inbound/store';
import { messageIds } from '@veredus/server/messages/ids';
import { carrierNumber } from '@veredus/server/messages/store-claims';
import { systemRandom } from '@veredus/server/system';
import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { rowsOf, tally } from './rig/books.ts';
import { eachTest } from './rig/each-test.ts';
import { FakeCarrier, takeAll, takeNothing, takes } from './rig/fake-carrier.ts';
import { type Node, numbered, openAccount, START } from './rig/pipeline.ts';
import { until } from './rig/until.ts';

const rig = eachTest();
const OURS = '+61422222222';
const OTHER = '+61411111112';
const LEAVER = '+61411111111';
const HOUR_S = 3_600;

/** The way in for texts from handsets, as `build` wires it. */
async function openWayIn({ clock }: Node) {
  const pool = rig.db.enginePool;
  const carrierId = await carrierNumber(pool, 'fake');
  const newId = messageIds(clock, systemRandom);
  const faults: unknown[] = [];
  const reader = replyReader({ pool, clock, log: (_, facts) => void faults.push(facts) });
  return async (from: string, body: string) => {
    const message = { providerId: null, from, to: OURS, body, part: null };
    await storeInbound(pool, [message], { carrierId, at: clock.now(), newId });
    await reader.run();
    expect(faults).toEqual([]);
  };
}

async function callerWithNumber(): Promise<Caller> {
  const caller = await openAccount(rig.db);
  await rig.db.enginePool.query('insert into sender_numbers (account_id, number, created_at) values ($1, $2, 0)', [
    caller.accountId,
    OURS,
  ]);
  return caller;
}

/** Messages with a reference each, as `numbered` makes them, to one number. */
const texts = (to: string, count: number, from: number) =>
  numbered(count, from).map(({ body }) => ({ to, body, from: OURS }));

test(
  verifies(
    'fault:F34',
    'invariant:I7',
    'after a STOP nothing leaves for that number: not what waits, is put off, is scheduled, or comes new',
  ),
  async () => {
    const carrier = new FakeCarrier({ window: 1, script: takeNothing });
    const node = await rig.start(carrier);
    const write = await openWayIn(node);
    const caller = await callerWithNumber();
    const putOff = await node.send(caller, texts(LEAVER, 1, 0));
    await until('the first', () => carrier.log.length === 1);
    const scheduled = texts(LEAVER, 1, 1).map((text) => ({ ...text, schedule: START / 1000 + HOUR_S }));
    await node.send(caller, [...scheduled, ...texts(OTHER, 1, 2), ...texts(LEAVER, 3, 3)]);
    const tried = putOff.rows[0]!.id;
    carrier.respond({ kind: 'deferred', id: tried, code: 'ESME_RTHROTTLED', words: 'later', afterMs: 5_000 });
    await until('the other', () => carrier.log.some(({ message }) => message.recipient === OTHER));
    const left = carrier.log.length;

    await write(LEAVER, 'Stop');
    carrier.script = takeAll;
    carrier.respond(takes(carrier.log.at(-1)!.message.id));
    /** Lets time pass as a clock does, a little at a time. */
    const passUntil = (what: string, failed: number) =>
      until(what, async () => {
        node.clock.advance(250);
        return (await tally(rig.db, caller.accountId)).failed === failed;
      });
    await passUntil('the one put off', 4);
    await rig.reached(caller, { submitted: 1, failed: 4, queued: 1 });
    expect((await node.send(caller, texts(LEAVER, 1, 6))).rows).toMatchObject([{ refusal: 'INVALID_RECIPIENT' }]);
    node.clock.advance(HOUR_S * 1000);
    await passUntil('the scheduled one', 5);
    await rig.reached(caller, { submitted: 1, failed: 5, refused: 1 });
    expect(carrier.log.slice(left)).toEqual([]);
    const words = (await rowsOf(rig.db, caller.accountId)).map((row) => row.words);
    expect(words.filter((word) => word === 'The recipient has opted out.')).toHaveLength(6);

    // What was stopped stays so; what is sent after START goes.
    await write(LEAVER, 'START');
    await node.send(caller, texts(LEAVER, 1, 7));
    await rig.reached(caller, { submitted: 2, failed: 5, refused: 1 });
    expect(carrier.log.slice(left).map(({ message }) => message.body)).toEqual(['ref 7']);
  },
);

test(
  verifies('fault:F34', 'invariant:I7', 'in full flow no submit begins after the STOP of its number is committed'),
  async () => {
    const carrier = new FakeCarrier({ window: 8, script: takeAll });
    const node = await rig.start(carrier);
    const write = await openWayIn(node);
    const caller = await callerWithNumber();
    const numbers = numbered(20).map(({ to }) => to);
    const late: string[] = [];
    const sending = node.send(
      caller,
      Array.from({ length: 30 }, (_, round) => round).flatMap((round) =>
        numbers.flatMap((to, i) => texts(to, 1, 100 + round * numbers.length + i)),
      ),
    );
    await until('it flows', () => carrier.log.length > 40);
    const stopped = new Map<string, { at: number; begun: Set<string> }>();
    for (const number of numbers.slice(0, 10)) {
      await write(number, 'STOP');
      // Whoever is named in a lease now was marked before, or after and found suppressed: only those may still appear.
      const at = carrier.log.length;
      const { rows } = await rig.db.enginePool.query('select unnest(possibly_sent) as id from claim_leases');
      stopped.set(number, { at, begun: new Set(rows.map(({ id }) => id)) });
    }
    await sending;
    await until('all are done', async () =>
      (await rowsOf(rig.db, caller.accountId)).every(({ status }) => status === 2 || status === 4),
    );
    for (const [at, { message }] of carrier.log.entries()) {
      const stop = stopped.get(message.recipient);
      if (stop && at >= stop.at && !stop.begun.has(message.id)) late.push(message.body);
    }
    expect(late).toEqual([]);
    const failed = (await rowsOf(rig.db, caller.accountId)).filter(({ status }) => status === 4);
    expect(failed.length).toBeGreaterThan(0);
    for (const number of numbers.slice(10)) {
      expect(carrier.log.filter(({ message }) => message.recipient === number)).toHaveLength(30);
    }
  },
);
