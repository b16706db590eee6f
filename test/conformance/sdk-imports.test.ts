import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { listImport } from '@veredus/contract/endpoints/list-import';
import { envelope } from '@veredus/contract/envelope';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../rig/engine.ts';
import { peer } from '../rig/peers.ts';
import { type Answered, eventually, type RunningServer, startServer } from '../rig/server.ts';
import { clicksendIsInstalled } from './clicksend-node.ts';
import { verifies } from './promises.ts';

/** Imports on a server as an operator starts it, by ClickSend's official Node SDK where it has the call. */

interface SdkAnswer {
  response: { statusCode: number };
  body: unknown;
}

interface Sdk {
  ContactListImport: new () => object;
  ContactListApi: new (
    username: string,
    key: string,
    host: string,
  ) => { listsImportByListIdPost(listId: number, file: object): Promise<SdkAnswer> };
}

const withSdk = peer('npm clicksend', clicksendIsInstalled);

let folder: string;
let server: RunningServer;
let list: number;

beforeAll(async () => {
  folder = await temporaryFolder('veredus-imports-');
  server = await startServer(folder);
  list = (await call('POST', '/v3/lists', { list_name: 'Regulars' })).data.list_id;
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: unknown): Promise<Answered> {
  return (await server.call(method, path, body)).body;
}

async function upload(text: string): Promise<string> {
  const content = Buffer.from(text).toString('base64');
  return (await call('POST', '/v3/uploads?convert=csv', { content })).data._url;
}

async function ended(listId: number, importId: string): Promise<Answered> {
  return eventually(async () => {
    const { data } = await call('GET', `/v3/lists/${listId}/imports/${importId}`);
    return data.date_done === null ? null : data;
  });
}

async function run(text: string, listId = list): Promise<Answered> {
  const body = { file_url: await upload(text), field_order: 'phone,first_name' };
  const { data } = await call('POST', `/v3/lists/${listId}/import`, body);
  return ended(listId, data.id);
}

withSdk(
  verifies(
    'seed:GET_LISTS_IMPORT',
    'sdk:list-import',
    'import:start',
    'a file is imported, and a bad field_order is told',
  ),
  async () => {
    const sdk = createRequire(new URL('../clients/package.json', import.meta.url))('clicksend') as Sdk;
    const { username, api_key } = server.credentials;
    const api = new sdk.ContactListApi(username, api_key, `${server.url}/v3`);
    const fileUrl = await upload('Mobile,First name,Tier\r\n+61411111111,Zoë,gold\r\n12,Bo,\r\n');
    const model = (fieldOrder: string[]) => Object.assign(new sdk.ContactListImport(), { fileUrl, fieldOrder });

    const { body, response } = await api.listsImportByListIdPost(list, model(['phone', 'first_name', 'custom_1']));
    expect(response.statusCode).toBe(200);
    const { data, response_msg } = envelope(listImport.data).parse(body);
    expect(response_msg).toBe('Import queued.');
    expect(await ended(list, data.id)).toMatchObject({
      state: 'done',
      has_header: true,
      rows_added: 1,
      rows_refused: 1,
    });
    const contacts = await call('GET', `/v3/lists/${list}/contacts`);
    expect(contacts.data.data).toMatchObject([{ phone_number: '+61411111111', first_name: 'Zoë', custom_1: 'gold' }]);
    const errors = await call('GET', `/v3/lists/${list}/imports/${data.id}/errors`);
    expect(errors.data.data).toMatchObject([{ row_number: 3, field: 'phone_number', value: '12' }]);

    await expect(api.listsImportByListIdPost(list, model(['phone', 'shoe']))).rejects.toMatchObject({
      response: { statusCode: 400 },
      body: { response_code: 'BAD_REQUEST', data: { field_order: expect.stringContaining('"shoe"') } },
    });
    await expect(api.listsImportByListIdPost(999_999, model(['phone']))).rejects.toMatchObject({
      response: { statusCode: 404 },
    });
  },
);

describe('over the wire', () => {
  test(
    verifies('import:suppressed', 'who opted out stays so when an import brings them back: nothing is sent'),
    async () => {
      const lists = await call('GET', '/v3/lists');
      const optOutList = lists.data.data.find((one: Answered) => one.list_name === 'Opt-Out List').list_id;
      expect(await run('+61422222222,Ana\n', optOutList)).toMatchObject({ state: 'done', rows_added: 1 });
      expect(await run('+61422222222,Ana\n+61433333333,Bo\n')).toMatchObject({ rows_added: 2 });
      const to = (number: string) => ({ to: number, body: 'Your bread is baked.' });
      const sent = await call('POST', '/v3/sms/send', { messages: [to('+61422222222'), to('+61433333333')] });
      expect(sent.data.messages.map((message: Answered) => message.status)).toEqual(['INVALID_RECIPIENT', 'SUCCESS']);
    },
  );

  test(
    verifies('import:undo', 'import:cancel', 'an import is listed, undone, and not cancelled once it is over'),
    async () => {
      const job = await run('+61444444444,Cy\n');
      const path = `/v3/lists/${list}/imports/${job.import_id}`;
      expect((await call('GET', `/v3/lists/${list}/imports?limit=1`)).data.data[0].import_id).toBe(job.import_id);
      expect((await call('PUT', `${path}/cancel`)).data.state).toBe('done');
      expect((await call('PUT', `${path}/undo`)).data).toEqual({ deleted: 1 });
      expect((await call('GET', path)).data.state).toBe('undone');
      expect((await server.call('GET', `/v3/lists/${list}/imports/abc`)).status).toBe(400);
      expect((await server.call('PUT', `/v3/lists/${list}/imports/1/undo`)).status).toBe(404);
    },
  );

  test(verifies('import:preview', 'a preview adds nothing, and its file can be imported'), async () => {
    const before = (await call('GET', `/v3/lists/${list}`)).data._contacts_count;
    const file_url = await upload('Mobile;Name\n+61455555555;Dee\n');
    expect((await call('POST', `/v3/lists/${list}/import-csv-preview`, { file_url })).data).toEqual({
      row: ['Mobile', 'Name'],
    });
    const { data } = await call('POST', `/v3/lists/${list}/import-preview`, { file_url });
    expect(data).toMatchObject({ has_header: true, field_order: ['phone_number', 'first_name'] });
    expect((await call('GET', `/v3/lists/${list}`)).data._contacts_count).toBe(before);
    const queued = await call('POST', `/v3/lists/${list}/import`, {
      file_url: data.file_url,
      field_order: data.field_order,
    });
    expect(await ended(list, queued.data.id)).toMatchObject({ rows_added: 1 });
  });
});
