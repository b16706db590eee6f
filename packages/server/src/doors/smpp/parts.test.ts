import { encodePart } from '@veredus/protocols/gsm/parts';
import { STATUS } from '@veredus/protocols/smpp/status';
import { TAG } from '@veredus/protocols/smpp/tlv';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openAccount, PRICE, setPrice } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { eventually } from '../../../../../test/rig/server.ts';
import { type DoorRig, openDoorRig, partsOf, type TestClient } from '../../../../../test/rig/smpp-door.ts';
import type { Caller } from '../../accounts/caller.ts';
import { expireParts } from '../../esmes/expire-parts.ts';
import { MOST_PARTS_WAITING, PARTS_WAIT_MS } from './take-submits.ts';

let own: TestDatabase;
let caller: Caller;
let rig: DoorRig;
let client: TestClient;
let systemId: string;

beforeAll(async () => {
  own = await openTestDatabase();
  await setPrice(own.db, PRICE);
});
afterAll(() => own.close());
beforeEach(async () => {
  caller = await openAccount(own.db);
  rig = await openDoorRig(own.db);
  const esme = await rig.esme(caller);
  systemId = esme.systemId;
  client = await rig.bind(esme);
});
afterEach(() => rig.close());

const messages = async () =>
  (
    await own.db.enginePool.query(
      'select id, recipient, sender, body, parts, price_micro, source, refusal, valid_until - created_at as valid, schedule_at from messages where account_id = $1 order by id',
      [caller.accountId],
    )
  ).rows;
const submits = async () =>
  (
    await own.db.enginePool.query('select * from esme_submits where account_id = $1 order by at, id', [
      caller.accountId,
    ])
  ).rows;
const deliveries = async () =>
  (await own.db.enginePool.query('select * from esme_deliveries where account_id = $1 order by id', [caller.accountId]))
    .rows;
const gsm = (body: string) => encodePart(body, 'gsm');

const LONG = 'Bread, rolls and cake. '.repeat(20).trim();

describe(verifies('smpp-door:parts', 'a long text'), () => {
  test.each(['udh', 'udh16', 'sar'] as const)('in parts by %s is one message', async (way) => {
    const answers = await Promise.all(
      partsOf(LONG, way).map((part) => client.send({ ...part, registeredDelivery: 1 })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 0));
    expect(new Set(answers.map(({ messageId }) => messageId)).size).toBe(answers.length);
    const [message, ...more] = await messages();
    expect(more).toEqual([]);
    expect(message).toMatchObject({ body: LONG, parts: answers.length, price_micro: answers.length * PRICE });
    const rows = await submits();
    expect(rows.map(({ id }) => id.toUpperCase()).sort()).toEqual(answers.map(({ messageId }) => messageId).sort());
    expect(rows.every((row) => row.message_id === message.id && row.body === null)).toBe(true);
  });

  test.each(['forwards', 'backwards'])('whose parts come one by one, %s', async (order) => {
    const body = `${'x'.repeat(66)}🍞${'y'.repeat(100)}`;
    const parts = partsOf(body, 'udh');
    for (const part of order === 'backwards' ? parts.reverse() : parts) {
      expect(await messages()).toEqual([]);
      expect(await client.send(part)).toMatchObject({ status: 0 });
    }
    expect(await messages()).toMatchObject([{ body }]);
    expect((await submits()).every((row) => row.body === null && row.message_id !== null)).toBe(true);
  });

  test('split within a surrogate pair is whole again', async () => {
    const halves = ['Bread \ud83c', '\udf5e!'].map((half, i) => ({
      esmClass: 0x40,
      dataCoding: 8,
      shortMessage: Buffer.concat([Buffer.from([5, 0, 3, 9, 2, i + 1]), Buffer.from(half, 'utf16le').swap16()]),
    }));
    for (const half of halves) await client.send(half);
    expect(await messages()).toMatchObject([{ body: 'Bread 🍞!' }]);
  });

  test('in message_payload is one message', async () => {
    const tlvs = [{ tag: TAG.message_payload, value: gsm(LONG) }];
    expect(await client.send({ shortMessage: Buffer.alloc(0), tlvs })).toMatchObject({ status: 0 });
    expect(await messages()).toMatchObject([{ body: LONG }]);
  });

  test('of which a part is sent again is one message', async () => {
    const [first, ...rest] = partsOf(LONG, 'udh');
    await client.send(first!);
    await client.send(first!);
    for (const part of rest) await client.send(part);
    expect(await messages()).toMatchObject([{ body: LONG }]);
  });

  test('that is refused with its last part is told to the parts before', async () => {
    const parts = partsOf(LONG, 'udh').map((part) => ({ ...part, destination: '12', registeredDelivery: 1 }));
    const answers = [];
    for (const part of parts) answers.push((await client.send(part)).status);
    expect(answers).toEqual([...parts.slice(1).map(() => 0), STATUS.ESME_RINVDSTADR]);
    const receipts = await deliveries();
    expect(receipts).toHaveLength(parts.length - 1);
    expect(receipts[0].body).toContain('stat:REJECTD');
    expect((await submits()).every((row) => row.body === null)).toBe(true);
  });
});

