import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { type Answered, eventually, type RunningServer, startServer } from '../rig/server.ts';
import { type LibraryPdu, type LibrarySession, librarySession } from '../rig/smpp-library.ts';

/** What rules do, seen from outside: on phones, in a mailbox, on a customer's server and his SMPP client. */
const LAUNCHER = fileURLToPath(new URL('../../bin/veredus.js', import.meta.url));
const HANDSET = '+61400000001';
const STAFF = '+61400000002';
const CHOIR = '+61400000003';
const OWNER = 'owner@rye.example';

let folder: string;
let server: RunningServer;
let receiver: Server;
let shared: string;
let from: number;
let to: number;
const hits: { method: string; path: string; type: string; query: string; body: string; depth: string }[] = [];

beforeAll(async () => {
  folder = await temporaryFolder('veredus-rules-');
  receiver = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const url = new URL(request.url ?? '', 'http://receiver');
    const { 'content-type': type = '', 'veredus-depth': depth = '' } = request.headers;
    const [method, body] = [request.method ?? '', String(Buffer.concat(pieces))];
    hits.push({ method, path: url.pathname, type, query: url.search, body, depth: String(depth) });
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  server = await startServer(folder, {
    VEREDUS_EMAIL: OWNER,
    VEREDUS_ALLOW_URLS: `127.0.0.1:${portOf(receiver)}`,
    VEREDUS_SMPP_LISTEN: '127.0.0.1:0',
  });
  from = await makeList();
  to = await makeList();
  await post(`/v3/lists/${from}/contacts`, { phone_number: HANDSET, first_name: 'Ana' });
  await post('/v3/sms/send', { messages: [{ list_id: from, body: 'Rye today?', custom_string: 'order-8841' }] });
  shared = (await eventually(async () => (await phone(HANDSET))[0])).from;
});
afterAll(async () => {
  await server.stop();
  receiver.closeAllConnections();
  receiver.close();
  await rm(folder, { recursive: true, force: true });
});

const portOf = (listening: Server) => (listening.address() as AddressInfo).port;
const hook = (path: string) => `http://127.0.0.1:${portOf(receiver)}${path}`;
const hit = (path: string) => eventually(async () => hits.find((one) => one.path === path));

async function post(path: string, body: unknown): Promise<Answered> {
  const answer = await server.call('POST', path, body);
  expect(answer.body, server.log()).toMatchObject({ response_code: 'SUCCESS' });
  return answer.body.data;
}
const get = async (path: string): Promise<Answered> => (await server.call('GET', path)).body.data;
const makeList = async (): Promise<number> => (await post('/v3/lists', { list_name: 'Regulars' })).list_id;
const phone = (number: string): Promise<Answered[]> => get(`/sandbox/phones/${number}/messages`);
const on = (number: string, body: string) =>
  eventually(async () => (await phone(number)).find((text) => text.body === body));
const contacts = async (list: number): Promise<Answered[]> => (await get(`/v3/lists/${list}/contacts`)).data;
const mailsTo = (address: string): Promise<Answered[]> => get(`/sandbox/mailbox?to=${encodeURIComponent(address)}`);

/** A rule for texts that begin with a word. */
async function rule(word: string, action: string, action_address: string | number = '', more = {}): Promise<number> {
  const made = await post('/v3/automations/sms/inbound', {
    ...{ rule_name: `${word} ${action}`, dedicated_number: '*', message_search_type: 1, message_search_term: word },
    ...{ action, action_address: String(action_address), enabled: 1 },
    ...more,
  });
  return made.inbound_rule_id;
}

async function write(body: string, handset = HANDSET): Promise<void> {
  await post(`/sandbox/phones/${handset}/messages`, { to: shared, body });
}

/** What the rule did, once it has done `count` things. */
const acted = (id: number, count = 1): Promise<Answered[]> =>
  eventually(async () => {
    const { data } = await get(`/v3/automations/sms/inbound/${id}/actions`);
    return data.length >= count && data.every(({ state }: Answered) => state !== 'waiting') && data;
  });

