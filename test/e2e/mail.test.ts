import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { type MailServer, openMailServer } from '../rig/mail-server.ts';
import { type Answered, eventually, type RunningServer, startServer } from '../rig/server.ts';

/** Mails of a whole server, sent for by rules, in the sandbox and by a mail server. */
const HANDSET = '+61400000001';
let folder: string;
let server: RunningServer;
let post: MailServer | null;

beforeEach(async () => {
  folder = await temporaryFolder('veredus-mail-');
  post = null;
});
afterEach(async () => {
  await server.stop();
  await post?.close();
  await rm(folder, { recursive: true, force: true });
});

async function addRule(action: string, action_address: string): Promise<void> {
  const made = await server.call('POST', '/v3/automations/sms/inbound', {
    ...{ rule_name: action, dedicated_number: '*', message_search_type: 0, message_search_term: '', enabled: 1 },
    ...{ action, action_address },
  });
  expect(made.body, server.log()).toMatchObject({ response_code: 'SUCCESS' });
}

/** The handset gets a text, so that it is known whose it is, and writes back. */
async function writeBack(body: string): Promise<void> {
  const phone = `/sandbox/phones/${HANDSET}/messages`;
  const seen = async (): Promise<Answered[]> => (await server.call('GET', phone)).body.data;
  const before = (await seen()).length;
  await server.call('POST', '/v3/sms/send', { messages: [{ to: HANDSET, body: `Are you coming? ${body}` }] });
  const [text] = await eventually(async () => {
    const texts = await seen();
    return texts.length > before && texts.slice(-1);
  });
  await eventually(async () => (await server.call('POST', phone, { to: text.from, body })).status === 200);
}

const mailsTo = async (to: string): Promise<Answered[]> =>
  (await server.call('GET', `/sandbox/mailbox?to=${encodeURIComponent(to)}`)).body.data;

test(
  verifies('mail:sandbox', 'mail:owner', 'what a handset writes is mailed to the owner and to a fixed address'),
  async () => {
    server = await startServer(folder, { VEREDUS_EMAIL: 'owner@rye.example' });
    expect((await server.call('GET', '/v3/account')).body.data).toMatchObject({ user_email: 'owner@rye.example' });
    await addRule('EMAIL_USER', '');
    await addRule('EMAIL_FIXED', 'ana@example.com');
    await writeBack('Yes,\nsee you at 8 €');
    for (const to of ['owner@rye.example', 'ana@example.com']) {
      const [mail] = await eventually(async () => {
        const mails = await mailsTo(to);
        return mails.length === 1 && mails;
      });
      expect(mail).toMatchObject({ to, from: 'noreply@sandbox.test', subject: expect.stringContaining(HANDSET) });
      expect(mail.text).toContain('Yes,\nsee you at 8 €');
      expect(mail.raw_url).toMatch(/^http:\/\/.*\/sandbox\/mailbox\/\d+\/raw$/);
      const raw = await server.call('GET', new URL(mail.raw_url).pathname);
      expect([raw.headers.get('content-type'), raw.headers.get('content-disposition')]).toEqual([
        'message/rfc822',
        'attachment; filename="mail.eml"',
      ]);
      expect(Buffer.byteLength(raw.body)).toBe(mail.size);
      expect(raw.body).toContain(`Message-ID: <${mail.message_id.toLowerCase()}@sandbox.test>`);
    }
    expect((await server.call('GET', '/sandbox/mailbox')).body.data).toHaveLength(2);
    expect((await server.call('GET', '/sandbox/mailbox/99/raw')).status).toBe(404);
    const { username, agent_key } = server.credentials;
    const limited = { authorization: `Basic ${Buffer.from(`${username}:${agent_key}`).toString('base64')}` };
    for (const path of ['/sandbox/mailbox', '/sandbox/mailbox/1/raw']) {
      expect((await server.call('GET', path, undefined, limited)).status).toBe(403);
      expect((await server.call('GET', path, undefined, { authorization: '' })).status).toBe(401);
    }
    // No list of SMS shows them.
    expect((await server.call('GET', '/v3/sms/history')).body.data.total).toBe(1);
  },
);

test(
  verifies('mail:unknown', 'sandbox:absent', 'with a mail server mails go there, and a killed node sends none twice'),
  async () => {
    post = await openMailServer();
    const here = post;
    const settings = {
      VEREDUS_EMAIL_CARRIER: `smtp://127.0.0.1:${here.port}?from=noreply@rye.example&tls=off&connections=1`,
    };
    server = await startServer(folder, settings);
    const absent = await server.call('GET', '/sandbox/mailbox');
    expect([absent.status, absent.body.response_msg]).toEqual([404, expect.stringContaining('VEREDUS_EMAIL_CARRIER')]);
    await addRule('EMAIL_FIXED', 'ana@example.com');
    await writeBack('first');
    await eventually(async () => here.mails.length === 1);
    expect(here.envelopes).toMatchObject([{ from: 'noreply@rye.example', to: ['ana@example.com'] }]);
    // The second is heard to its end, and before that is said the node dies.
    here.verdict = () => new Promise(() => {});
    await writeBack('second');
    await eventually(async () => here.heard === 2);
    await server.kill();
    here.verdict = () => undefined;
    server = await startServer(folder, settings);
    await writeBack('third');
    await eventually(async () => here.mails.length === 2);
    expect(here.heard).toBe(3);
    expect(here.mails[1]).toContain('third');
  },
);
