import type { TargetAnswer, TargetCall } from '@veredus/tools/target';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, idAt } from '../../../../test/rig/stored-messages.ts';
import { callerFor } from '../accounts/act-for.ts';
import { NoConnection } from '../connections/no-connection.ts';
import { Refusal } from '../refusal.ts';
import type { Actor, Agent } from './actor.ts';
import { uuidOfLogId } from './log-id.ts';
import { actionRunner, type RunAction, type RunRequest } from './run-action.ts';
import { endAbandoned } from './store-executions.ts';

const LIST = { list_name: 'Regulars' };
const SEND = { messages: [{ to: '+61411111111', body: 'Hello' }] };
const done = (data: unknown): TargetAnswer => ({
  kind: 'answer',
  status: 200,
  envelope: { http_code: 200, response_code: 'SUCCESS', response_msg: 'Done.', data },
  replayed: false,
});
const made = done({ list_id: 7, list_name: 'Regulars' });

let database: TestDatabase;
let clock: HandClock;
let actor: Actor;
/** What the target was asked, and how it answers next. */
let calls: TargetCall[];
let answer: (call: TargetCall) => TargetAnswer | Promise<TargetAnswer>;
let notes: [string, string][];
let connectionId: string | null;
/** Thrown in place of a connection. */
let gone: NoConnection | null;
let runAction: RunAction;
let accounts = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  clock = handClock();
  calls = [];
  notes = [];
  answer = () => made;
  connectionId = null;
  gone = null;
  const who = await addAccount(database.db, `runner ${accounts++}`);
  actor = { caller: (await callerFor(database.db.enginePool, who))!, agent: null };
  runAction = actionRunner({
    pool: database.db.enginePool,
    clock,
    newId: () => idAt(clock.now()).toUpperCase(),
    place: async () => {
      if (gone) throw gone;
      return {
        connectionId,
        userId: null,
        target: 'local',
        use: {
          call: async (call) => {
            calls.push(call);
            return answer(call);
          },
        },
      };
    },
    noteUse: async (id, outcome) => void notes.push([id, outcome]),
    log: () => {},
  });
});

const run = (slug: string, args: unknown, more: Partial<RunRequest> = {}) =>
  runAction(actor, {
    slug: `CLICKSEND_${slug}`,
    arguments: args,
    face: 'direct',
    connection: { connectionId: null, userId: null, needed: false },
    idempotencyKey: null,
    repetition: false,
    runId: null,
    ...more,
  });
const executions = async () =>
  (
    await database.db.enginePool.query('select * from executions where account_id = $1 order by execution_id', [
      actor.caller.accountId,
    ])
  ).rows;
const agentWith = (allowedActions: string[] | null): Agent => ({
  agentId: 101,
  accountId: actor.caller.accountId,
  userId: actor.caller.userId,
  name: 'Support',
  description: '',
  allowedActions,
  ownAccount: true,
  allowedConnections: null,
  createdAt: 0,
  updatedAt: 0,
  disabledAt: null,
});

