import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoint } from '@veredus/contract/endpoint';
import { endpoints, type OperationId } from '@veredus/contract/endpoints';
import { refused, success } from '@veredus/contract/envelope';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { peer } from '../rig/peers.ts';
import { type ClicksendNode, clicksendIsInstalled, clicksendNode } from './clicksend-node.ts';

/**
 * What the official Node SDK really puts on the wire is read by the contract, and what the contract's examples say is
 * read by the SDK. The server here is nothing but the contract: it finds the endpoint, reads the call and answers the
 * endpoint's example.
 */

const withSdk = peer('npm clicksend', clicksendIsInstalled);

interface Seen {
  id: string;
  call: unknown;
  authorization: string | undefined;
}

const seen: Seen[] = [];
let sdk: ClicksendNode;

const server = createServer(async (request, response) => {
  const { status, body } = await answerTo(request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});

async function answerTo(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  const url = new URL(request.url ?? '', 'http://127.0.0.1');
  const found = find(request.method ?? '', url.pathname);
  if (found === undefined) return { status: 404, body: refused('NOT_FOUND') };
  const text = (await request.toArray()).join('');
  const reading = readCall(found.endpoint, {
    params: found.params,
    query: Object.fromEntries(url.searchParams),
    body: text === '' ? undefined : JSON.parse(text),
  });
  if (!reading.ok) return { status: 400, body: refused(reading.code, undefined, reading.fields) };
  seen.push({ id: found.endpoint.id, call: reading.call, authorization: request.headers.authorization });
  return { status: 200, body: success(found.endpoint.example.data, 'Done.') };
}

function find(method: string, path: string): { endpoint: Endpoint; params: Record<string, string> } | undefined {
  for (const endpoint of Object.values<Endpoint>(endpoints)) {
    const pattern = endpoint.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    const match = method === endpoint.method && new RegExp(`^${pattern}$`).exec(path);
    if (match) return { endpoint, params: { ...match.groups } };
  }
  return undefined;
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (clicksendIsInstalled()) sdk = clicksendNode({ baseUrl, username: 'bakehouse', key: 'k:1' });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  seen.length = 0;
});

const basic = `Basic ${Buffer.from('bakehouse:k:1').toString('base64')}`;

withSdk('every call is read and its answer understood', async () => {
  // Those of other features have files of their own beside this one.
  const calls: Partial<Record<OperationId, () => Promise<{ status: number }>>> = {
    smsSend: () => sdk.smsSend([{ to: '+61411111111', body: 'x' }]),
    smsPrice: () => sdk.smsPrice([{ to: '+61411111111', body: 'x' }]),
    smsHistory: () => sdk.smsHistory(),
    smsHistoryExport: () => sdk.smsHistoryExport('history.csv'),
    smsReceipts: () => sdk.smsReceipts(),
    smsReceipt: () => sdk.smsReceipt('019973A2-4E10-7C31-9F0B-6A51D2C48E77'),
    smsReceiptsRead: () => sdk.smsReceiptsRead(),
    smsCancel: () => sdk.smsCancel('019973A2-4E10-7C31-9F0B-6A51D2C48E77'),
    smsCancelAll: () => sdk.smsCancelAll(),
    smsStatistics: () => sdk.smsStatistics(),
    account: () => sdk.account(),
    countries: () => sdk.countries(),
  };
  for (const [id, call] of Object.entries(calls)) {
    expect(await call(), id).toMatchObject({
      status: 200,
      envelope: { http_code: 200, response_code: 'SUCCESS', data: endpoints[id as OperationId].example.data },
    });
  }
  expect(seen.map(({ id }) => id)).toEqual(Object.keys(calls));
  const authorizations = new Map(seen.map(({ id, authorization }) => [id, authorization]));
  expect(authorizations.get('countries')).toBe(undefined);
  authorizations.delete('countries');
  expect(new Set(authorizations.values())).toEqual(new Set([basic]));
});

withSdk('a message arrives with all its fields', async () => {
  const message = { to: '+61411111111', body: 'Bread', from: 'Bakehouse', source: 'shop', country: 'AU' };
  const more = { schedule: 1790000000, customString: 'order-1', listId: 7, fromEmail: 'owner@bakehouse.example' };
  await sdk.smsSend([{ ...message, ...more }]);
  const read = { schedule: 1790000000, custom_string: 'order-1', list_id: '7', from_email: 'owner@bakehouse.example' };
  expect(seen[0]?.call).toMatchObject({ body: { messages: [{ ...message, ...read, fault: null }] } });
});

withSdk('a search arrives with its plus and its comma', async () => {
  await sdk.smsHistory({ q: 'to:+61411111111,body:bread, rolls', dateFrom: 1790000000, dateTo: 1790086400, limit: 50 });
  expect(seen[0]?.call).toMatchObject({
    query: {
      q: [
        { field: 'to', value: '+61411111111' },
        { field: 'body', value: 'bread, rolls' },
      ],
      date_from: 1790000000,
      date_to: 1790086400,
      page: 1,
      limit: 50,
    },
  });
});

withSdk('a moment for receipts arrives', async () => {
  await sdk.smsReceiptsRead(1790000000);
  expect(seen[0]?.call).toMatchObject({ body: { date_before: 1790000000 } });
});

withSdk('a refusal comes back with its envelope', async () => {
  expect(await sdk.smsHistoryExport('history')).toMatchObject({
    status: 400,
    envelope: { http_code: 400, response_code: 'BAD_REQUEST', data: { filename: expect.stringContaining('.csv') } },
  });
  expect(seen).toEqual([]);
});
