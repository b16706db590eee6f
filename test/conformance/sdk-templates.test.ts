import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { temporaryFolder } from '../rig/engine.ts';
import { peer } from '../rig/peers.ts';
import { type RunningServer, startServer } from '../rig/server.ts';
import { clicksendIsInstalled } from './clicksend-node.ts';
import { verifies } from './promises.ts';
import { sdkTemplates } from './sdk-templates.ts';

/** ClickSend's official Node SDK, unmodified but for its host, against a server as an operator starts it. */
const withSdk = peer('npm clicksend', clicksendIsInstalled);

let folder: string;
let server: RunningServer;
let sdk: ReturnType<typeof sdkTemplates>;

beforeAll(async () => {
  if (!clicksendIsInstalled()) return;
  folder = await temporaryFolder('veredus-sdk-templates-');
  server = await startServer(folder, { VEREDUS_LINK_URL: 'https://acme.link' });
  const { username, api_key } = server.credentials;
  sdk = sdkTemplates({ baseUrl: server.url, username, key: api_key });
});

afterAll(async () => {
  if (!server) return;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

withSdk(
  verifies(
    'sdk:sms-templates',
    'sdk:sms-template-create',
    'sdk:sms-template-update',
    'sdk:sms-template-delete',
    'templates are made, listed, changed and deleted',
  ),
  async () => {
    const made = await sdk.create({ templateName: 'Pick-up', body: 'Hello (First Name|there) 👋, see smsg.io/xxxxx' });
    expect(made).toEqual({
      template_id: expect.any(Number),
      template_name: 'Pick-up',
      body: 'Hello (First Name|there) 👋, see smsg.io/xxxxx',
    });
    await sdk.create({ templateName: 'Second', body: 'x' });
    const page = await sdk.list(2, 1);
    expect(page).toMatchObject({ total: 2, per_page: 1, current_page: 2, last_page: 2, next_page_url: null });
    expect(page.data[0]?.template_name).toBe('Second');
    expect(page.prev_page_url).toBe(`${server.url}/v3/sms/templates?limit=1&page=1`);

    const preview = await server.call('POST', '/v3/sms/templates/preview', { template_id: made.template_id });
    expect([preview.status, preview.body.data.data[0].body]).toEqual([200, 'Hello there 👋, see acme.link/xxxxxxxx']);

    expect(await sdk.update(made.template_id, { templateName: 'New', body: 'New.' })).toEqual({
      template_id: made.template_id,
      template_name: 'New',
      body: 'New.',
    });
    expect(await sdk.remove(made.template_id)).toEqual([]);
    await expect(sdk.remove(made.template_id)).rejects.toMatchObject({
      response: { statusCode: 404 },
      body: { http_code: 404, response_code: 'NOT_FOUND' },
    });
    expect((await sdk.list()).data.map((row) => row.template_name)).toEqual(['Second']);
  },
);
