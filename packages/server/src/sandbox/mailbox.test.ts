import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { systemRandom } from '../system.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { KEPT_BYTES, KEPT_MAILS, Mails } from './mails.ts';

/** The mailbox, written to by an independent client. */
const clock = handClock(Date.UTC(2026, 5, 1, 10, 30));
let mailbox: Mailbox;

beforeEach(async () => {
  mailbox = await openMailbox({ clock, random: systemRandom, log: () => {} });
});
afterEach(() => mailbox.close());

async function deliver(mail: Record<string, unknown>, change: (url: URL) => void = () => {}) {
  const url = new URL(mailbox.url);
  url.search = '?ignoreTLS=true';
  change(url);
  const transport = createTransport(url.href);
  try {
    return await transport.sendMail({ from: 'rye@sandbox.test', to: 'ana@example.com', text: 'Hi', ...mail });
  } finally {
    transport.close();
  }
}

it(verifies('mail:sandbox', 'keeps what came byte for byte, and shows what it says'), async () => {
  await deliver({
    ...{ subject: 'Grüße €', text: '.dot\nÜber', html: '<b>x</b>', messageId: '<x@y.example>' },
    attachments: [{ filename: 'a.txt', content: 'attached' }],
  });
  expect(mailbox.list(null)).toEqual([
    {
      ...{ id: '1', message_id: 'x@y.example', from: 'rye@sandbox.test', to: 'ana@example.com' },
      ...{ subject: 'Grüße €', text: '.dot\nÜber', received_at: clock.now() / 1000, size: mailbox.raw('1')!.length },
    },
  ]);
  expect(mailbox.raw('1')!.toString()).toMatch(/^[\s\S]*\r\n\.dot\r\n[\s\S]*$|=2Edot|\.dot/);
  expect(mailbox.raw('2')).toBeNull();
});

it(verifies('mail:sandbox', 'shows each recipient his own, the newest last'), async () => {
  await deliver({ to: ['ana@example.com', 'Mei@example.com'], text: 'one' });
  await deliver({ text: 'two' });
  const texts = (to: string | null) => mailbox.list(to).map((mail) => mail.text);
  expect(texts('ANA@example.com')).toEqual(['one', 'two']);
  expect(texts(' mei@example.com')).toEqual(['one']);
  expect(texts(null)).toEqual(['one', 'one', 'two']);
  expect(texts('')).toEqual([]);
});

it('lets nobody in without its password', async () => {
  const wrong = deliver({}, (url) => {
    url.password = 'guess';
  });
  await expect(wrong).rejects.toThrow('535');
  const none = deliver({}, (url) => {
    url.username = '';
    url.password = '';
  });
  await expect(none).rejects.toThrow('530');
  expect(mailbox.list(null)).toEqual([]);
});

it('refuses a mail that is too large, and keeps nothing of it', async () => {
  await expect(deliver({ text: 'Your bread is baked.\n'.repeat(1_400_000) })).rejects.toThrow('552');
  expect(mailbox.list(null)).toEqual([]);
}, 60_000);

it(verifies('mail:sandbox-bounded', 'forgets the oldest beyond a number and beyond a size'), () => {
  const mails = new Mails();
  const mail = { messageId: 'x', from: 'a', to: 'b', subject: '', text: '', receivedAt: 0 };
  for (let i = 0; i <= KEPT_MAILS; i++) mails.keep({ ...mail, raw: Buffer.alloc(1) });
  expect(mails.list()).toHaveLength(KEPT_MAILS);
  expect(mails.find('1')).toBeUndefined();
  expect(mails.find('2')).toBeDefined();
  mails.keep({ ...mail, raw: Buffer.alloc(KEPT_BYTES / 2), text: 'x'.repeat(1_000) });
  expect(mails.list()).toHaveLength(KEPT_MAILS);
  mails.keep({ ...mail, raw: Buffer.alloc(KEPT_BYTES / 2) });
  expect(mails.list().map(({ id }) => id)).toEqual([String(KEPT_MAILS + 3)]);
});