test(verifies('rules:url', 'the customer’s server hears of it in all three encodings'), async () => {
  // Before anything else is answered: what the handset answers is the message to the list.
  await rule('push', 'URL', hook('/form'));
  await rule('push', 'URL', hook('/json'), { webhook_type: 'json' });
  await rule('push', 'URL', hook('/get?own=1'), { webhook_type: 'get' });
  await write('Push me');
  const json = JSON.parse((await hit('/json')).body);
  expect(json).toMatchObject({ from: HANDSET, to: shared, body: 'Push me', original_body: 'Rye today?' });
  expect(json).toMatchObject({ custom_string: 'order-8841', message_id: expect.stringMatching(/^[0-9A-F-]{36}$/) });
  const form = await hit('/form');
  expect(form).toMatchObject({ method: 'POST', type: expect.stringContaining('urlencoded'), depth: '1' });
  expect(new URLSearchParams(form.body).get('originalmessage')).toBe('Rye today?');
  const query = await hit('/get');
  expect(query).toMatchObject({ method: 'GET', body: '' });
  expect(Object.fromEntries(new URLSearchParams(query.query))).toMatchObject({ own: '1', message: 'Push me' });
});

test(verifies('rules:auto-reply', 'rules:none', 'the phone has its answer; behind NONE nobody answers'), async () => {
  await rule('quiet', 'NONE');
  const id = await rule('', 'AUTO_REPLY', '', {
    message_search_type: 2,
    message_search_term: 'when',
    body: 'We bake at six, (First Name|friend).',
  });
  await write('Quiet! When?');
  await write('WHEN do you bake?');
  expect(await on(HANDSET, 'We bake at six, Ana.')).toMatchObject({ from: shared });
  expect(await acted(id)).toMatchObject([{ state: 'done', outcome: 'Answered.', handset: HANDSET }]);
});

test(verifies('rules:email', 'mails stand in the mailbox'), async () => {
  await rule('mail', 'EMAIL_USER');
  await rule('mail', 'EMAIL_FIXED', 'ana@rye.example');
  await write('Mail me');
  for (const address of [OWNER, 'ana@rye.example']) {
    const [mail] = await eventually(async () => {
      const mails = await mailsTo(address);
      return mails.length > 0 && mails;
    });
    expect(mail).toMatchObject({ subject: `SMS from ${HANDSET}` });
  }
});

test(verifies('rules:sms', 'rules:group-sms', 'other phones have the text, and the writer’s does not'), async () => {
  const choir = await makeList();
  for (const phone_number of [HANDSET, CHOIR]) await post(`/v3/lists/${choir}/contacts`, { phone_number });
  await rule('sms', 'SMS', STAFF);
  const group = await rule('group', 'GROUP_SMS', choir);
  await write('SMS please');
  await write('Group at six');
  await on(STAFF, `From ${HANDSET}: SMS please`);
  await on(CHOIR, `From ${HANDSET}: Group at six`);
  expect(await acted(group)).toMatchObject([{ state: 'done', outcome: 'Forwarded to 1 contact.' }]);
  expect((await phone(HANDSET)).filter(({ body }) => body.startsWith('From '))).toEqual([]);
});

test(verifies('rules:create-contact', 'contacts stand in the list with what the text tells'), async () => {
  const person = { phone_number: HANDSET };
  const kinds = [
    ['CREATE_CONTACT', { first_name: null, email: null }],
    ['CREATE_CONTACT_PLUS_NAME', { first_name: 'Ana', last_name: 'Lopez', email: null }],
    ['CREATE_CONTACT_PLUS_EMAIL', { first_name: null, email: 'ana@rye.example' }],
    ['CREATE_CONTACT_PLUS_NAME_EMAIL', { first_name: 'Ana', last_name: 'Lopez', email: 'ana@rye.example' }],
  ] as const;
  const lists = await Promise.all(kinds.map(makeList));
  for (const [i, [action]] of kinds.entries()) await rule('join', action, lists[i]);
  await write('Join Ana Lopez ana@rye.example');
  for (const [i, [, told]] of kinds.entries()) {
    const [contact] = await eventually(async () => {
      const found = await contacts(lists[i]!);
      return found.length > 0 && found;
    });
    for (const [field, value] of Object.entries({ ...person, ...told })) expect(contact[field] || null).toBe(value);
  }
});

test(verifies('rules:move-contact', 'the contact is on the other list'), async () => {
  const id = await rule('move', 'MOVE_CONTACT', to);
  await write('Move me');
  expect(await acted(id)).toMatchObject([{ state: 'done' }]);
  expect(await contacts(from)).toEqual([]);
  expect(await contacts(to)).toMatchObject([{ phone_number: HANDSET, first_name: 'Ana' }]);
});

