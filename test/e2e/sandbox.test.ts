import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/veredus.js', import.meta.url));

/** What a second account signs in with. */
async function otherAccount(): Promise<string> {
  const env = { PATH: process.env.PATH ?? '', VEREDUS_DATA_DIR: join(folder, 'data') };
  const { stdout } = await promisify(execFile)(process.execPath, [LAUNCHER, 'account', 'create', 'other'], { env });
  const key = /api key (\S+)/.exec(stdout)?.[1];
  return `Basic ${Buffer.from(`other:${key}`).toString('base64')}`;
}

let folder: string;
let server: RunningServer | null;

beforeEach(async () => {
  folder = await temporaryFolder('veredus-sandbox-');
  server = null;
});
afterEach(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test(
  verifies(
    'sandbox:phones',
    'sandbox:clock',
    'invariant:I10',
    'a text for two hours ahead arrives when time is moved, and not before',
  ),
  async () => {
    const here = await startServer(folder, { VEREDUS_CLOCK: 'sandbox' });
    server = here;
    const schedule = Math.floor(Date.now() / 1000) + 7_200;
    const body = 'Ein langer Text mit € und ß. '.repeat(12);
    await here.call('POST', '/v3/sms/send', { messages: [{ to: '+61400000001', body, schedule }] });
    const phone = async () => (await here.call('GET', '/sandbox/phones/+61400000001/messages')).body.data;
    await here.call('POST', '/sandbox/clock', { advance_seconds: 7_100 });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await phone()).toEqual([]);
    await here.call('POST', '/sandbox/clock', { advance_seconds: 120 });
    await eventually(async () => (await phone()).length === 1);
    expect((await phone())[0]).toMatchObject({ body, to: '+61400000001', parts: 3 });
    expect((await here.call('GET', '/sandbox/phones')).body.data).toEqual(['+61400000001']);
    expect((await here.call('POST', '/sandbox/clock', { advance_seconds: -1 })).status).toBe(400);
    const { username, agent_key } = here.credentials;
    const limited = { authorization: `Basic ${Buffer.from(`${username}:${agent_key}`).toString('base64')}` };
    expect((await here.call('GET', '/sandbox/phones', undefined, limited)).status).toBe(403);
  },
);

test(verifies('sandbox:absent', 'with a real carrier there is no sandbox'), async () => {
  // Nobody listens there; the link goes on trying.
  server = await startServer(folder, { VEREDUS_SMS_CARRIER: 'smpp://u:secret-pw@127.0.0.1:1' });
  for (const path of ['/sandbox/phones', '/sandbox/phones/+61400000001/messages']) {
    expect((await server.call('GET', path)).status).toBe(404);
  }
  expect((await server.call('POST', '/sandbox/clock', { advance_seconds: 1 })).status).toBe(404);
  expect(server.log()).not.toContain('secret-pw');
});

test(verifies('sandbox:phones', 'is the first account’s alone: it shows what all accounts sent'), async () => {
  const here = await startServer(folder);
  server = here;
  const other = await otherAccount();
  const calls = ['/sandbox/phones', '/sandbox/phones/+61400000001/messages', '/sandbox/mailbox'];
  for (const path of calls) {
    expect((await here.call('GET', path)).status, path).toBe(200);
    const answer = await fetch(`${here.url}${path}`, { headers: { authorization: other } });
    expect(answer.status, path).toBe(403);
  }
});
