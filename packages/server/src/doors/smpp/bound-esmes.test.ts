import type { Socket } from 'node:net';
import type { IncomingMessage } from '@veredus/protocols/smpp/ending';
import type { ServerSession } from '@veredus/protocols/smpp/server-session';
import { STATUS } from '@veredus/protocols/smpp/status';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openAccount, PRICE, setPrice } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { eventually } from '../../../../../test/rig/server.ts';
import { type DoorRig, openDoorRig, until } from '../../../../../test/rig/smpp-door.ts';
import { submit } from '../../../../../test/rig/smpp-pdus.ts';
import type { Caller } from '../../accounts/caller.ts';
import type { Admission } from './admit.ts';
import { BoundEsmes } from './bound-esmes.ts';
import type { BoundSession } from './bound-session.ts';
import type { Parcel } from './parcel.ts';

let own: TestDatabase;
let caller: Caller;
let rig: DoorRig;
/** Lets the commits through. */
let goOn: () => void;

beforeAll(async () => {
  own = await openTestDatabase();
  await setPrice(own.db, PRICE);
});
afterAll(() => own.close());
beforeEach(async () => {
  caller = await openAccount(own.db);
  const open = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  rig = await openDoorRig(own.db, { commit: (real) => (job) => open.then(() => real(job)) });
});
afterEach(async () => {
  goOn();
  await rig.close();
});

const BODY = Buffer.from('Bread');
let texts = 0;
const handset = () => `614${String(10_000_000 + ++texts)}`;

test(
  verifies('smpp-door:bounded', 'of a client that submits, hangs up and comes again only what is under way is stored'),
  async () => {
    const esme = await rig.esme(caller, { binds: 1 });
    for (let round = 1; round <= 20; round++) {
      const client = await rig.bind(esme);
      // Fewer than make us stop reading.
      for (let n = 0; n < 400; n++) client.send({ destination: handset(), shortMessage: BODY }).catch(() => {});
      // What cannot be read is answered at once: then the door has all that came before it.
      expect(await client.send({ dataCoding: 4 })).toMatchObject({ status: STATUS.ESME_RSUBMITFAIL });
      client.session.close('it hangs up');
      await until(() => rig.logged.filter(({ event }) => event === 'smpp.left').length === round);
    }
    goOn();
    const last = await rig.bind(esme);
    expect(await last.send({ destination: handset() })).toMatchObject({ status: 0 });
    const { rows } = await own.db.enginePool.query('select count(*)::integer from messages where account_id = $1', [
      caller.accountId,
    ]);
    expect(rows[0].count).toBeLessThanOrEqual(501);
  },
);

/** A session whose socket only knows whether it is read. */
function joined(esmes: BoundEsmes, binds: number) {
  const answers: number[] = [];
  const socket = {
    read: true,
    pause() {
      socket.read = false;
    },
    resume() {
      socket.read = true;
    },
  };
  const wire = { respond: (_: number, status: number) => answers.push(status) };
  const esme = { systemId: 'acme', ...caller, passwordHash: '', binds, disabled: false };
  const session = esmes.join(
    { esme, caller },
    {
      session: wire as unknown as ServerSession<Parcel>,
      socket: socket as unknown as Socket,
      mode: 'transceiver',
      passwordHash: '',
      version: 0x34,
    },
  ) as BoundSession;
  const take = (count: number) =>
    session.take(
      Array.from({ length: count }, (_, sequence) => {
        const message = { ...submit, sequence, destination: handset(), destinationTon: 1, shortMessage: BODY };
        return { ...message, validityPeriod: '' } as IncomingMessage;
      }),
      rig,
    );
  return { session, socket, answers, take };
}

test(verifies('smpp-door:bounded', 'a client’s sessions together are read no further than one may hold'), async () => {
  const esmes = new BoundEsmes({ ...rig.sms, log: () => {} }, null as unknown as Admission);
  const crowd = Array.from({ length: 5 }, () => joined(esmes, 10));
  for (const { take } of crowd) take(450);
  const { esme } = crowd[0]!.session.facts;
  expect(esme.backlog.pieces).toBe(5 * 450);
  expect(crowd.map(({ socket }) => socket.read)).toEqual(Array(5).fill(false));
  // One that comes now is not read either, and those who leave take with them all but what is under way.
  const late = joined(esmes, 10);
  expect(late.socket.read).toBe(false);
  for (const { session } of crowd) esmes.leave(session);
  expect(esme.backlog.pieces).toBeLessThanOrEqual(500);
  expect(late.socket.read).toBe(true);
  late.take(499);
  expect(late.socket.read).toBe(true);
  late.take(1);
  expect(late.socket.read).toBe(false);
  goOn();
  await eventually(async () => late.answers.length === 500);
  expect(new Set(late.answers)).toEqual(new Set([0]));
  expect(esme.backlog.pieces).toBe(0);
  expect(late.socket.read).toBe(true);
});
