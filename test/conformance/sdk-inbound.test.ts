import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { temporaryFolder } from '../rig/engine.ts';
import { peer } from '../rig/peers.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';
import { clicksendIsInstalled } from './clicksend-node.ts';
import { verifies } from './promises.ts';
import { sdkInbound } from './sdk-inbound.ts';

/** ClickSend's official Node SDK, unmodified but for its host, against a server as an operator starts it. */
const withSdk = peer('npm clicksend', clicksendIsInstalled);

let folder: string;
let server: RunningServer;
let customer: Server;
let hooks: string;
/** What the customer's own server was told. */
const pushed: { method: string; url: string; type: string; depth: string; body: string }[] = [];
let sdk: ReturnType<typeof sdkInbound>;

beforeAll(async () => {
  if (!clicksendIsInstalled()) return;
  customer = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const { method = '', url = '', headers } = request;
    const [type, depth] = [headers['content-type'] ?? '', String(headers['veredus-depth'])];
    pushed.push({ method, url, type, depth, body: Buffer.concat(pieces).toString() });
    response.end();
  }).listen(0, '127.0.0.1');
  await once(customer, 'listening');
  const host = `127.0.0.1:${(customer.address() as AddressInfo).port}`;
  hooks = `http://${host}/hooks`;
  folder = await temporaryFolder('veredus-sdk-inbound-');
  server = await startServer(folder, { VEREDUS_ALLOW_URLS: host });
  const { username, api_key } = server.credentials;
  sdk = sdkInbound({ baseUrl: server.url, username, key: api_key });
});

afterAll(async () => {
  if (!server) return;
  await server.stop();
  customer.close();
  await rm(folder, { recursive: true, force: true });
});

let phones = 0;

/** Sends a text to a handset of its own, which answers once it has it. */
async function answered(body: string, custom_string: string) {
  const to = `+614000070${String(++phones).padStart(2, '0')}`;
  const message = { to, body: `Question ${phones}?`, custom_string };
  const sent = await server.call('POST', '/v3/sms/send', { messages: [message] });
  const { message_id } = sent.body.data.messages[0] as { message_id: string };
  const phone = `/sandbox/phones/${to}/messages`;
  const text = await eventually(async () => (await server.call('GET', phone)).body.data.at(-1));
  await eventually(() => sdk.receipt(message_id).catch(() => null));
  expect((await server.call('POST', phone, { to: text.from, body })).status).toBe(200);
  return { message_id, to, from: text.from as string, body: message.body };
}

const inList = (q: string) =>
  eventually(async () => {
    const { data } = await sdk.list(q);
    return data.length > 0 && data;
  });
const told = (what: string) => eventually(async () => pushed.find(({ url, body }) => `${url} ${body}`.includes(what)));
const notFound = { response: { statusCode: 404 }, body: { http_code: 404, response_code: 'NOT_FOUND' } };
const badRequest = (field: string) => ({
  response: { statusCode: 400 },
  body: { http_code: 400, response_code: 'BAD_REQUEST', data: { [field]: expect.stringContaining(field) } },
});