test(verifies('rules:poll', 'the text can be read, until it is marked as read'), async () => {
  await write('Poll me');
  const unread = async () => (await get('/v3/sms/inbound?limit=100')).data.map(({ body }: Answered) => body);
  await eventually(async () => (await unread()).includes('Poll me'));
  await server.call('PUT', '/v3/sms/inbound-read');
  expect(await unread()).toEqual([]);
});

test(verifies('rules:smpp', 'the customer’s SMPP client has the text'), async () => {
  const client = await bindEsme();
  const texts: LibraryPdu[] = [];
  client.session.on('deliver_sm', (pdu: LibraryPdu) => {
    texts.push(pdu);
    client.session.send(pdu.response());
  });
  await rule('smpp', 'SMPP', client.systemId);
  await write('SMPP please');
  const pdu = await eventually(async () => texts[0]);
  expect(pdu).toMatchObject({ short_message: { message: 'SMPP please' } });
  expect([pdu.source_addr, pdu.destination_addr].map((number) => `+${String(number).replace('+', '')}`)).toEqual([
    HANDSET,
    shared,
  ]);
  client.session.socket.destroy();
});

/** The operator lets a customer in, and the customer binds. */
async function bindEsme(): Promise<{ session: LibrarySession; systemId: string }> {
  const env = { PATH: process.env.PATH, VEREDUS_DATA_DIR: join(folder, 'data') };
  const args = [LAUNCHER, 'esme', 'add', server.credentials.username];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: folder });
  const told = Object.fromEntries(stdout.split('\n').map((line) => line.trim().split(/\s+/)));
  const port = Number(/smpp\.listening.*?127\.0\.0\.1:(\d+)/.exec(server.log())?.[1]);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const session = librarySession(socket);
  const bound = await new Promise<LibraryPdu>((resolve) => {
    session.bind_transceiver({ system_id: told.system_id, password: told.password }, resolve);
  });
  expect(bound.command_status).toBe(0);
  return { session, systemId: told.system_id };
}

test(verifies('rules:receipts', 'the customer’s server hears of the end of a message, once'), async () => {
  await post('/v3/automations/sms/receipts', {
    ...{ rule_name: 'Push', match_type: 0, action: 'URL', action_address: hook('/receipts'), enabled: 1 },
  });
  const messages = [{ to: STAFF, body: 'Bread!', custom_string: 'order-8842' }];
  const { message_id } = (await post('/v3/sms/send', { messages })).messages[0];
  await hit('/receipts');
  const told = hits.filter(({ path }) => path === '/receipts');
  expect(told).toHaveLength(1);
  expect(Object.fromEntries(new URLSearchParams(told[0]!.body))).toMatchObject({
    ...{ message_id, status: 'Delivered', status_code: '201', custom_string: 'order-8842', message_type: 'sms' },
    status_text: 'Success: Message received on handset.',
  });
});

test(
  verifies('fault:F40', 'rules:alerts', 'a phone that answers each answer is stopped, and the owner hears of it'),
  async () => {
    const id = await rule('loop', 'AUTO_REPLY', '', { body: 'Loop yourself.' });
    for (let i = 0; i < 12; i++) await write('Loop', CHOIR);
    const states = (await acted(id, 12)).map(({ state }: Answered) => state);
    expect(states).toEqual(['stopped', 'stopped', ...Array(10).fill('done')]);
    const mails = await eventually(async () => {
      const all = await mailsTo(OWNER);
      const alerts = all.filter(({ subject }) => subject.includes('was stopped'));
      return alerts.length > 0 && alerts;
    });
    expect(mails).toHaveLength(1);
    expect((await phone(CHOIR)).filter(({ body }) => body === 'Loop yourself.').length).toBeLessThanOrEqual(10);
  },
);

test(verifies('rules:opted-out', 'STOP has no answer, and the account hears of it'), async () => {
  const id = await rule('stop', 'AUTO_REPLY', '', { body: 'Sorry to see you go.' });
  const push = await rule('stop', 'URL', hook('/stop'));
  await post('/v3/sms/send', { messages: [{ to: STAFF, body: 'Come back!' }] });
  await on(STAFF, 'Come back!');
  await write('STOP', STAFF);
  await hit('/stop');
  expect(await acted(push)).toMatchObject([{ state: 'done' }]);
  expect(await acted(id)).toMatchObject([{ state: 'stopped', outcome: expect.stringContaining('opt-out') }]);
});
