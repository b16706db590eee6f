import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { expectSound, rowsOf } from '../../../../test/faults/rig/books.ts';
import { openAccount } from '../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { sendMail } from '../channels/email/send-mail.ts';
import { readConfig } from '../config.ts';
import { StartRefused } from '../db/start-refused.ts';
import { readHistory } from '../history/read-history.ts';
import { committer } from '../messages/commit.ts';
import { messageIds, showMessageId } from '../messages/ids.ts';
import { upstreamKey } from '../messages/receipt.ts';
import { Money, Status } from '../messages/status.ts';
import { listReceipts } from '../receipts/read-receipts.ts';
import { sandboxClock } from '../sandbox/clock.ts';
import type { Mailbox } from '../sandbox/mailbox.ts';
import { readSmsStatistics } from '../statistics/read-statistics.ts';
import { rollUp } from '../statistics/rollup.ts';
import { systemClock, systemRandom } from '../system.ts';
import { openMailWay, openSandboxMailbox } from './mail-way.ts';
import type { WayOut } from './way-out.ts';

/** A mail from accept to the sandbox mailbox, as a running node sends it. */
const clock = sandboxClock(systemClock);
const newId = messageIds(clock, systemRandom);
const log = () => {};
let test: TestDatabase;
let mailbox: Mailbox;
let way: WayOut;
let caller: Caller;

beforeEach(async () => {
  test = await openTestDatabase();
  mailbox = await openSandboxMailbox({ clock, random: systemRandom, log });
  way = await open({}, mailbox);
  await way.dispatcher.start();
  caller = await openAccount(test.db);
});
afterEach(async () => {
  await way.dispatcher.stop(5_000);
  await mailbox.close();
  await expectSound(test.db);
  await test.close();
});

function open(env: Record<string, string>, box: Mailbox | null): Promise<WayOut> {
  const read = readConfig(env);
  if ('faults' in read) throw new Error(read.faults.join());
  return openMailWay({
    config: read.config,
    clock,
    random: systemRandom,
    db: test.db,
    newId,
    policies: [],
    log,
    mailbox: box,
  });
}

async function send(to: string, subject = 'Bread', text = 'Your bread\nis baked.'): Promise<string> {
  const pool = test.db.enginePool;
  const commit = committer({ pool, clock, dispatcher: () => way.dispatcher, log });
  const { rows } = await sendMail({ pool, clock, newId, commit, policies: [] }, caller, {
    to,
    subject,
    text,
    source: 'rule',
  });
  return rows[0]!.id;
}
const stored = async (id: string) => (await rowsOf(test.db, caller.accountId)).find((row) => row.id === id);
const reached = (id: string, status: Status) =>
  eventually(async () => {
    const row = await stored(id);
    return row?.status === status && row;
  });

const query = (endpoint: 'smsHistory' | 'smsReceipts') => {
  const read = readCall(endpoints[endpoint], { query: {} });
  if (!read.ok) throw new Error(JSON.stringify(read.fields));
  return read.call.query;
};

it(verifies('mail:sandbox', 'a mail lies in the mailbox, and its message is sent'), async () => {
  const id = await send('test1@test.com', 'Brot für 5 €');
  const row = await reached(id, Status.submitted);
  expect(row).toMatchObject({
    money: Money.captured,
    charged_micro: 0,
    attempts: 1,
    words: expect.stringMatching(/^250/),
  });
  const [mail, ...others] = mailbox.list('TEST1@test.com');
  expect(others).toEqual([]);
  expect(mail).toMatchObject({
    ...{ message_id: showMessageId(id), from: 'noreply@sandbox.test', to: 'test1@test.com' },
    ...{ subject: 'Brot für 5 €', text: 'Your bread\nis baked.' },
  });
  const raw = mailbox.raw(mail!.id)!;
  expect(raw.length).toBe(mail!.size);
  expect(raw.toString()).toContain(`Message-ID: <${id}@sandbox.test>`);
  const { rows } = await test.db.enginePool.query('select upstream_id from upstream_ids where message_id = $1', [id]);
  expect(rows).toEqual([{ upstream_id: upstreamKey(`${id}@sandbox.test`) }]);
});

it(verifies('mail:sandbox-addresses', 'mails bounce, are put off, or break off'), async () => {
  const bounced = await send('bounce@sandbox.test');
  const later = await send('Later@sandbox.test');
  const lost = await send('lost@sandbox.test');
  expect(await reached(bounced, Status.failed)).toMatchObject({
    money: Money.released,
    words: expect.stringContaining('550: No such mailbox'),
  });
  expect(await reached(lost, Status.unknown)).toMatchObject({ attempts: 1 });
  await eventually(async () => (await stored(later))?.words?.startsWith('451'));
  // The clock of a sandbox can be moved: nobody waits for a minute here.
  clock.advance(120_000);
  await reached(later, Status.submitted);
  expect(mailbox.list(null).map(({ message_id }) => message_id)).toEqual([lost, later].map(showMessageId));
});

it(verifies('mail:apart', 'mails that went, failed or wait are in no list of SMS'), async () => {
  const { accountId, userId } = caller;
  const at = clock.now() - 1_000;
  const [sms] = await storeMessages(test.db, [
    { account_id: accountId, user_id: userId, created_at: at, status: Status.submitted, money: 2, price_micro: 0 },
  ]);
  await reached(await send('test1@test.com'), Status.submitted);
  await reached(await send('bounce@sandbox.test'), Status.failed);
  await send('not an address');
  await rollUp(test.db.enginePool);
  const parts = { db: test.db, clock, publicUrl: () => 'https://msg.example.test' };
  const history = await readHistory(parts, caller, query('smsHistory') as never);
  expect(history.data).toMatchObject({ total: 1, data: [{ message_id: showMessageId(sms!) }] });
  const { data } = await readSmsStatistics(parts, caller);
  expect(data.total).toMatchObject({ outbound: { count: 1 } });
});

it(verifies('mail:apart', 'a mail that failed is nothing to who polls the receipts of SMS'), async () => {
  await reached(await send('bounce@sandbox.test'), Status.failed);
  const parts = { db: test.db, clock, publicUrl: () => 'https://msg.example.test' };
  const receipts = await listReceipts(parts, caller, query('smsReceipts') as never);
  expect(receipts.data).toMatchObject({ total: 0, data: [] });
});

it('a carrier URL that cannot be used stops the start and names its setting', async () => {
  for (const [url, words] of [
    ['smtp://mail.example.com', 'from is missing'],
    ['smpp://u:p@host', 'no carrier for smpp:// that sends emails'],
  ] as const) {
    const failed = open({ VEREDUS_EMAIL_CARRIER: url }, null);
    await expect(failed).rejects.toThrow(StartRefused);
    await expect(failed).rejects.toThrow(`VEREDUS_EMAIL_CARRIER: `);
    await expect(failed).rejects.toThrow(words);
  }
});
