import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { DidNotStart, startServer } from '../rig/server.ts';

const SECRETS = {
  VEREDUS_API_KEY: 'CANARY-KEY-8d1f0c5e-2b7a',
  VEREDUS_PASSWORD: 'CANARY-PASSWORD-41c9',
  VEREDUS_SMS_CARRIER: 'smpp://system:CANARY-CARRIER-77aa@127.0.0.1:1',
  VEREDUS_EMAIL_CARRIER: 'smtp://mailer:CANARY-MAILER-5e1d@127.0.0.1:1?from=a@b.example',
};
const CANARIES = [
  ...['CANARY-KEY-8d1f0c5e-2b7a', 'CANARY-PASSWORD-41c9', 'CANARY-CARRIER-77aa', 'CANARY-MAILER-5e1d'],
  'CANARY-GUESS',
];
const BODY = 'CANARY-GUESS is the text of a message';

test(verifies(
  'invariant:I12',
  'no key, password or carrier secret stands in a log, an answer, a metric or a command line',
), async () => {
  const folder = await temporaryFolder('veredus-secrets-');
  try {
    const server = await startServer(folder, SECRETS);
    const said: string[] = [];
    const ask = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(server.url + path, init);
      said.push(JSON.stringify([...answer.headers]), await answer.text());
      return answer.status;
    };
    const basic = (secret: string) => ({
      authorization: `Basic ${Buffer.from(`${server.credentials.username}:${secret}`).toString('base64')}`,
    });
    const json = { 'content-type': 'application/json' };
    expect(await ask('/v3/account', { headers: basic(SECRETS.VEREDUS_API_KEY) })).toBe(200);
    expect(await ask('/v3/account', { headers: basic(SECRETS.VEREDUS_PASSWORD) })).toBe(200);
    expect(await ask('/v3/account', { headers: basic('CANARY-GUESS') })).toBe(401);
    expect(
      await ask('/v3/sms/send', { method: 'POST', headers: { ...basic('CANARY-GUESS'), ...json }, body: '{' }),
    ).toBeGreaterThanOrEqual(400);
    const messages = [{ to: '+61400000001', body: BODY }];
    expect(
      await ask('/v3/sms/send', {
        method: 'POST',
        headers: { ...basic(SECRETS.VEREDUS_API_KEY), ...json },
        body: JSON.stringify({ messages }),
      }),
    ).toBe(200);
    said.pop();
    for (const path of ['/metrics', '/openapi.json', '/healthz', '/readyz', '/v3/nowhere?key=x']) await ask(path);
    const processes = await readdir('/proc');
    for (const pid of processes.filter((name) => /^\d+$/.test(name))) {
      const commandLine = await readFile(join('/proc', pid, 'cmdline'), 'utf8').catch(() => '');
      if (commandLine.includes(folder) || pid === String(server.process.pid)) said.push(commandLine);
    }
    await server.stop();
    said.push(server.log());
    for (const name of await readdir(join(folder, 'data/postgres/log'))) {
      said.push(await readFile(join(folder, 'data/postgres/log', name), 'utf8'));
    }
    for (const canary of CANARIES) expect(said.filter((text) => text.includes(canary))).toEqual([]);

    const refused = await startServer(folder, {
      ...SECRETS,
      VEREDUS_SMS_CARRIER: 'smpp://u:CANARY-CARRIER-77aa@h?windw=1',
    }).catch((error) => error);
    expect(refused).toBeInstanceOf(DidNotStart);
    expect(refused.message).toContain('windw');
    expect(refused.message).not.toContain('CANARY');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
