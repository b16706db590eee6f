import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';

let folder: string;
let server: RunningServer | null;

beforeEach(async () => {
  folder = await temporaryFolder('veredus-opt-outs-');
  server = null;
});
afterEach(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const HANDSET = '+61400000001';
const PHONE = `/sandbox/phones/${encodeURIComponent(HANDSET)}/messages`;
const OPT_OUT = `/v3/opt-outs/${encodeURIComponent(HANDSET)}`;

test(
  verifies(
    'optout:reply',
    'optout:lift',
    'optout:api',
    'invariant:I7',
    'a phone answers STOP: nothing more is accepted or leaves for it, until it writes START',
  ),
  async () => {
    const here = await startServer(folder, { VEREDUS_CLOCK: 'sandbox' });
    server = here;
    const send = async (body: string, schedule?: number) => {
      const message = { to: HANDSET, body, ...(schedule && { schedule }) };
      const sent = await here.call('POST', '/v3/sms/send', { messages: [message] });
      return sent.body.data.messages[0];
    };
    const phone = async () => (await here.call('GET', PHONE)).body.data;
    const reply = (body: string, to: string) => here.call('POST', PHONE, { to, body });
    const history = (id: string) => here.call('GET', `/v3/sms/history?q=message_id:${id}`);
    const optOuts = async () => (await here.call('GET', '/v3/opt-outs')).body.data.data;

    const first = await send('Bread is baked. Reply STOP to opt out.');
    expect(first.status).toBe('SUCCESS');
    await eventually(async () => (await phone()).length === 1);
    const shown = (await phone())[0];
    const scheduled = await send('Tomorrow’s bread.', Math.floor(Date.now() / 1000) + 7_200);
    expect(scheduled.status).toBe('SUCCESS');

    await reply(' “Stop” 🛑', shown.from);
    const [row] = await eventually(async () => {
      const rows = await optOuts();
      return rows.length > 0 && rows;
    });
    expect(row).toMatchObject({ channel: 'sms', address: HANDSET, reason: 'keyword', provisional: false });
    expect(row.message_id).toBe(first.message_id);
    expect((await send('More bread.')).status).toBe('INVALID_RECIPIENT');
    // It did not go, so the same again is no repeat; and a price says so too.
    expect((await send('More bread.')).status).toBe('INVALID_RECIPIENT');
    const price = await here.call('POST', '/v3/sms/price', { messages: [{ to: HANDSET, body: 'More bread.' }] });
    expect(price.body.data).toMatchObject({ queued_count: 0, messages: [{ status: 'INVALID_RECIPIENT' }] });
    await here.call('POST', '/sandbox/clock', { advance_seconds: 7_300 });
    await eventually(async () => (await history(scheduled.message_id)).body.data.data[0]?.status === 'Failed');
    expect(await phone()).toHaveLength(1);

    await reply('START', shown.from);
    await eventually(async () => (await optOuts()).length === 0);
    expect((await send('Bread again.')).status).toBe('SUCCESS');
    await eventually(async () => (await phone()).length === 2);
    expect((await phone())[1].body).toBe('Bread again.');
    const proof = (await here.call('GET', `${OPT_OUT}/history`)).body.data.data;
    expect(proof.map(({ kind, words }: { kind: string; words: string }) => [kind, words])).toEqual([
      ['opt-in', 'START'],
      ['opt-out', ' “Stop” 🛑'],
    ]);
  },
);

test(verifies('optout:api', 'optout:review', 'a text that may mean it waits for somebody to look at it'), async () => {
  const here = await startServer(folder);
  server = here;
  const send = async (body: string) =>
    (await here.call('POST', '/v3/sms/send', { messages: [{ to: HANDSET, body }] })).body.data.messages[0].status;
  await send('Bread is baked.');
  const shown = await eventually(async () => (await here.call('GET', PHONE)).body.data[0]);
  await here.call('POST', PHONE, {
    to: shown.from,
    body: `I wait at the bus stop on 5th, ${'where I always wait, '.repeat(10)}you know`,
  });
  await eventually(async () => (await here.call('GET', '/v3/opt-outs?provisional=true')).body.data.data.length === 1);
  expect(await send('Bread is still warm.')).toBe('INVALID_RECIPIENT');
  expect((await here.call('DELETE', OPT_OUT)).status).toBe(400);
  expect((await here.call('DELETE', OPT_OUT, { words: 'A bus stop.' })).status).toBe(200);
  expect((await here.call('DELETE', OPT_OUT, { words: 'A bus stop.' })).status).toBe(404);
  expect(await send('Bread is cold.')).toBe('SUCCESS');

  expect((await here.call('POST', '/v3/opt-outs', { phone_number: '0400 000 001', words: 'Rang us.' })).status).toBe(
    200,
  );
  expect((await here.call('PUT', `/v3/opt-outs/${HANDSET}/confirm`)).body.data).toMatchObject({
    address: HANDSET,
    words: 'Rang us.',
  });
  expect(await send('No bread.')).toBe('INVALID_RECIPIENT');
  const { username, agent_key } = here.credentials;
  const limited = { authorization: `Basic ${Buffer.from(`${username}:${agent_key}`).toString('base64')}` };
  expect((await here.call('DELETE', OPT_OUT, { words: 'agent' }, limited)).status).toBe(403);
});
