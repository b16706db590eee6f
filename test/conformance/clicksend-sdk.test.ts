import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { temporaryFolder } from '../rig/engine.ts';
import { peer } from '../rig/peers.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';
import { type ClicksendNode, clicksendIsInstalled, clicksendNode } from './clicksend-node.ts';
import { verifies } from './promises.ts';

/**
 * ClickSend's official Node SDK, unmodified but for its host, against a server as an operator starts it, with its sandbox
 * as the network. Every answer is held to the contract's types by the wrapper.
 */
const withSdk = peer('npm clicksend', clicksendIsInstalled);

let folder: string;
let server: RunningServer;
let sdk: ClicksendNode;

beforeAll(async () => {
  if (!clicksendIsInstalled()) return;
  folder = await temporaryFolder('veredus-sdk-');
  server = await startServer(folder);
  sdk = clicksendNode({ baseUrl: server.url, username: server.credentials.username, key: server.credentials.api_key });
});

afterAll(async () => {
  if (!server) return;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The data of a success; a refusal fails the test with its words. */
function dataOf<T>(answer: { ok: true; envelope: { data: T } } | { ok: false; status: number; envelope: unknown }): T {
  if (!answer.ok) expect.fail(`${answer.status} ${JSON.stringify(answer.envelope)}`);
  return answer.envelope.data;
}

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

withSdk(
  verifies(
    'sdk:sms-send',
    'sdk:sms-history',
    'sdk:sms-receipt',
    'sdk:sms-receipts',
    'sdk:statistics',
    'a text reaches the handset',
  ),
  async () => {
    const sent = dataOf(
      await sdk.smsSend([{ to: '+61411111111', body: 'Your parcel is on the van.', customString: 'order-1' }]),
    );
    expect(sent).toMatchObject({ total_count: 1, queued_count: 1, blocked_count: 0 });
    const [message] = sent.messages;
    expect(message).toMatchObject({
      to: '+61411111111',
      status: 'SUCCESS',
      custom_string: 'order-1',
      message_parts: 1,
    });
    const id = message!.message_id;

    const row = await eventually(async () => {
      const { data } = dataOf(await sdk.smsHistory({ q: `message_id:${id}` }));
      return data[0]?.status_code === '201' && data[0];
    });
    expect(row).toMatchObject({
      status: 'Sent',
      to: '+61411111111',
      body: 'Your parcel is on the van.',
      custom_string: 'order-1',
    });

    expect(dataOf(await sdk.smsReceipt(id))).toMatchObject({
      message_id: id,
      status_code: 201,
      custom_string: 'order-1',
    });
    expect(dataOf(await sdk.smsReceipts()).data.map((receipt) => receipt.message_id)).toContain(id);
    const statistics = dataOf(await sdk.smsStatistics());
    expect(statistics.total.outbound).toEqual({ count: 1, price: Number(message!.message_price) });

    const phone = await server.call('GET', '/sandbox/phones/+61411111111/messages');
    expect(phone.body.data).toMatchObject([{ to: '+61411111111', body: 'Your parcel is on the van.', parts: 1 }]);
  },
);

withSdk(verifies('sdk:sms-receipts-read', 'what was read is not listed again, and can still be fetched'), async () => {
  const listed = dataOf(await sdk.smsReceipts()).data;
  expect(listed.length).toBeGreaterThan(0);
  dataOf(await sdk.smsReceiptsRead());
  expect(dataOf(await sdk.smsReceipts()).data).toEqual([]);
  expect(dataOf(await sdk.smsReceipt(listed[0]!.message_id)).status_code).toBe(201);
});

withSdk(verifies('sdk:sms-price', 'a price is what a send costs, and nothing is sent'), async () => {
  const before = dataOf(await sdk.account()).balance;
  const priced = dataOf(
    await sdk.smsPrice([
      { to: '+61422222222', body: 'x'.repeat(161) },
      { to: 'nobody', body: 'x' },
    ]),
  );
  expect(priced).toMatchObject({ total_count: 2, queued_count: 1, total_price: 0.158 });
  expect(priced.messages.map((m) => [m.status, m.message_parts, m.message_price])).toEqual([
    ['SUCCESS', 2, '0.1580'],
    ['INVALID_RECIPIENT', 1, '0.0000'],
  ]);
  expect(dataOf(await sdk.account()).balance).toBe(before);
});

withSdk(verifies('sdk:sms-cancel', 'sdk:sms-cancel-all', 'what is scheduled can be cancelled, once'), async () => {
  const schedule = inAnHour();
  const sent = dataOf(await sdk.smsSend(['a', 'b', 'c'].map((body) => ({ to: '+61433333333', body, schedule }))));
  const ids = sent.messages.map((message) => message.message_id);
  expect(sent.messages.every((message) => message.schedule === schedule)).toBe(true);

  dataOf(await sdk.smsCancel(ids[0]!));
  expect(await sdk.smsCancel(ids[0]!)).toMatchObject({ ok: false, status: 400 });
  expect(await sdk.smsCancel('00000000-0000-7000-8000-000000000000')).toMatchObject({ ok: false, status: 404 });
  expect(dataOf(await sdk.smsCancelAll())).toEqual({ count: 2 });
  expect(dataOf(await sdk.smsCancelAll())).toEqual({ count: 0 });
  const cancelled = dataOf(await sdk.smsHistory({ q: 'status:Cancelled' })).data;
  expect(cancelled.map((row) => row.message_id).sort()).toEqual([...ids].sort());
});

withSdk(verifies('sdk:sms-history-export', 'the history comes as a CSV behind a link'), async () => {
  const { url } = dataOf(await sdk.smsHistoryExport('may.csv'));
  const response = await fetch(url);
  expect(response.headers.get('content-disposition')).toContain('may.csv');
  const lines = (await response.text()).trim().split(/\r?\n/);
  expect(lines[0]).toContain('message_id');
  expect(lines.length - 1).toBe(dataOf(await sdk.smsHistory()).total);
});

withSdk(verifies('sdk:account', 'auth:masked', 'the account is shown, its key is not'), async () => {
  const account = dataOf(await sdk.account());
  expect(account).toMatchObject({ username: server.credentials.username, active: 1, country: 'AU' });
  expect(JSON.stringify(account)).not.toContain(server.credentials.api_key);
});

withSdk(verifies('sdk:countries', 'countries:public', 'the countries need no credentials'), async () => {
  expect(dataOf(await sdk.countries())).toContainEqual({ code: 'AU', value: 'Australia' });
  expect((await fetch(`${server.url}/v3/countries`)).status).toBe(200);
});