describe('messages from handsets', () => {
  withSdk(
    verifies('sdk:sms-inbound', 'seed:GET_SMS_INBOUND', 'inbound:list', 'an answer from a phone can be polled'),
    async () => {
      const one = await answered('Rye, please 🍞', 'order-8841');
      const [row] = await inList('body:rye');
      expect(row).toEqual({
        timestamp: expect.any(Number),
        from: one.to,
        to: one.from,
        body: 'Rye, please 🍞',
        original_body: one.body,
        original_message_id: one.message_id,
        message_id: expect.stringMatching(/^[0-9A-F-]{36}$/),
        custom_string: 'order-8841',
        _keyword: 'rye,',
      });
      await answered('Wheat', 'order-8842');
      await inList('body:wheat');
      expect(await sdk.list(undefined, 2, 1)).toMatchObject({ total: 2, per_page: 1, current_page: 2, last_page: 2 });
      const raw = async (terms: string) => (await server.call('GET', `/v3/sms/inbound?${terms}`)).body.data.data;
      const bodies = async (terms: string) => (await raw(terms)).map(({ body }: { body: string }) => body);
      expect(await bodies('order_by=date:desc')).toEqual(['Wheat', 'Rye, please 🍞']);
      expect(await bodies('order_by=body:asc')).toEqual(['Rye, please 🍞', 'Wheat']);
      const or = `q=from:${encodeURIComponent(one.to)},custom_string:order-8842&operator=OR`;
      expect(await bodies(or)).toEqual(['Rye, please 🍞', 'Wheat']);
      expect(await bodies(`q=from: ${one.to.slice(1)}`)).toEqual(['Rye, please 🍞']);
      const byId = await server.call('GET', `/v3/sms/inbound/${one.message_id}`);
      expect(byId.body.data).toEqual(row);
      for (const id of ['019973A2-4E10-7C31-9F0B-6A51D2C48E77', 'nonsense']) {
        expect((await server.call('GET', `/v3/sms/inbound/${id}`)).status).toBe(404);
      }
    },
  );

  withSdk(
    verifies('sdk:sms-inbound-read', 'sdk:sms-inbound-read-one', 'inbound:read', 'what is read is listed no longer'),
    async () => {
      const one = await answered('Spelt', 'order-8843');
      const [row] = await inList('body:spelt');
      expect(await sdk.markOneRead(row!.message_id)).toBe(1);
      expect(await sdk.markOneRead(row!.message_id)).toBe(0);
      await expect(sdk.markOneRead('019973A2-4E10-7C31-9F0B-6A51D2C48E77')).rejects.toMatchObject(notFound);
      expect((await sdk.list('body:spelt')).total).toBe(0);
      expect((await sdk.list()).total).toBe(2);
      expect(await sdk.markRead(1_700_000_000)).toBeNull();
      expect((await sdk.list()).total).toBe(2);
      expect(await sdk.markRead()).toBeNull();
      expect((await sdk.list()).data).toEqual([]);
      expect((await server.call('GET', `/v3/sms/inbound/${one.message_id}`)).body.data).toEqual(row);
    },
  );

  withSdk(verifies('sdk:sms-inbound-test', 'inbound:test', 'a test message is pushed, or listed'), async () => {
    const made = await sdk.test(`${hooks}?test=1`);
    expect(made.timestamp_send).toBe(made.timestamp);
    const push = await told(made.message_id);
    expect(push).toMatchObject({ method: 'POST', url: '/hooks?test=1', depth: '1' });
    expect(push.type).toContain('application/x-www-form-urlencoded');
    expect(new URLSearchParams(push.body).get('originalmessageid')).toBe(made.original_message_id);
    const json = await server.call('POST', '/v3/sms/inbound', { url: hooks, webhook_type: 'json' });
    const parsed = JSON.parse((await told(json.body.data.message_id)).body);
    expect(parsed).toMatchObject({ message_id: json.body.data.message_id, timestamp: json.body.data.timestamp });
    const get = await server.call('POST', '/v3/sms/inbound', { url: hooks, webhook_type: 'get' });
    expect(await told(`message_id=${get.body.data.message_id}`)).toMatchObject({ method: 'GET', body: '' });
    const { timestamp_send: _, ...row } = await sdk.test('poll');
    expect((await sdk.list()).data).toEqual([row]);
    await sdk.markRead();
    await expect(sdk.test('foo')).rejects.toMatchObject(badRequest('url'));
  });
});

describe('receipts', () => {
  withSdk(
    verifies(
      'sdk:sms-receipts',
      'sdk:sms-receipt',
      'sdk:sms-receipts-read',
      'seed:GET_SMS_RECEIPTS',
      'seed:SMS_RECEIPTS_BY_MESSAGE_ID_GET',
      'receipts:price',
      'are listed, read one by one with their price, and marked as read',
    ),
    async () => {
      const page = await sdk.receipts(1, 1);
      expect(page).toMatchObject({ total: 3, per_page: 1, last_page: 3 });
      const [first] = page.data;
      expect(await sdk.receipt(first!.message_id)).toEqual(first);
      expect(first).toMatchObject({ status_code: 201, custom_string: 'order-8841', message_price: '0.0790' });
      expect(await sdk.markReceiptsRead(1_700_000_000)).toBeNull();
      expect((await sdk.receipts()).total).toBe(3);
      expect(await sdk.markReceiptsRead()).toBeNull();
      expect((await sdk.receipts()).data).toEqual([]);
      expect(await sdk.receipt(first!.message_id)).toEqual(first);
    },
  );

  withSdk(verifies('sdk:sms-receipts-test', 'receipts:test', 'a test receipt is pushed, or only shown'), async () => {
    const made = await sdk.testReceipt(hooks);
    const push = await told(made.message_id);
    expect(Object.fromEntries(new URLSearchParams(push.body))).toMatchObject({
      message_id: made.message_id,
      status: 'Delivered',
      status_code: '201',
      timestamp: String(made.timestamp),
      subaccount_id: String(made.subaccount_id),
    });
    expect(await sdk.testReceipt('poll')).toMatchObject({ status_code: 201 });
    expect((await sdk.receipts()).data).toEqual([]);
    // What ClickSend's own command line sends when it means to list receipts.
    await expect(sdk.testReceipt('foo')).rejects.toMatchObject(badRequest('url'));
  });
});

