import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';

/** Texts from their sending to the click and the opt-out of the one who got them, over a link host of its own. */
let folder: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await temporaryFolder('veredus-links-');
  server = await startServer(folder, { VEREDUS_LINK_URL: 'https://acme.link' });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const ANNA = '+61411111111';
const PHONE = {
  'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1',
  'accept-language': 'en-AU',
};

async function dataOf(method: string, path: string, body?: unknown) {
  const answer = await server.call(method, path, body);
  if (answer.status !== 200) expect.fail(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.data;
}

/** What a phone would ask of a link in a text: no credentials, and the link's own host. */
function open(link: string, method = 'GET', headers: Record<string, string> = PHONE) {
  const [host = '', path] = link.split('/');
  return new Promise<{ status: number; location: string | undefined; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const sent = request({ hostname, port, method, path: `/${path}`, headers: { ...headers, host } }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

test(
  verifies('links:click', 'links:opt-out-post', 'links:statistics', 'links:own-host', 'a campaign is clicked and left'),
  async () => {
    const list = await dataOf('POST', '/v3/lists', { list_name: 'Regulars' });
    await dataOf('POST', `/v3/lists/${list.list_id}/contacts`, { phone_number: ANNA, first_name: 'Anna' });
    await dataOf('POST', `/v3/lists/${list.list_id}/contacts`, { phone_number: '+61422222222' });
    const launched = await dataOf('POST', '/v3/sms-campaigns/send', {
      list_id: list.list_id,
      name: 'Bread',
      body: 'Hi (First Name|there): smsg.io/xxxxx, or StopMsg.me/xxxxx',
      url_to_shorten: 'https://shop.example.test/spring',
    });
    const id = launched.sms_campaign_id;

    const text = await eventually(async () => (await dataOf('GET', `/sandbox/phones/${ANNA}/messages`))[0]?.body);
    const [, link, optOut] = /^Hi Anna: (acme\.link\/\w{8}), or (acme\.link\/\w{8})$/.exec(text) ?? [];
    expect([text, link, optOut]).not.toContain(undefined);

    expect((await open(link!, 'GET', { 'user-agent': 'WhatsApp/2.23.20.0 A' })).status).toBe(302);
    expect(await open(link!)).toMatchObject({ status: 302, location: 'https://shop.example.test/spring' });
    expect(await dataOf('GET', `/v3/sms-campaigns/${id}/link-statistics`)).toMatchObject({
      links: { opened: 1, unopened: 1 },
      device: [{ label: 'Mobile', count: 1 }],
      _machines: { opened: 1, clicks: 1 },
    });
    const tracking = await dataOf('GET', `/v3/sms-campaigns/${id}/link-tracking`);
    expect(tracking.data).toMatchObject([{ contact: { first_name: 'Anna', phone_number: ANNA }, open_count: 1 }]);
    const { url } = await dataOf('GET', `/v3/sms-campaigns/${id}/link-export?filename=opened.csv`);
    expect(await (await fetch(url)).text()).toContain(`,Anna,,${ANNA},1,`);

    const page = await open(optOut!);
    expect(page.status).toBe(200);
    expect(page.body).toContain('<button');
    const send = () =>
      dataOf('POST', '/v3/sms/send', { messages: [{ to: ANNA, body: `Still there? ${Math.random()}` }] });
    expect((await send()).queued_count).toBe(1);
    expect((await open(optOut!, 'POST')).body).toContain('You have opted out');
    expect((await send()).queued_count).toBe(0);
    const left = await dataOf('GET', `/v3/lists/${list.list_id}/contacts`);
    expect(left.data.map((contact: { phone_number: string }) => contact.phone_number)).toEqual(['+61422222222']);
  },
);

test(
  verifies(
    'sms:links',
    'sms:shorten-urls',
    'links:click',
    'links:opt-out-post',
    'a single message is clicked and left',
  ),
  async () => {
    const to = '+61412345678';
    const send = (body: string) => dataOf('POST', '/v3/sms/send', { shorten_urls: true, messages: [{ to, body }] });
    const asked = 'Rye is back: https://shop.example.test/rye?from=sms. Enough? StopMsg.me/xxxxx';
    const { messages } = await send(asked);
    const text = await eventually(async () => (await dataOf('GET', `/sandbox/phones/${to}/messages`))[0]?.body);
    expect(text).toBe(messages[0].body);
    const [, link, optOut] = /^Rye is back: (acme\.link\/\w{8})\. Enough\? (acme\.link\/\w{8})$/.exec(text) ?? [];
    expect([text, link, optOut]).not.toContain(undefined);

    expect(await open(link!)).toMatchObject({ status: 302, location: 'https://shop.example.test/rye?from=sms' });
    expect((await open(link!.replace(/\w{8}$/, 'zzzzzzzz'))).status).toBe(404);
    expect((await open(optOut!)).body).toContain('<button');
    expect((await send('Still there? https://shop.example.test')).queued_count).toBe(1);
    expect((await open(optOut!, 'POST')).body).toContain('You have opted out');
    const refused = await send('Back again: https://shop.example.test');
    expect(refused.messages).toMatchObject([{ status: 'INVALID_RECIPIENT' }]);
  },
);
