import type { IncomingMessage } from '@veredus/protocols/smpp/ending';
import type { MessagePdu } from '@veredus/protocols/smpp/pdu';
import { readReceipt } from '@veredus/protocols/smpp/receipts';
import { STATUS } from '@veredus/protocols/smpp/status';
import { readText } from '@veredus/protocols/smpp/text';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openAccount, PRICE, setPrice } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { type DoorRig, openDoorRig, type TestClient, type TestEsme } from '../../../../../test/rig/smpp-door.ts';
import type { Caller } from '../../accounts/caller.ts';
import { KEPT_FOR_MS } from '../../esmes/delivery.ts';
import { forwardToEsme } from '../../esmes/forward.ts';
import { receiptsForEsmes } from '../../esmes/receipts.ts';
import { expireDeliveries } from '../../esmes/store-deliveries.ts';

let own: TestDatabase;
let caller: Caller;
let rig: DoorRig;
let esme: TestEsme;
let texts = 0;

beforeAll(async () => {
  own = await openTestDatabase();
  await setPrice(own.db, PRICE);
});
afterAll(() => own.close());
beforeEach(async () => {
  await own.db.enginePool.query('delete from esme_deliveries');
  caller = await openAccount(own.db);
  rig = await openDoorRig(own.db);
  esme = await rig.esme(caller);
});
afterEach(() => rig.close());

const forward = (body: string, to: { systemId: string } = esme, accountId = caller.accountId) =>
  forwardToEsme(
    own.db.enginePool,
    { accountId, systemId: to.systemId, from: '+61411111111', to: '+61491570006', body, subjectId: rig.newId() },
    { at: rig.clock.now(), newId: rig.newId },
  );
const rows = async () =>
  (await own.db.enginePool.query('select * from esme_deliveries where system_id = $1 order by id', [esme.systemId]))
    .rows;
const done = () =>
  rig.later(async () => {
    const all = await rows();
    return all.length > 0 && all.every(({ done_at }) => done_at !== null) && all;
  });
const textOf = (message: IncomingMessage) => readText(message as MessagePdu).body;

describe(verifies('smpp-door:receipts', 'receipts of submits'), () => {
  const ended = async (
    client: TestClient,
    registeredDelivery: number,
    status: number,
    errorCode: number | null = null,
  ) => {
    const shortMessage = Buffer.from(`text ${++texts}`);
    const { messageId } = await client.send({ source: 'Bakehouse', shortMessage, registeredDelivery });
    const moved = {
      accountId: caller.accountId,
      messageId: messageId.toLowerCase(),
      status,
      errorCode,
      at: rig.clock.now(),
    };
    await receiptsForEsmes(own.db.enginePool, [moved], rig.newId);
    return messageId;
  };

  test.each([
    [3, null, 'delivered', '000'],
    [4, 8, 'undeliverable', '008'],
    [5, 20, 'expired', '020'],
    [9, 7, 'undeliverable', '007'],
  ] as const)('of state %i with error %j reads %s', async (status, errorCode, state, error) => {
    const client = await rig.bind(esme);
    const messageId = await ended(client, 1, status, errorCode);
    expect(await done()).toMatchObject([{ outcome: 'delivered', attempts: 1, kind: 2 }]);
    const [receipt] = client.deliveries;
    expect(readReceipt(receipt!.esmClass, textOf(receipt!), receipt!.tlvs)).toMatchObject({ messageId, state, error });
    expect(receipt).toMatchObject({ source: '61411111111', destination: 'Bakehouse' });
  });

  test('come only where they were asked for, and to whom', async () => {
    const client = await rig.bind(esme);
    await ended(client, 0, 3);
    await ended(client, 2, 3);
    expect(await rows()).toEqual([]);
    const moved = { accountId: caller.accountId, messageId: rig.newId(), status: 3, errorCode: null, at: 0 };
    expect(await receiptsForEsmes(own.db.enginePool, [moved], rig.newId)).toBe(0);
    await ended(client, 2, 4);
    await done();
    expect(client.deliveries).toHaveLength(1);
  });
});