describe('rules', () => {
  withSdk(
    verifies(
      'sdk:inbound-rules',
      'sdk:inbound-rule',
      'sdk:inbound-rule-create',
      'sdk:inbound-rule-update',
      'sdk:inbound-rule-delete',
      'seed:CREATE_AUTOMATIONS_SMS_INBOUND',
      'for inbound messages are made, listed, changed and deleted, and push',
    ),
    async () => {
      const rule = {
        ruleName: 'Replies to CRM',
        dedicatedNumber: '*',
        messageSearchType: 1,
        messageSearchTerm: 'order',
        action: 'URL',
        actionAddress: hooks,
        enabled: 1,
        webhookType: 'json',
      };
      const made = await sdk.makeRule(rule);
      const id = made.inbound_rule_id;
      expect(made).toMatchObject({ message_search_term: 'order', action: 'URL', webhook_type: 'json', enabled: 1 });
      expect(await sdk.rule(id)).toEqual(made);
      const page = await sdk.rules(undefined, 2, 1);
      expect(page).toMatchObject({ total: 2, per_page: 1, last_page: 2, data: [made] });
      expect(page.data[0]!.sms_inbound_rule_id).toBe(id);
      expect((await sdk.rules('rule_name:crm')).data).toEqual([made]);

      const one = await answered('Order 7 of rye', 'order-8844');
      const push = await told('Order 7 of rye');
      expect(push).toMatchObject({ method: 'POST', url: '/hooks', depth: '1' });
      expect(JSON.parse(push.body)).toMatchObject({
        from: one.to,
        to: one.from,
        originalsenderid: one.from,
        original_message_id: one.message_id,
        original_body: one.body,
        custom_string: 'order-8844',
        subaccount_id: expect.any(Number),
      });

      const changed = await sdk.changeRule(id, { ...rule, action: 'NONE', actionAddress: '', messageSearchType: 0 });
      expect(changed).toMatchObject({ inbound_rule_id: id, action: 'NONE', action_address: '', webhook_type: null });
      await expect(sdk.makeRule({ ...rule, actionAddress: 'crm' })).rejects.toMatchObject(badRequest('action_address'));
      await expect(sdk.makeRule({ ...rule, action: 'FORWARD' })).rejects.toMatchObject(badRequest('action'));
      expect(await sdk.removeRule(id)).toEqual([]);
      await expect(sdk.removeRule(id)).rejects.toMatchObject(notFound);
      await expect(sdk.rule(id)).rejects.toMatchObject(notFound);
    },
  );

  withSdk(
    verifies(
      'sdk:receipt-rules',
      'sdk:receipt-rule',
      'sdk:receipt-rule-create',
      'sdk:receipt-rule-update',
      'sdk:receipt-rule-delete',
      'for receipts are made, listed, changed and deleted, and push',
    ),
    async () => {
      const rule = { ruleName: 'Receipts', matchType: 2, action: 'URL', actionAddress: hooks, enabled: 1 };
      const made = await sdk.makeReceiptRule(rule);
      const id = made.receipt_rule_id;
      expect(made).toMatchObject({ rule_name: 'Receipts', match_type: 2, action: 'URL', enabled: 1 });
      expect(await sdk.receiptRule(id)).toEqual(made);
      expect(await sdk.receiptRules(undefined, 2, 1)).toMatchObject({ total: 2, data: [made] });
      expect((await sdk.receiptRules('rule_name:receipts')).data).toEqual([made]);

      const { message_id } = await answered('Thanks', 'order-8845');
      const push = await told(`message_id=${message_id}&status=`);
      expect(new URLSearchParams(push.body).get('status')).toBe('Delivered');

      const changed = await sdk.changeReceiptRule(id, { ...rule, action: 'EMAIL', actionAddress: 'ana@example.com' });
      expect(changed).toEqual({ ...made, action: 'EMAIL', action_address: 'ana@example.com' });
      await expect(sdk.makeReceiptRule({ ...rule, action: 'SMS' })).rejects.toMatchObject(badRequest('action'));
      expect(await sdk.removeReceiptRule(id)).toEqual([]);
      await expect(sdk.removeReceiptRule(id)).rejects.toMatchObject(notFound);
      await expect(sdk.receiptRule(id)).rejects.toMatchObject(notFound);
    },
  );
});
