import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { upload } from '@veredus/contract/endpoints/uploads';
import { envelope } from '@veredus/contract/envelope';
import { afterAll, beforeAll, expect } from 'vitest';
import { temporaryFolder } from '../rig/engine.ts';
import { peer } from '../rig/peers.ts';
import { type RunningServer, startServer } from '../rig/server.ts';
import { clicksendIsInstalled } from './clicksend-node.ts';
import { verifies } from './promises.ts';

/** The classes of ClickSend's official Node SDK that upload, as far as they are used here. */
interface Sdk {
  UploadFile: new () => { content?: string };
  UploadApi: new (
    username: string,
    key: string,
    host: string,
  ) => { uploadsPost(file: object, convert: string): Promise<{ response: { statusCode: number }; body: unknown }> };
}

const withSdk = peer('npm clicksend', clicksendIsInstalled);
const CSV = 'phone,name\r\n+61411111111,Zoë\r\n';

let folder: string;
let server: RunningServer;

beforeAll(async () => {
  if (!clicksendIsInstalled()) return;
  folder = await temporaryFolder('veredus-uploads-');
  server = await startServer(folder);
});
afterAll(async () => {
  if (!server) return;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const uploadsPost = (content: string, convert: string) => {
  const sdk = createRequire(new URL('../clients/package.json', import.meta.url))('clicksend') as Sdk;
  const { username, api_key } = server.credentials;
  const api = new sdk.UploadApi(username, api_key, `${server.url}/v3`);
  return api.uploadsPost(Object.assign(new sdk.UploadFile(), { content }), convert);
};

withSdk(verifies('sdk:upload', 'files:upload', 'a list is uploaded and can be fetched'), async () => {
  const { body } = await uploadsPost(Buffer.from(CSV).toString('base64'), 'csv');
  const { data, response_msg } = envelope(upload.data).parse(body);
  expect(response_msg).toBe('Uploaded.');
  expect(data.date_delete - data.date_added).toBe(7 * 86_400);
  expect(data.file_name).toBe(data._url.split('/').at(-1));
  const file = await fetch(data._url);
  expect(await file.text()).toBe(CSV);
  expect(file.headers.get('content-disposition')).toContain('attachment');
});

withSdk(verifies('sdk:upload', 'files:conversion', 'what is not built yet is told in words'), async () => {
  const refused = uploadsPost(Buffer.from(CSV).toString('base64'), 'mms');
  await expect(refused).rejects.toMatchObject({
    response: { statusCode: 400 },
    body: { response_code: 'BAD_REQUEST', data: { convert: expect.stringContaining('later release') } },
  });
});