describe(verifies('smpp-door:inbound', 'texts from handsets'), () => {
  test('reach a transceiver and a receiver, never a transmitter', async () => {
    const transmitter = await rig.bind(esme, 'transmitter');
    expect(await forward('Yes')).toBe('queued');
    rig.clock.advance(2_000);
    expect((await rows())[0]).toMatchObject({ attempts: 0, done_at: null });
    const receiver = await rig.bind(esme, 'receiver');
    await done();
    expect(receiver.deliveries.map(textOf)).toEqual(['Yes']);
    expect(transmitter.deliveries).toEqual([]);
  });

  test('come in order, long ones in parts, each with the sender’s number', async () => {
    const bodies = ['one', 'Γειά 🍞 '.repeat(30), 'three'];
    for (const body of bodies) await forward(body);
    const client = await rig.bind(esme);
    await done();
    const texts = client.deliveries.map(textOf);
    expect(texts[0]).toBe('one');
    expect(texts.slice(1, -1).join('')).toBe(bodies[1]);
    expect(texts.at(-1)).toBe('three');
    expect(client.deliveries[0]).toMatchObject({ source: '61411111111', destination: '61491570006' });
  });

  test('go to nobody where the ESME is none, or another account’s', async () => {
    const other = await openAccount(own.db);
    expect(await forward('Hi', { systemId: 'nobody' })).toBe('no-such-esme');
    expect(await forward('Hi', esme, other.accountId)).toBe('no-such-esme');
    expect(await rows()).toEqual([]);
  });

  test('of an account are not given to another that has got the name', async () => {
    await forward('Hi');
    await own.db.enginePool.query('delete from esmes where system_id = $1', [esme.systemId]);
    const heir = await rig.esme(await openAccount(own.db), { systemId: esme.systemId });
    const client = await rig.bind(heir);
    rig.clock.advance(5_000);
    await client.send({});
    expect(client.deliveries).toEqual([]);
    expect((await rows())[0]).toMatchObject({ attempts: 0 });
  });
});

describe(verifies('smpp-door:at-least-once', 'what is queued'), () => {
  test('waits for a bind, and goes to one node only', async () => {
    for (let n = 0; n < 200; n++) await forward(`text ${n}`);
    const other = await openDoorRig(own.db, { clock: rig.clock });
    const clients = await Promise.all([rig.bind(esme, 'receiver'), other.bind(esme, 'receiver')]);
    await done();
    const bodies = clients.flatMap(({ deliveries }) => deliveries.map(textOf));
    expect(bodies).toHaveLength(200);
    expect(new Set(bodies).size).toBe(200);
    await other.close();
  });

  test('that was turned down comes again later, and again', async () => {
    const client = await rig.bind(esme);
    client.answer = STATUS.ESME_RX_T_APPN;
    await forward('Yes');
    await rig.later(async () => (await rows())[0].outcome === 'ESME_RX_T_APPN');
    expect((await rows())[0]).toMatchObject({ done_at: null, attempts: 1 });
    client.answer = 0;
    expect(await done()).toMatchObject([{ outcome: 'delivered', attempts: 2 }]);
    expect(client.deliveries).toHaveLength(2);
  });

  test('that is turned down for good does not', async () => {
    const client = await rig.bind(esme);
    client.answer = STATUS.ESME_RX_R_APPN;
    await forward('Yes');
    expect(await done()).toMatchObject([{ outcome: 'ESME_RX_R_APPN', attempts: 1 }]);
  });

  test('that was not answered before the client left comes to the next', async () => {
    const silent = await rig.bind(esme);
    silent.answer = null;
    await forward('Yes');
    await rig.later(async () => silent.deliveries.length === 1);
    silent.session.close('it crashes');
    await rig.later(async () => (await rows())[0].outcome === 'closed');
    const client = await rig.bind(esme);
    await done();
    expect(client.deliveries.map(textOf)).toEqual(['Yes']);
  });

  test('that a killed node had claimed comes once its lease is over', async () => {
    await forward('Yes');
    await own.db.enginePool.query(
      'update esme_deliveries set claimed_until = $1, next_attempt_at = $1, attempts = 1 where system_id = $2',
      [rig.clock.now() + 120_000, esme.systemId],
    );
    const client = await rig.bind(esme);
    await rig.later(async () => client.deliveries.length > 0);
    await done();
    expect(client.deliveries).toHaveLength(1);
  });

  test('ends after 72 hours that nobody came', async () => {
    await forward('Yes');
    rig.clock.advance(KEPT_FOR_MS - 1);
    expect(await expireDeliveries(own.db.enginePool, rig.clock.now(), 100)).toBe(0);
    rig.clock.advance(1);
    expect(await expireDeliveries(own.db.enginePool, rig.clock.now(), 100)).toBe(1);
    expect(await rows()).toMatchObject([{ outcome: 'expired', done_at: rig.clock.now() }]);
  });
});