describe('once', () => {
  test(verifies('run:derived-key', 'an equal call within two minutes is the first one, and says so'), async () => {
    const first = await run('CREATE_LISTS', LIST);
    expect(first).toMatchObject({ successful: true, replayed: false, data: { data: { list_id: 7 } } });
    clock.advance(119_000);
    const again = await run('CREATE_LISTS', { list_name: 'Regulars' });
    expect(again).toEqual({ ...first, replayed: true });
    expect(calls).toHaveLength(1);
    clock.advance(2_000);
    expect((await run('CREATE_LISTS', LIST)).replayed).toBe(false);
    expect(calls).toHaveLength(2);
    expect((await executions()).map(({ replays }) => replays)).toEqual([1, 0]);
  });

  test('other arguments, another agent, another connection: another call', async () => {
    await run('CREATE_LISTS', LIST);
    await run('CREATE_LISTS', { list_name: 'Others' });
    await run('CREATE_LISTS', LIST, { connection: { connectionId: 'ca_one', userId: null, needed: false } });
    await run('CREATE_LISTS', LIST, { connection: { connectionId: null, userId: 'ana', needed: false } });
    actor = { ...actor, agent: agentWith(null) };
    await run('CREATE_LISTS', LIST);
    expect(calls).toHaveLength(5);
  });

  test('of many at the same time one is done, and all get its answer', async () => {
    let release: (answer: TargetAnswer) => void = () => {};
    answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const all = Array.from({ length: 12 }, () => run('CREATE_SMS_SEND', SEND));
    await expect.poll(() => calls.length).toBe(1);
    // Those that find eight waiting are answered before the first is.
    let answered = 0;
    for (const one of all) void one.then(() => answered++);
    await expect.poll(() => answered, { timeout: 10_000 }).toBe(3);
    release(done({ total_price: 0.079, messages: [{ message_id: idAt(1), status: 'SUCCESS', to: '+61411111111' }] }));
    const ticking = setInterval(() => clock.advance(100), 5);
    const answers = await Promise.all(all);
    clearInterval(ticking);
    expect(calls).toHaveLength(1);
    // No more than eight wait; whoever comes then is told to come again.
    const [busy, told] = [answers.filter(({ logId }) => logId === null), answers.filter(({ logId }) => logId !== null)];
    expect([busy.length, told.length]).toEqual([3, 9]);
    expect(busy[0]!.error).toContain('still under way');
    expect(told.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(told.map(({ logId }) => logId)).size).toBe(1);
  });

  test(
    verifies('run:explicit-key', 'a key of the caller’s own holds as long as it is kept, and for one call only'),
    async () => {
      const first = await run('CREATE_LISTS', { ...LIST, idempotency_key: 'abc' });
      clock.advance(3_600_000);
      expect((await run('CREATE_LISTS', LIST, { idempotencyKey: 'abc' })).logId).toBe(first.logId);
      expect(calls).toHaveLength(1);
      const other = await run('CREATE_LISTS', { list_name: 'Others', idempotency_key: 'abc' });
      expect(other).toMatchObject({ successful: false, error: expect.stringContaining('other arguments') });
      expect((await run('CREATE_LISTS', LIST, { idempotencyKey: 'x'.repeat(256) })).error).toContain('1 to 255');
      expect(calls).toHaveLength(1);
    },
  );

  test(
    verifies('run:repetition', 'a client that says it repeats gets the first answer, of deletions too'),
    async () => {
      await run('DELETE_LISTS', { list_id: 7 });
      clock.advance(5 * 60_000);
      expect(await run('DELETE_LISTS', { list_id: 7 }, { repetition: true })).toMatchObject({
        replayed: true,
        successful: true,
      });
      // Nobody said that it is a repetition: what was deleted may be there again.
      expect((await run('DELETE_LISTS', { list_id: 7 })).replayed).toBe(false);
      clock.advance(11 * 60_000);
      expect((await run('DELETE_LISTS', { list_id: 7 }, { repetition: true })).replayed).toBe(false);
      expect(calls).toHaveLength(3);
    },
  );

  test('what failed without having done anything may be done by the same call later', async () => {
    answer = () => ({
      kind: 'answer',
      status: 400,
      envelope: { http_code: 400, response_code: 'INSUFFICIENT_CREDIT', response_msg: 'Top up.', data: null },
      replayed: false,
    });
    expect(await run('CREATE_SMS_SEND', { ...SEND, idempotency_key: 'k' })).toMatchObject({ successful: false });
    answer = () =>
      done({ total_price: 0.079, messages: [{ message_id: idAt(2), status: 'SUCCESS', to: '+61411111111' }] });
    expect(await run('CREATE_SMS_SEND', { ...SEND, idempotency_key: 'k' })).toMatchObject({
      successful: true,
      replayed: false,
    });
  });

  test(verifies('run:unknown', 'what may have been done is not done again: the doubt is answered again'), async () => {
    answer = () => ({ kind: 'unknown', words: 'The connection broke off.' });
    const first = await run('CREATE_LISTS', LIST);
    expect(first).toMatchObject({ successful: false, error: expect.stringMatching(/may or may not/) });
    answer = () => made;
    expect(await run('CREATE_LISTS', LIST)).toMatchObject({ successful: false, replayed: true, error: first.error });
    expect(calls).toHaveLength(1);
    expect(await executions()).toMatchObject([{ state: 'unknown', successful: false }]);
  });

  test(
    verifies('run:crash', 'after a crash a send is taken up under its own id, so that its messages go once'),
    async () => {
      let stuck = true;
      answer = () =>
        stuck
          ? new Promise(() => {})
          : done({ total_price: 0.1, messages: [{ message_id: idAt(3), status: 'SUCCESS', to: '+61411111111' }] });
      void run('CREATE_SMS_SEND', SEND);
      await expect.poll(() => calls.length).toBe(1);
      stuck = false;
      clock.advance(1_000);
      // The process died; the next one finds what it left.
      expect(await endAbandoned(database.db.enginePool, clock.now())).toBe(1);
      const again = await run('CREATE_SMS_SEND', SEND);
      expect(again).toMatchObject({ successful: true, replayed: false });
      expect(calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
        calls[0]!.idempotencyKey,
        calls[0]!.idempotencyKey,
      ]);
      expect(await executions()).toMatchObject([{ state: 'done', successful: true }]);
    },
  );

  test('after a crash what the target cannot tell apart is not done again', async () => {
    answer = () => new Promise(() => {});
    void run('CREATE_LISTS', LIST);
    await expect.poll(() => calls.length).toBe(1);
    clock.advance(1_000);
    await endAbandoned(database.db.enginePool, clock.now());
    expect(await run('CREATE_LISTS', LIST)).toMatchObject({
      successful: false,
      replayed: true,
      error: expect.stringContaining('may or may not'),
    });
    expect(calls).toHaveLength(1);
  });

  test(
    verifies('run:connection', 'a repetition is one call whatever the usual connection is by then, or none at all'),
    async () => {
      connectionId = 'ca_old';
      const ana = { connection: { connectionId: null, userId: 'ana', needed: true }, idempotencyKey: 'order-1' };
      const first = await run('CREATE_LISTS', LIST, ana);
      connectionId = 'ca_newer';
      expect(await run('CREATE_LISTS', LIST, ana)).toEqual({ ...first, replayed: true });
      gone = new NoConnection('There is no connection.', true);
      expect(await run('CREATE_LISTS', LIST, ana)).toEqual({ ...first, replayed: true });
      await expect(run('CREATE_LISTS', { list_name: 'Others' }, { ...ana, idempotencyKey: null })).rejects.toBe(gone);
      expect(calls).toHaveLength(1);
    },
  );

  test('one that is under way is repeated by an equal call, however long it takes', async () => {
    let release: (answer: TargetAnswer) => void = () => {};
    answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const first = run('CREATE_LISTS', LIST);
    await expect.poll(() => calls.length).toBe(1);
    clock.advance(4 * 60_000);
    const second = run('CREATE_LISTS', LIST);
    release(made);
    await first;
    const ticking = setInterval(() => clock.advance(100), 5);
    expect((await second).replayed).toBe(true);
    clearInterval(ticking);
    expect(calls).toHaveLength(1);
  });

  test('what the target says is under way there is in doubt, and keeps its key', async () => {
    answer = () => ({
      kind: 'answer',
      status: 409,
      envelope: { http_code: 409, response_code: 'CONFLICT', response_msg: 'In progress.', data: null },
      replayed: false,
    });
    expect(await run('CREATE_SMS_SEND', { ...SEND, idempotency_key: 'k' })).toMatchObject({ successful: false });
    expect(await executions()).toMatchObject([{ state: 'unknown' }]);
    answer = () =>
      done({ total_price: 0.1, messages: [{ message_id: idAt(4), status: 'SUCCESS', to: '+61411111111' }] });
    await run('CREATE_SMS_SEND', { ...SEND, idempotency_key: 'k' });
    expect(new Set(calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  test('an attempt that was overtaken ends nothing of the one that took it up', async () => {
    let release: (answer: TargetAnswer) => void = () => {};
    answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const first = run('CREATE_SMS_SEND', { ...SEND, idempotency_key: 'k' });
    await expect.poll(() => calls.length).toBe(1);
    clock.advance(6 * 60_000);
    answer = () =>
      done({ total_price: 0.07, messages: [{ message_id: idAt(5), status: 'SUCCESS', to: '+61411111111' }] });
    const second = await run('CREATE_SMS_SEND', { ...SEND, idempotency_key: 'k' });
    expect(second).toMatchObject({ successful: true, replayed: false });
    release({
      kind: 'answer',
      status: 400,
      envelope: { http_code: 400, response_code: 'BAD_REQUEST', response_msg: 'No.', data: null },
      replayed: false,
    });
    expect(await first).toMatchObject({ successful: true, logId: second.logId });
    expect(await executions()).toMatchObject([{ state: 'done', successful: true, cost_micro: 70_000 }]);
    expect(await run('CREATE_SMS_SEND', { ...SEND, idempotency_key: 'k' })).toMatchObject({ replayed: true });
  });

  test('left out and spelled out as the default are one call', async () => {
    const campaign = { name: 'Rye', body: 'Rye is back.', list_id: 7 };
    answer = () => done({ sms_campaign_id: 5, status: 'Queued' });
    await run('CREATE_SMS_CAMPAIGNS_SEND', { ...campaign, idempotency_key: 'k' });
    expect(await run('CREATE_SMS_CAMPAIGNS_SEND', { ...campaign, schedule: 0, idempotency_key: 'k' })).toMatchObject({
      replayed: true,
    });
  });

  test('the replay of a large send still says what became of each message', async () => {
    const messages = Array.from({ length: 1_000 }, (_, i) => ({
      ...{
        to: `+6140${String(i).padStart(7, '0')}`,
        message_id: idAt(i),
        status: i === 3 ? 'INVALID_RECIPIENT' : 'SUCCESS',
      },
      body: 'x'.repeat(1_200),
    }));
    answer = () => done({ total_price: 79, messages });
    await run('CREATE_SMS_SEND', { ...SEND, idempotency_key: 'k' });
    const again = await run('CREATE_SMS_SEND', { ...SEND, idempotency_key: 'k' });
    const kept = (again.data.data as { messages: { status: string }[] }).messages;
    expect([again.replayed, kept.length, kept[3]!.status, kept[4]!.status]).toEqual([
      true,
      1_000,
      'INVALID_RECIPIENT',
      'SUCCESS',
    ]);
  });

  test('what only reads is done each time', async () => {
    answer = () => done({ balance: '1.00' });
    await run('GET_ACCOUNT', {});
    expect((await run('GET_ACCOUNT', {}, { repetition: true })).replayed).toBe(false);
    expect(calls).toHaveLength(2);
    expect(calls[0]!.idempotencyKey).toBeNull();
  });
});

describe('who may', () => {
  test(
    verifies('run:allowed', 'an action the agent may not run is not there, in the words for one that does not exist'),
    async () => {
      actor = { ...actor, agent: agentWith(['CLICKSEND_GET_LISTS']) };
      const refusals = await Promise.all(
        ['CREATE_LISTS', 'NO_SUCH_ACTION'].map((slug) => run(slug, LIST).catch((error) => error)),
      );
      for (const refusal of refusals) expect(refusal).toBeInstanceOf(Refusal);
      expect(refusals.map(({ kind }) => kind)).toEqual(['not-found', 'not-found']);
      expect(refusals[0].message.replace('CREATE_LISTS', 'X')).toBe(refusals[1].message.replace('NO_SUCH_ACTION', 'X'));
      expect(calls).toHaveLength(0);
      expect(await executions()).toEqual([]);
    },
  );
});

describe('the log', () => {
  test(verifies('run:log', 'holds who, what, how long, what it cost and which messages it made'), async () => {
    const id = idAt(9);
    answer = () => {
      clock.advance(40);
      return done({
        total_price: 0.158,
        _currency: { currency_name_short: 'EUR' },
        messages: [{ message_id: id.toUpperCase(), status: 'SUCCESS', to: '+61411111111' }],
      });
    };
    actor = { ...actor, agent: agentWith(null) };
    connectionId = 'ca_two';
    const { logId } = await run('CREATE_SMS_SEND', SEND, { runId: 'night shift 7', face: 'mcp' });
    expect(await executions()).toMatchObject([
      {
        execution_id: uuidOfLogId(logId!),
        agent_id: 101,
        run_id: 'night shift 7',
        face: 'mcp',
        action: 'CLICKSEND_CREATE_SMS_SEND',
        connection_id: 'ca_two',
        target: 'local',
        arguments: SEND,
        state: 'done',
        successful: true,
        duration_ms: 40,
        cost_micro: 158_000,
        cost_currency: 'EUR',
        message_ids: [id],
        result: { data: { total_price: 0.158 } },
      },
    ]);
    expect(calls[0]!.origin).toEqual({
      accountId: actor.caller.accountId,
      executionId: uuidOfLogId(logId!),
      agentId: 101,
      runId: 'night shift 7',
      depth: 0,
    });
    expect(notes).toEqual([['ca_two', 'right']]);
  });

  test('holds results without secrets, and with characters no database takes', async () => {
    answer = () =>
      done({ action_address: 'https://example.com/in?token=CANARY', note: 'a\u0000b\ud83d and \\\\u0000' });
    await run('CREATE_LISTS', LIST);
    answer = () => ({
      kind: 'answer',
      status: 200,
      envelope: { http_code: 200, response_code: 'SUCCESS', response_msg: 'a\u0000:\ud83d', data: {} },
      replayed: false,
    });
    expect(await run('GET_ACCOUNT', {})).toMatchObject({ successful: true });
    answer = () => done({ total_price: 1e15, messages: [] });
    await run('CREATE_SMS_CAMPAIGNS_SEND', { name: 'Rye', body: 'Rye is back.', list_id: 7 });
    const rows = await executions();
    expect(rows.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(JSON.stringify(rows)).not.toContain('CANARY');
  });

  test('holds what was refused before it began, and masks what is secret', async () => {
    const refused = await run('CREATE_LISTS', { list_name: 7, api_key: 'CANARY' });
    expect(refused).toMatchObject({
      successful: false,
      error: expect.stringContaining('list_name'),
      data: { fields: expect.any(Object) },
    });
    const [row] = await executions();
    expect(row).toMatchObject({ state: 'done', successful: false, error: refused.error });
    expect(JSON.stringify(row)).not.toContain('CANARY');
  });

  test('a flood of refused calls does not fill it, nor does one of them by its size', async () => {
    const wrong = {
      list_name: 7,
      note: 'x'.repeat(100_000),
      ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`extra_${i}`, 'y'.repeat(200)])),
    };
    const answers = await Promise.all(Array.from({ length: 70 }, () => run('CREATE_LISTS', wrong)));
    expect(answers.every(({ successful }) => !successful)).toBe(true);
    const rows = await executions();
    expect(rows).toHaveLength(60);
    expect(JSON.stringify(rows[0].arguments).length).toBeLessThan(1_100);
    expect(answers.filter(({ logId }) => logId === null)).toHaveLength(10);
    clock.advance(60_000);
    expect((await run('CREATE_LISTS', wrong)).logId).not.toBeNull();
  });

  test('words without end are cut', async () => {
    answer = () => ({
      kind: 'answer',
      status: 400,
      envelope: { http_code: 400, response_code: 'BAD_REQUEST', response_msg: 'z'.repeat(500_000), data: null },
      replayed: false,
    });
    await run('CREATE_LISTS', LIST);
    await run('GET_ACCOUNT', {});
    for (const row of await executions()) expect(JSON.stringify(row).length).toBeLessThan(600_000);
    expect((await executions()).map(({ error }) => error.length <= 4_000)).toEqual([true, true]);
  });

  test('a wrong credential is told to the connection', async () => {
    connectionId = 'ca_three';
    answer = () => ({
      kind: 'answer',
      status: 401,
      envelope: { http_code: 401, response_code: 'UNAUTHORIZED', response_msg: 'No.', data: null },
      replayed: false,
    });
    expect(await run('GET_ACCOUNT', {})).toMatchObject({ successful: false });
    expect(notes).toEqual([['ca_three', 'wrong-credentials']]);
  });

  test('a bug is an answer in doubt, and the next call is not held up', async () => {
    answer = () => {
      throw new TypeError('canary of the inside');
    };
    const failed = await run('CREATE_LISTS', LIST);
    expect(failed.error).toMatch(/went wrong on our side.*log_/);
    expect(failed.error).not.toContain('canary');
    expect(await executions()).toMatchObject([{ state: 'unknown' }]);
  });
});
