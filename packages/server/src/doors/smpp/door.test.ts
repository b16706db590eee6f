import { STATUS } from '@veredus/protocols/smpp/status';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openAccount, PRICE, setPrice } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { type DoorRig, openDoorRig, type TestEsme, until } from '../../../../../test/rig/smpp-door.ts';
import type { Caller } from '../../accounts/caller.ts';
import { removeEsme, resetEsmePassword, setDisabled } from '../../esmes/esme.ts';
import { systemRandom } from '../../system.ts';

let own: TestDatabase;
let caller: Caller;
let rig: DoorRig;
let esme: TestEsme;

beforeAll(async () => {
  own = await openTestDatabase();
  await setPrice(own.db, PRICE);
});
afterAll(() => own.close());
beforeEach(async () => {
  caller = await openAccount(own.db);
  rig = await openDoorRig(own.db);
  esme = await rig.esme(caller);
});
afterEach(() => rig.close());

const parts = () => ({ clock: rig.clock, random: systemRandom, db: own.db.engine });
const wrong = () => ({ ...esme, password: 'nonsense' });

test(verifies('smpp-door:bind', 'lets in as often as it may, and no more, also of binds at one moment'), async () => {
  const two = await rig.esme(caller, { binds: 2 });
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => rig.bind(two)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  const [refused] = outcomes.filter((one) => one.status === 'rejected');
  expect(String(refused!.reason)).toContain('ESME_RALYBND');
  const [client] = outcomes.filter((one) => one.status === 'fulfilled');
  await client!.value.session.unbind();
  await until(() => rig.logged.some(({ event }) => event === 'smpp.left'));
  expect((await rig.bind(two, 'receiver')).session.bound).toBe(true);
});

test('a receiver may not submit, and a transmitter may', async () => {
  const receiver = await rig.bind(esme, 'receiver');
  expect(await receiver.send({})).toMatchObject({ status: STATUS.ESME_RINVBNDSTS });
  const transmitter = await rig.bind(esme, 'transmitter');
  expect(await transmitter.send({})).toMatchObject({ status: 0 });
});

test(verifies('smpp-door:guessing', 'guessers wait; who proved the password before does not'), async () => {
  await rig.bind(esme);
  for (let tries = 0; tries < 6; tries++) await expect(rig.bind(wrong())).rejects.toThrow('ESME_RINVPASWD');
  await expect(rig.bind(wrong())).rejects.toThrow('ESME_RTHROTTLED');
  await rig.bind(esme);
  rig.clock.advance(1_000);
  await expect(rig.bind(wrong())).rejects.toThrow('ESME_RINVPASWD');
  await expect(rig.bind({ systemId: 'nobody', password: 'nonsense' })).rejects.toThrow('ESME_RINVPASWD');
  // The first of its minute; the others are counted.
  expect(rig.logged.filter(({ event }) => event === 'smpp.bind-refused')).toHaveLength(1);
  expect(JSON.stringify(rig.logged)).not.toContain('nonsense');
  expect(JSON.stringify(rig.logged)).not.toContain(esme.password);
});

test.each<[string, () => Promise<unknown>, string]>([
  ['is disabled', () => setDisabled(parts(), esme.systemId, true), 'ESME_RBINDFAIL'],
  ['is removed', () => removeEsme(parts(), esme.systemId), 'ESME_RINVPASWD'],
  ['has another password', () => resetEsmePassword(parts(), esme.systemId), 'ESME_RINVPASWD'],
  [
    'belongs to a banned account',
    () => own.db.enginePool.query('update accounts set banned = true where account_id = $1', [caller.accountId]),
    'ESME_RBINDFAIL',
  ],
])(verifies('smpp-door:barred', 'an ESME that %s is put out and kept out'), async (_, bar, status) => {
  const client = await rig.bind(esme);
  await bar();
  await rig.later(async () => client.closed.length > 0);
  expect(client.closed).toEqual(['the peer unbound']);
  await expect(rig.bind(esme)).rejects.toThrow(status);
});

test(verifies('smpp-door:goodbye', 'a stopping door answers what it was given and unbinds'), async () => {
  const client = await rig.bind(esme);
  const answers = Array.from({ length: 50 }, (_, n) =>
    client.send({ destination: `614110000${String(n).padStart(2, '0')}` }),
  );
  await until(() => client.session.outstanding === 50);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await rig.door.stop();
  const statuses = (await Promise.all(answers)).map(({ kind, status }) => (kind === 'response' ? status : kind));
  expect(new Set(statuses)).toEqual(new Set([0]));
  expect(client.closed).toEqual(['the peer unbound']);
});
