import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { STATUS } from '@veredus/protocols/smpp/status';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAccount, PRICE, setPrice } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { type DoorRig, openDoorRig, type TestEsme } from '../../../../../test/rig/smpp-door.ts';
import { type LibraryPdu, librarySession } from '../../../../../test/rig/smpp-library.ts';
import { bytesOf, submit } from '../../../../../test/rig/smpp-pdus.ts';
import type { Caller } from '../../accounts/caller.ts';

let own: TestDatabase;
let caller: Caller;
let rig: DoorRig;
let esme: TestEsme;

beforeAll(async () => {
  own = await openTestDatabase();
  await setPrice(own.db, PRICE);
  caller = await openAccount(own.db);
  rig = await openDoorRig(own.db);
  esme = await rig.esme(caller);
});
afterAll(async () => {
  await rig.close();
  await own.close();
});

const dial = (): Socket => connect(rig.port, '127.0.0.1').on('error', () => {});

/** A good client all the while: whatever strangers do, it is served. */
const isServed = async () => {
  const client = await rig.bind(esme);
  expect(await client.send({ shortMessage: Buffer.from(`text ${rig.newId()}`) })).toMatchObject({ status: 0 });
  await client.session.unbind();
};

describe('strangers', () => {
  test('who connect and say nothing are limited by address, and hung up on', async () => {
    const before = await rig.bind(esme);
    const crowd = Array.from({ length: 30 }, dial);
    const ended = crowd.map((socket) => once(socket.resume(), 'close'));
    await Promise.race(ended);
    // One who is bound already goes on.
    expect(await before.send({})).toMatchObject({ status: 0 });
    rig.clock.advance(10_001);
    rig.clock.advance(1_001);
    await Promise.all(ended);
    await isServed();
  });

  test.each([
    ['bytes that are no SMPP', Buffer.alloc(5_000, 0x47)],
    ['a PDU of 4 GB', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1])],
    ['a submit before the bind', bytesOf(submit)],
    [
      'a bind with a name of 1,000 characters',
      Buffer.concat([Buffer.from([0, 0, 3, 248, 0, 0, 0, 9]), Buffer.alloc(1_008, 65)]),
    ],
  ])('who send %s', async (_, bytes) => {
    const socket = dial();
    socket.write(bytes);
    socket.end();
    await once(socket.resume(), 'close');
    await isServed();
  });

  test('whose bind comes twice at once', async () => {
    const socket = dial();
    const bind = {
      command: 'bind_transceiver' as const,
      sequence: 1,
      status: 0,
      systemType: '',
      interfaceVersion: 0x34,
    };
    const bytes = bytesOf({ ...bind, ...esme, addressTon: 0, addressNpi: 0, addressRange: '' });
    socket.write(Buffer.concat([bytes, bytes]));
    const [answer] = await once(socket, 'data');
    expect((answer as Buffer).readUInt32BE(8)).toBe(STATUS.ESME_RALYBND);
    socket.destroy();
    await isServed();
  });
});

test('a client that sends faster than it may is slowed down, not refused', async () => {
  const client = await rig.bind(esme);
  // More than a session may have without an answer.
  const answers = Array.from({ length: 4_000 }, (_, n) =>
    client.send({ destination: `6141110${String(n).padStart(4, '0')}`, shortMessage: Buffer.alloc(150, 0x41) }),
  );
  expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([0]));
});

test('an independent library binds, submits, asks whether we live, and leaves', async () => {
  const session = librarySession(dial());
  await once(session.socket, 'connect');
  const ask = <T extends 'bind_transceiver' | 'submit_sm'>(command: T, fields: Record<string, unknown>) =>
    new Promise<LibraryPdu>((resolve) => session[command](fields, resolve));
  const bound = await ask('bind_transceiver', {
    system_id: esme.systemId,
    password: esme.password,
    interface_version: 0x34,
  });
  expect(bound).toMatchObject({ command_status: 0, system_id: 'veredus' });
  const taken = await ask('submit_sm', {
    destination_addr: '61411111111',
    dest_addr_ton: 1,
    short_message: 'Γειά από τη βιβλιοθήκη',
    data_coding: 8,
  });
  expect(taken.command_status).toBe(0);
  const { rows } = await own.db.enginePool.query('select body, sender from messages where id = $1', [
    String(taken.message_id).toLowerCase(),
  ]);
  expect(rows).toEqual([{ body: 'Γειά από τη βιβλιοθήκη', sender: '+61491570006' }]);
  expect(await new Promise((resolve) => session.enquire_link(resolve))).toMatchObject({ command_status: 0 });
  expect(await new Promise((resolve) => session.unbind(resolve))).toMatchObject({ command_status: 0 });
});
