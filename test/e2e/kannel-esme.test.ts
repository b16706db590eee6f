import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@veredus/server/db/embedded/server';
import { expect } from 'vitest';
import { kannelConfig } from '../../bench/kannel-config.ts';
import { verifies } from '../conformance/promises.ts';
import { onPath, peer } from '../rig/peers.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';

const withKannel = peer('kannel', () => onPath('bearerbox') && onPath('smsbox'));
const LAUNCHER = fileURLToPath(new URL('../../bin/veredus.js', import.meta.url));
const PHONE = '+61400000009';
/** The account's own, so that what is written to it is the account's. */
const NUMBER = '+61400000100';
const LONG = 'Bread, rolls and cake. '.repeat(15).trim();

/** A command of the operator's, beside the running server. */
async function veredus(folder: string, ...words: string[]): Promise<string> {
  const child = spawn(process.execPath, [LAUNCHER, ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', VEREDUS_DATA_DIR: join(folder, 'data') },
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const [code] = await once(child, 'exit');
  expect(code, out).toBe(0);
  return out;
}

const field = (out: string, name: string): string => new RegExp(`^${name}\\s+(\\S+)$`, 'm').exec(out)![1]!;

/** Where Kannel's call-backs and forwarded texts arrive, by path and query. */
async function openEar() {
  const heard: URL[] = [];
  const server = createServer((request, response) => {
    heard.push(new URL(request.url ?? '', 'http://ear'));
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

/** Kannel can only be given ports that were free a moment ago: whoever has taken one meanwhile may never answer. */
const ask = (url: string) => fetch(url, { signal: AbortSignal.timeout(2_000) });

const answers = (port: number) =>
  eventually(async () =>
    ask(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    ),
  );

async function startKannel(folder: string, ear: string, login: { port: number; systemId: string; password: string }) {
  const ports = { admin: await freePort(), box: await freePort(), sendSms: await freePort(), carrier: login.port };
  const config = kannelConfig(folder, ports, 10)
    .replace('smsc-username = u\n', `smsc-username = ${login.systemId}\n`)
    .replace('smsc-password = p\n', `smsc-password = ${login.password}\n`)
    .replace('group = sendsms-user\n', 'group = sendsms-user\nconcatenation = true\nmax-messages = 10\n');
  const service = `\ngroup = sms-service\nkeyword = default\nget-url = "${ear}/inbound?from=%p&to=%P&text=%a"\nmax-messages = 0\n`;
  await writeFile(join(folder, 'kannel.conf'), config + service);
  const start = (program: string) => spawn(program, ['-v', '4', join(folder, 'kannel.conf')], { stdio: 'ignore' });
  const boxes = [start('/usr/sbin/bearerbox')];
  await answers(ports.admin);
  boxes.push(start('/usr/sbin/smsbox'));
  await answers(ports.sendSms);
  return {
    send(fields: Record<string, string>) {
      const query = new URLSearchParams({ username: 'bench', password: 'bench', to: PHONE, ...fields });
      return eventually(async () => {
        const answer = await ask(`http://127.0.0.1:${ports.sendSms}/cgi-bin/sendsms?${query}`).catch(() => null);
        return answer?.status === 202;
      });
    },
    async stop() {
      for (const box of boxes.reverse()) {
        if (box.exitCode !== null || box.signalCode !== null) continue;
        const ended = once(box, 'exit');
        box.kill('SIGTERM');
        // A bearerbox that waits for a peer that has gone does so for minutes.
        const patience = setTimeout(() => box.kill('SIGKILL'), 10_000);
        await ended;
        clearTimeout(patience);
      }
    },
  };
}

const MESSAGES = `/sandbox/phones/${encodeURIComponent(PHONE)}/messages`;

const onPhone = async (server: RunningServer): Promise<string[]> =>
  (await server.call('GET', MESSAGES)).body.data.map(({ body }: { body: string }) => body);

withKannel(
  verifies('smpp-door:kannel', 'Kannel as an ESME: short and long texts out, receipts and an answer in'),
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'veredus-esme-'));
    const server = await startServer(folder, { VEREDUS_SMPP_LISTEN: '127.0.0.1:0' });
    const ear = await openEar();
    await veredus(folder, 'sender', 'add', server.credentials.username, NUMBER);
    const made = await veredus(folder, 'esme', 'add', server.credentials.username, '--system-id', 'kannel');
    const port = Number(/"smpp.listening","address":"127\.0\.0\.1:(\d+)"/.exec(server.log())![1]);
    const kannel = await startKannel(folder, ear.url, { port, systemId: 'kannel', password: field(made, 'password') });
    try {
      const back = `${ear.url}/dlr?status=%d`;
      await kannel.send({ from: 'Bakehouse', text: 'Hello from Kannel', 'dlr-mask': '31', 'dlr-url': back });
      await eventually(async () => (await onPhone(server)).includes('Hello from Kannel'));
      // 8 = taken by the centre, 1 = delivered to the phone.
      const reports = () => ear.heard.filter(({ pathname }) => pathname === '/dlr');
      await eventually(async () => reports().some(({ searchParams }) => searchParams.get('status') === '1'));

      await kannel.send({ from: 'Bakehouse', text: LONG, 'dlr-mask': '31', 'dlr-url': `${back}&long=1` });
      await eventually(async () => (await onPhone(server)).includes(LONG));
      await eventually(async () =>
        reports().some(({ searchParams: said }) => said.get('long') === '1' && said.get('status') === '1'),
      );
      const history = await server.call('GET', '/v3/sms/history');
      expect(history.body.data.total).toBe(2);

      const rule = { rule_name: 'To Kannel', dedicated_number: '*', message_search_type: 0, enabled: 1 };
      const smpp = { ...rule, action: 'SMPP', action_address: 'kannel' };
      expect((await server.call('POST', '/v3/automations/sms/inbound', smpp)).status).toBe(200);
      for (const body of ['Two loaves, please', LONG]) {
        expect((await server.call('POST', MESSAGES, { to: NUMBER, body })).status).toBe(200);
        const inbound = await eventually(async () =>
          ear.heard.find(({ pathname, searchParams }) => pathname === '/inbound' && searchParams.get('text') === body),
        );
        expect(inbound.searchParams.get('from')).toBe(PHONE);
      }
    } finally {
      await kannel.stop();
      await server.stop();
      ear.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  120_000,
);
