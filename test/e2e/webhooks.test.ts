import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';

interface Got {
  headers: IncomingMessage['headers'];
  body: string;
}

let folder: string;
let receiver: Server;
let url: string;
let settings: Record<string, string>;
let got: Got[];
let answer: (response: ServerResponse) => void;
let server: RunningServer | null = null;

beforeEach(async () => {
  folder = await temporaryFolder('veredus-webhooks-');
  got = [];
  answer = (response) => response.end('ok');
  receiver = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    got.push({ headers: request.headers, body: String(Buffer.concat(pieces)) });
    answer(response);
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/hook`;
  settings = { VEREDUS_ALLOW_URLS: `127.0.0.1:${port}`, VEREDUS_CLOCK: 'sandbox' };
});
afterEach(async () => {
  await server?.stop();
  server = null;
  receiver.closeAllConnections();
  receiver.close();
  await rm(folder, { recursive: true, force: true });
});

const push = (to: RunningServer) => to.call('POST', '/v3/sms/inbound', { url, webhook_type: 'json' });
const listOf = async (of: RunningServer) => {
  const endpoints = await of.call('GET', '/v3/webhooks');
  const { endpoint_id } = endpoints.body.data.data[0];
  const page = await of.call('GET', `/v3/webhooks/${endpoint_id}/deliveries`);
  return { endpoint_id, deliveries: page.body.data.data };
};

test(verifies('webhooks:signed', 'a push is verified with the key the API tells, and is in the log'), async () => {
  server = await startServer(folder, settings);
  const asked = performance.now();
  expect((await push(server)).status).toBe(200);
  await eventually(async () => got.length === 1);
  // It was woken: it did not wait for the next look.
  expect(performance.now() - asked).toBeLessThan(900);
  const { endpoint_id } = await listOf(server);
  const { key } = (await server.call('GET', `/v3/webhooks/${endpoint_id}/key`)).body.data;
  const verified = new Webhook(key).verify(got[0]!.body, got[0]!.headers as Record<string, string>);
  expect(verified).toMatchObject({ body: 'This is a test.', from: '+61411111111' });
  await eventually(async () => (await listOf(server!)).deliveries[0].state === 'delivered');
  // None of it in the server's own log.
  expect(server.log()).not.toContain('whsec_');
});

test(
  verifies('webhooks:nodes', 'invariant:I9', 'what a killed server had out arrives after its next start, same id'),
  async () => {
    answer = () => {};
    server = await startServer(folder, settings);
    await push(server);
    await eventually(async () => got.length === 1);
    await server.kill();
    answer = (response) => response.end('ok');
    server = await startServer(folder, settings);
    await eventually(async () => got.length === 2);
    expect(got[1]!.headers['webhook-id']).toBe(got[0]!.headers['webhook-id']);
    await eventually(async () => (await listOf(server!)).deliveries[0].state === 'delivered');
  },
);

test(
  verifies('fault:F28', 'days pass by the sandbox clock: what failed arrives in the end, under its id'),
  async () => {
    answer = (response) => response.writeHead(500).end();
    server = await startServer(folder, settings);
    await push(server);
    await eventually(async () => got.length === 1);
    const pass = (hours: number) => server!.call('POST', '/sandbox/clock', { advance_seconds: hours * 3_600 });
    // Each time something is due: its pauses are 5 seconds, 5 minutes, 30 minutes, 2 and 5 hours; then days of nothing.
    for (let attempts = 2; attempts <= 6; attempts++) {
      expect((await pass(6)).status).toBe(200);
      await eventually(async () => got.length === attempts);
    }
    await pass(42);
    await eventually(async () => got.length === 7);
    answer = (response) => response.end('ok');
    await pass(24);
    await eventually(async () => (await listOf(server!)).deliveries[0].state === 'delivered');
    expect(got).toHaveLength(8);
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    // The timestamps are the machine's, so that a receiver with a right clock takes them.
    const { endpoint_id } = await listOf(server);
    const { key } = (await server.call('GET', `/v3/webhooks/${endpoint_id}/key`)).body.data;
    new Webhook(key).verify(got.at(-1)!.body, got.at(-1)!.headers as Record<string, string>);
  },
);
