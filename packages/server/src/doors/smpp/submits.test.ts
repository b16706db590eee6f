import { encodePart } from '@veredus/protocols/gsm/parts';
import type { ShortMessage } from '@veredus/protocols/smpp/pdu';
import { STATUS } from '@veredus/protocols/smpp/status';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openAccount, PRICE, setPrice } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { type DoorRig, openDoorRig, type RigOptions, type TestClient } from '../../../../../test/rig/smpp-door.ts';
import type { Caller } from '../../accounts/caller.ts';
import type { CommitJob } from '../../messages/commit.ts';
import { Refusal } from '../../refusal.ts';

let own: TestDatabase;
let caller: Caller;
let rig: DoorRig;
let client: TestClient;
let commit: RigOptions['commit'];

beforeAll(async () => {
  own = await openTestDatabase();
  await setPrice(own.db, PRICE);
});
afterAll(() => own.close());
const open = async (options: { creditMicro?: number } = {}) => {
  caller = await openAccount(own.db, options);
  rig = await openDoorRig(own.db, { commit: (real) => (job) => (commit?.(real) ?? real)(job) });
  const esme = await rig.esme(caller);
  client = await rig.bind(esme);
};
beforeEach(async () => {
  commit = undefined;
  await open();
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
const gsm = (body: string) => encodePart(body, 'gsm');

test(
  verifies('smpp-door:accept', 'a submit is a message, priced and reserved, under the id it was answered with'),
  async () => {
    const answer = await client.send({ source: 'Bakehouse', shortMessage: gsm('Bread €1'), registeredDelivery: 1 });
    expect(answer).toMatchObject({ kind: 'response', status: 0 });
    const [message, ...more] = await messages();
    expect(more).toEqual([]);
    expect(message).toMatchObject({
      recipient: '+61411111111',
      sender: 'Bakehouse',
      body: 'Bread €1',
      parts: 1,
      price_micro: PRICE,
      source: 'smpp',
      refusal: null,
      valid: 86_400_000,
    });
    expect(answer.messageId).toBe(message.id.toUpperCase());
    expect(await submits()).toMatchObject([{ id: message.id, message_id: message.id, registered: 1, body: null }]);
    const { rows } = await own.db.enginePool.query('select held_micro from ledger_balances where account_id = $1', [
      caller.accountId,
    ]);
    expect(rows[0].held_micro).toBe(PRICE);
  },
);

test('the submits of one chunk share a call', async () => {
  const jobs: CommitJob[] = [];
  commit = (real) => (job) => {
    jobs.push(job);
    return real(job);
  };
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) => client.send({ destination: `61411000${String(n).padStart(3, '0')}` })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([0]));
  expect(new Set(answers.map(({ messageId }) => messageId)).size).toBe(200);
  expect(jobs.length).toBeLessThan(20);
});

test(verifies('smpp-door:times', 'a validity shortens what REST gives, and never lengthens it'), async () => {
  await client.send({ validityPeriod: '000000001000000R' });
  await client.send({ destination: '61411111112', validityPeriod: '000100000000000R' });
  await client.send({ destination: '61411111113', scheduleDelivery: '000001000000000R' });
  const rows = await messages();
  expect(rows.map(({ valid }) => valid)).toEqual([600_000, 86_400_000, 2 * 86_400_000]);
  expect(rows[2].schedule_at).toBe(rig.clock.now() + 86_400_000);
});

describe(verifies('smpp-door:one-way-in', 'smpp-door:codes', 'what REST refuses is refused here'), () => {
  test.each<[string, Partial<ShortMessage>, keyof typeof STATUS]>([
    ['no number', { destination: '12' }, 'ESME_RINVDSTADR'],
    ['another’s number as sender', { source: '61499999999', sourceTon: 1 }, 'ESME_RINVSRCADR'],
    ['a tag that is none', { source: 'a b' }, 'ESME_RINVSRCADR'],
    ['no text', { shortMessage: Buffer.alloc(0) }, 'ESME_RINVMSGLEN'],
    ['too far ahead', { scheduleDelivery: '000500000000000R' }, 'ESME_RINVSCHED'],
    ['binary', { dataCoding: 4 }, 'ESME_RSUBMITFAIL'],
  ])('%s', async (_, fields, status) => {
    expect(await client.send(fields)).toMatchObject({ status: STATUS[status], messageId: '' });
    expect(await submits()).toEqual([]);
  });

  test('who has opted out', async () => {
    await own.db.enginePool.query(
      `insert into suppressions (account_id, channel, address, reason, created_at) values ($1, 1, '+61411111111', 'STOP', 0)`,
      [caller.accountId],
    );
    expect(await client.send({})).toMatchObject({ status: STATUS.ESME_RINVDSTADR });
    expect(await messages()).toMatchObject([{ refusal: 'INVALID_RECIPIENT' }]);
  });

  test('a repeat, and more than the balance holds', async () => {
    await rig.close();
    await open({ creditMicro: PRICE });
    await own.db.enginePool.query('update accounts set throttle_ms = 10000 where account_id = $1', [caller.accountId]);
    await rig.later(async () => (await messages()).length > 0 || (await client.send({})).status === 0);
    expect(await client.send({ destination: '61411111112' })).toMatchObject({ status: STATUS.ESME_RSUBMITFAIL });
    expect((await messages()).filter(({ refusal }) => refusal === null)).toHaveLength(1);
  });

  test('a database that is away is "later"; a commit that may have gone through is not', async () => {
    const away = new Refusal('unavailable', 'away');
    commit = () => () => Promise.reject(away);
    expect(await client.send({})).toMatchObject({ status: STATUS.ESME_RMSGQFUL });
    commit = (real) => async (job) => {
      await real(job);
      throw away;
    };
    expect(await client.send({})).toMatchObject({ status: STATUS.ESME_RSYSERR });
  });
});
