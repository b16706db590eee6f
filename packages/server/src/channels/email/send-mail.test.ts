import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { expectSound, rowsOf } from '../../../../../test/faults/rig/books.ts';
import { openAccount } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { handClock } from '../../../../../test/rig/hand-clock.ts';
import type { Caller } from '../../accounts/caller.ts';
import { committer } from '../../messages/commit.ts';
import { messageIds } from '../../messages/ids.ts';
import { Channel } from '../../messages/message.ts';
import { Money, Status } from '../../messages/status.ts';
import { systemRandom } from '../../system.ts';
import { type Mail, type MailParts, sendMail } from './send-mail.ts';
import { findContents } from './store.ts';

const clock = handClock(Date.UTC(2026, 5, 1, 10, 30));
let test: TestDatabase;
let parts: MailParts;
let caller: Caller;

beforeAll(async () => {
  test = await openTestDatabase();
  const pool = test.db.enginePool;
  const commit = committer({ pool, clock, dispatcher: () => null, log: () => {} });
  parts = { pool, clock, newId: messageIds(clock, systemRandom), commit, policies: [] };
});
afterAll(() => test.close());
beforeEach(async () => {
  caller = await openAccount(test.db);
});

const mail: Mail = { to: 'ana@example.com', subject: 'Bread', text: 'Your bread is baked.', source: 'rule' };
const send = async (facts: Partial<Mail> = {}, within?: Parameters<typeof sendMail>[3]) => {
  const { rows } = await sendMail(parts, caller, { ...mail, ...facts }, within);
  expect(rows).toHaveLength(1);
  return rows[0]!;
};
const subjectOf = async (id: string) =>
  (await findContents(test.db.enginePool, [{ id, accountId: caller.accountId }])).get(id)?.subject;

describe('a mail', () => {
  it(verifies('mail:accept', 'is stored with its subject, and costs nothing'), async () => {
    const row = await send({ customString: 'ref 7' });
    expect(row).toMatchObject({
      ...{ channel: Channel.email, status: Status.queued, money: Money.held, priceMicro: 0, parts: 1, refusal: null },
      ...{ recipient: 'ana@example.com', body: 'Your bread is baked.', customString: 'ref 7', source: 'rule' },
      ...{ userId: caller.userId, validUntil: clock.now() + 72 * 3_600_000 },
    });
    expect(await subjectOf(row.id)).toBe('Bread');
    expect(await rowsOf(test.db, caller.accountId)).toMatchObject([{ id: row.id, price_micro: 0 }]);
    await expectSound(test.db);
  });

  it(verifies('mail:accept', 'is stored with what belongs to it, in one transaction'), async () => {
    const row = await send({}, async (run, [stored]) => {
      await run.query('update message_contents set subject = $2 where message_id = $1', [stored!.id, 'Seen']);
    });
    expect(await subjectOf(row.id)).toBe('Seen');
  });

  it(verifies('mail:accept', 'is not stored when that fails, nor is its subject'), async () => {
    const failing = send({}, async () => {
      throw new TypeError('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await rowsOf(test.db, caller.accountId)).toEqual([]);
    const { rows } = await test.db.enginePool.query('select 1 from message_contents where account_id = $1', [
      caller.accountId,
    ]);
    expect(rows).toEqual([]);
    await expectSound(test.db);
  });

  it('may be repeated, and goes whatever the balance is', async () => {
    Object.assign(caller.account, { throttleMs: 60_000, creditLimitMicro: 0 });
    await test.db.enginePool.query(
      'update ledger_balances set available_micro = available_micro - 5 where account_id = $1',
      [caller.accountId],
    );
    expect([(await send()).refusal, (await send()).refusal]).toEqual([null, null]);
    await test.db.enginePool.query(
      'update ledger_balances set available_micro = available_micro + 5 where account_id = $1',
      [caller.accountId],
    );
  });

  it('to who has opted out is refused', async () => {
    await test.db.enginePool.query(
      `insert into suppressions (account_id, channel, address, reason, created_at) values ($1, 3, 'ana@example.com', 'STOP', 0)`,
      [caller.accountId],
    );
    expect(await send()).toMatchObject({ status: Status.refused, refusal: 'INVALID_RECIPIENT', money: Money.none });
  });

  it('takes the largest text, and refuses a larger one by name', async () => {
    expect((await send({ text: 'x'.repeat(256 * 1024) })).refusal).toBeNull();
    await expect(send({ text: 'x'.repeat(256 * 1024 + 1) })).rejects.toMatchObject({
      kind: 'bad-request',
      fields: { text: expect.any(String) },
    });
  });
});

describe('what callers write', () => {
  it(verifies('mail:one-line', 'a subject is one line of storable text'), async () => {
    for (const [subject, stored] of [
      ['Hi\r\nBcc: eve@example.com', 'Hi Bcc: eve@example.com'],
      ['  a\u0000b\tc\u2028d\ud800 ', 'a\ufffdb c d\ufffd'],
      ['', ''],
      ['\u{1F35E}'.repeat(300), '\u{1F35E}'.repeat(200)],
    ] as const)
      expect(await subjectOf((await send({ subject })).id)).toBe(stored);
  });

  it('a text may hold everything but what the database cannot', async () => {
    const { id } = await send({ text: 'a\u0000\ud800\r\n\u{1F35E}' });
    expect((await rowsOf(test.db, caller.accountId)).find((row) => row.id === id)?.body).toBe(
      'a\ufffd\ufffd\r\n\u{1F35E}',
    );
  });

  it.each([
    [' Ana.B+c@Example.COM ', 'Ana.B+c@example.com'],
    ['mei@münchen.example', 'mei@xn--mnchen-3ya.example'],
  ])('the address %s is %s', async (to, recipient) => {
    expect(await send({ to })).toMatchObject({ recipient, refusal: null });
  });

  it.each([
    ...['', 'ana', 'ana@localhost', 'ana@b.example, eve@b.example', 'ana@b.example\r\nBcc: eve@b.example'],
    ...['Ana <ana@b.example>', 'ana@-b.example', 'ana@b..example', 'a\u0007na@b.example', 'ana@b.example>\u0000'],
    ...[`${'x'.repeat(65)}@b.example`, `ana@${'x'.repeat(64)}.example`, 'x'.repeat(100_000)],
  ])(verifies('mail:one-line', 'the address %j is refused'), async (to) => {
    const row = await send({ to });
    expect(row).toMatchObject({ status: Status.refused, refusal: 'INVALID_RECIPIENT', money: Money.none });
    expect(row.recipient).not.toMatch(/\p{Cc}/u);
    expect(row.recipient.length).toBeLessThanOrEqual(254);
    await expectSound(test.db);
  });
});