test(
  verifies('smpp-door:parts-once', 'two nodes with the last parts of many texts make one message of each'),
  async () => {
    const other = await openDoorRig(own.db, { clock: rig.clock });
    const esme = await other.esme(caller, {});
    // Both nodes see the same ESME.
    const [a, b] = [await rig.bind(esme), await other.bind(esme)];
    const texts = Array.from({ length: 20 }, (_, n) => `${n} ${'x'.repeat(200)}`);
    await Promise.all(
      texts.map(async (body, n) => {
        const destination = `6141100${String(n).padStart(4, '0')}`;
        const [first, second] = partsOf(body, 'udh', n + 1).map((part) => ({ ...part, destination }));
        const answers = await Promise.all([a.send(first!), b.send(second!)]);
        expect(answers.map(({ status }) => status)).toEqual([0, 0]);
      }),
    );
    expect((await messages()).map(({ body }) => body).sort()).toEqual([...texts].sort());
    expect((await submits()).every((row) => row.body === null && row.message_id !== null)).toBe(true);
    await other.close();
  },
);

test('of two nodes with the last two parts, the second waits for the first to be stored', async () => {
  let answered = false;
  const pool = own.db.enginePool;
  const waits = async () =>
    (await pool.query("select 1 from pg_locks where locktype = 'advisory' and not granted")).rows.length > 0;
  // Its first commit comes only when the other one waits, or has been answered without.
  let held = false;
  const slow = new Proxy(pool, {
    get(target, name) {
      if (name !== 'connect') return (target[name as 'query'] as () => unknown).bind(target);
      return async () => {
        const client = await target.connect();
        const query = client.query.bind(client);
        client.query = (async (...args: Parameters<typeof query>) => {
          if (args[0] === ('commit' as never) && !held) {
            held = true;
            await eventually(async () => answered || (await waits()));
          }
          return query(...args);
        }) as never;
        return client;
      };
    },
  });
  const other = await openDoorRig(own.db, { clock: rig.clock, pool: slow });
  const esme = await rig.esme(caller);
  const [a, b] = [await other.bind(esme), await rig.bind(esme)];
  const body = `both ${'x'.repeat(200)}`;
  const [first, second] = partsOf(body, 'udh', 77);
  const one = a.send(first!);
  await eventually(async () => held);
  const two = b.send(second!).finally(() => {
    answered = true;
  });
  expect((await Promise.all([one, two])).map(({ status }) => status)).toEqual([0, 0]);
  expect((await messages()).map((message) => message.body)).toEqual([body]);
  await other.close();
});

test(verifies('smpp-door:parts-missing', 'parts that wait too long are told of, once, and forgotten'), async () => {
  const parts = partsOf(LONG, 'udh').map((part, i) => ({ ...part, registeredDelivery: i === 0 ? 1 : 0 }));
  await client.send(parts[0]!);
  await client.send(parts[1]!);
  const facts = { pool: own.db.enginePool, clock: rig.clock, newId: rig.newId, log: () => {} };
  expect(await expireParts(facts, PARTS_WAIT_MS, 100)).toBe(0);
  rig.clock.advance(PARTS_WAIT_MS + 1);
  const counts = await Promise.all([expireParts(facts, PARTS_WAIT_MS, 100), expireParts(facts, PARTS_WAIT_MS, 100)]);
  expect(counts[0]! + counts[1]!).toBe(2);
  const [receipt, ...more] = await deliveries();
  expect(more).toEqual([]);
  expect(receipt).toMatchObject({ system_id: systemId, source: '61411111111', destination: 'SENDER', kind: 2 });
  expect(receipt.body).toContain('stat:UNDELIV');
  expect((await submits()).every((row) => row.body === null)).toBe(true);
  // The rest comes too late to be a text.
  for (const part of parts.slice(2)) await client.send(part);
  expect(await messages()).toEqual([]);
});

test(
  verifies('smpp-door:bounded', 'only so many parts may wait; what makes a text whole is taken all the same'),
  async () => {
    const [first, second] = partsOf('x'.repeat(200), 'udh16', 1);
    const lone = (reference: number) => client.send(partsOf('x'.repeat(200), 'udh16', reference)[0]!);
    await client.send(first!);
    const answers = await Promise.all(Array.from({ length: MOST_PARTS_WAITING + 50 }, (_, n) => lone(2 + n)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 0)).toHaveLength(MOST_PARTS_WAITING - 1);
    expect(statuses.filter((status) => status === STATUS.ESME_RMSGQFUL)).toHaveLength(51);
    expect(await submits()).toHaveLength(MOST_PARTS_WAITING);
    expect(await client.send(second!)).toMatchObject({ status: 0 });
    expect(await client.send({})).toMatchObject({ status: 0 });
    expect(await messages()).toHaveLength(2);
    // One place is free again, and after their time all of them are.
    expect((await lone(5_000)).status).toBe(0);
    expect((await lone(5_001)).status).toBe(STATUS.ESME_RMSGQFUL);
    rig.clock.advance(PARTS_WAIT_MS + 1);
    expect((await lone(5_001)).status).toBe(0);
  },
);
