import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../rig/engine.ts';
import { peer } from '../rig/peers.ts';
import { type RunningServer, startServer } from '../rig/server.ts';
import { type ClicksendLists, clicksendLists } from './clicksend-lists.ts';
import { clicksendIsInstalled } from './clicksend-node.ts';
import { verifies } from './promises.ts';

/**
 * Lists, contacts and search against a server as an operator starts it: by ClickSend's official Node SDK, unmodified but for
 * its host, and over plain HTTP where the SDK has no method or cannot say what is meant.
 */
const withSdk = peer('npm clicksend', clicksendIsInstalled);

let folder: string;
let server: RunningServer;
let sdk: ClicksendLists;

beforeAll(async () => {
  folder = await temporaryFolder('veredus-lists-');
  server = await startServer(folder);
  if (!clicksendIsInstalled()) return;
  const { username, api_key: key } = server.credentials;
  sdk = clicksendLists({ baseUrl: server.url, username, key });
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The data of a success; a refusal fails the test with its words. */
function dataOf<T>(answer: { ok: true; envelope: { data: T } } | { ok: false; status: number; envelope: unknown }): T {
  if (!answer.ok) expect.fail(`${answer.status} ${JSON.stringify(answer.envelope)}`);
  return answer.envelope.data;
}
const makeList = async (name = 'Regulars') => dataOf(await sdk.createList(name)).list_id;
const notFound = { ok: false, status: 404, envelope: { response_code: 'NOT_FOUND' } };

describe('the Node SDK', () => {
  withSdk(
    verifies(
      'sdk:list-create',
      'sdk:list',
      'sdk:list-update',
      'sdk:lists',
      'sdk:list-delete',
      'a list is made, read, renamed, listed and deleted',
    ),
    async () => {
      const made = dataOf(await sdk.createList('Régulars 東京'));
      expect(made).toMatchObject({ list_name: 'Régulars 東京', _contacts_count: 0, _import_in_progress: 0 });
      expect(dataOf(await sdk.list(made.list_id))).toEqual(made);
      const renamed = dataOf(await sdk.updateList(made.list_id, 'x'.repeat(60)));
      expect(renamed).toEqual({ ...made, list_name: 'x'.repeat(50) });
      const page = dataOf(await sdk.lists(1, 100));
      expect(page.data).toContainEqual(renamed);
      expect(page.data[0]).toMatchObject({ list_name: 'Opt-Out List' });
      expect(dataOf(await sdk.deleteList(made.list_id))).toEqual([]);
      expect(await sdk.list(made.list_id)).toMatchObject(notFound);
      expect(await sdk.createList('')).toMatchObject({
        status: 400,
        envelope: { response_code: 'BAD_REQUEST', data: { list_name: expect.any(String) } },
      });
    },
  );

  const person = {
    phoneNumber: '+61411111111',
    firstName: 'Mei',
    lastName: 'Okafor',
    email: 'mei@example.test',
    faxNumber: '+61292611111',
    organizationName: 'Okafor & Söhne',
    addressLine1: '1 High Street',
    addressLine2: 'Flat 2',
    addressCity: 'Sydney',
    addressState: 'NSW',
    addressPostalCode: '2000',
    addressCountry: 'AU',
    custom1: 'a',
    custom2: 'b',
    custom3: 'c',
    custom4: '=d',
  };

  withSdk(
    verifies(
      'sdk:contact-create',
      'sdk:contact',
      'sdk:contact-update',
      'sdk:contacts',
      'sdk:contact-delete',
      'a contact lives its life',
    ),
    async () => {
      const listId = await makeList();
      const made = dataOf(await sdk.createContact(listId, person));
      expect(made).toMatchObject({
        first_name: 'Mei',
        address_line_2: 'Flat 2',
        custom_4: '=d',
        _list_name: 'Regulars',
      });
      expect(dataOf(await sdk.contact(listId, made.contact_id))).toEqual(made);
      const changed = dataOf(await sdk.updateContact(listId, made.contact_id, { custom1: 'new' }));
      expect(changed).toEqual({ ...made, custom_1: 'new', date_updated: expect.any(Number) });
      const other = dataOf(await sdk.createContact(listId, { email: 'sam@example.test' }));
      const page = dataOf(await sdk.contacts(listId, 2, 1));
      expect(page).toMatchObject({ total: 2, current_page: 2, data: [other] });
      expect(dataOf(await sdk.contacts(listId, 1, 15, made.date_added + 3_600)).data).toEqual([]);
      expect(dataOf(await sdk.deleteContact(listId, made.contact_id))).toEqual([]);
      expect(await sdk.contact(listId, made.contact_id)).toMatchObject(notFound);
      expect(await sdk.createContact(listId, { firstName: 'Nobody' })).toMatchObject({
        status: 400,
        envelope: { data: { contact: expect.any(String) } },
      });
    },
  );

  withSdk(verifies('sdk:contact-copy', 'sdk:contact-transfer', 'a contact is copied and transferred'), async () => {
    const [from, to] = [await makeList('From'), await makeList('To')];
    const made = dataOf(await sdk.createContact(from, person));
    expect(dataOf(await sdk.copy(from, made.contact_id, to))).toMatchObject({ list_id: to, _list_name: 'To' });
    expect(dataOf(await sdk.transfer(from, made.contact_id, to))).toMatchObject({
      contact_id: made.contact_id,
      list_id: to,
    });
    expect(dataOf(await sdk.list(from))._contacts_count).toBe(0);
    expect(dataOf(await sdk.list(to))._contacts_count).toBe(2);
  });

  withSdk(verifies('sdk:list-duplicates', 'sdk:contacts-opted-out', 'a list is cleaned'), async () => {
    const [listId, optedOut] = [await makeList(), await makeList('Opted out')];
    for (const phoneNumber of ['+61411111111', '0411 111 111', '+61422222222']) {
      dataOf(await sdk.createContact(listId, { phoneNumber }));
    }
    dataOf(await sdk.createContact(optedOut, { phoneNumber: '+61422222222' }));
    expect(dataOf(await sdk.removeDuplicates(listId, { phoneNumber: '' }))).toEqual({ deleted: 1 });
    expect(dataOf(await sdk.removeOptedOut(listId, optedOut))).toEqual({ deleted: 1 });
    expect(dataOf(await sdk.contacts(listId)).data.map((contact) => contact.phone_number)).toEqual(['+61411111111']);
  });

  withSdk(verifies('sdk:search', 'lists and contacts are found'), async () => {
    const listId = await makeList('Zebra club');
    const made = dataOf(await sdk.createContact(listId, { email: 'zebra@example.test', firstName: 'Zoë' }));
    expect(dataOf(await sdk.search('zebra', 1, 15)).data).toEqual([
      { id: listId, name: 'Zebra club', type: 'list', contact: expect.any(String), contacts_count: 1 },
      { id: made.contact_id, name: 'Zoë', type: 'contact', contact: 'zebra@example.test', contacts_count: null },
    ]);
  });
});

describe('over plain HTTP', () => {
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await server.call(method, `/v3${path}`, body);
    expect(answer, `${method} ${path}`).toMatchObject({ status: 200 });
    return answer.body.data;
  };
  const newList = async (): Promise<number> => (await call('POST', '/lists', { list_name: 'Wire' })).list_id;

  test(verifies('seed:CREATE_LISTS', 'seed:GET_LISTS', 'seed:DELETE_LISTS', 'lists'), async () => {
    const listId = await newList();
    const page = await call('GET', '/lists?page=1&limit=1');
    expect(page.data).toHaveLength(1);
    expect(page.links.at(-1)).toMatchObject({ label: 'Next', page: 2 });
    expect((await fetchPage(page.next_page_url)).current_page).toBe(2);
    expect(await call('DELETE', `/lists/${listId}`)).toEqual([]);
    expect(await server.call('DELETE', `/v3/lists/${listId}`)).toMatchObject({ status: 404 });
  });

  const fetchPage = async (url: string) => {
    expect(url).toContain(server.url);
    return call('GET', url.slice(url.indexOf('/v3') + 3));
  };

  test(
    verifies(
      'seed:CREATE_LISTS_CONTACTS',
      'seed:GET_LISTS_CONTACTS',
      'seed:UPDATE_LISTS_CONTACTS',
      'seed:DELETE_LISTS_CONTACTS',
      'contacts',
    ),
    async () => {
      const listId = await newList();
      const path = `/lists/${listId}/contacts`;
      const made = await call('POST', path, { phone_number: '+61411111111', first_name: 'Mei', custom_1: 'x' });
      for (let i = 0; i < 3; i++) await call('POST', path, { email: `p${i}@example.test` });
      const page = await call('GET', `${path}?page=1&limit=2&updated_after=${made.date_added - 1}`);
      expect(page).toMatchObject({ total: 4, per_page: 2 });
      const next = await fetchPage(page.next_page_url);
      expect(next.data).toHaveLength(2);
      expect(next.next_page_url).toBeNull();
      expect(await call('PUT', `${path}/${made.contact_id}`, { custom_1: null })).toEqual({
        ...made,
        custom_1: null,
        date_updated: expect.any(Number),
      });
      expect(await call('DELETE', `${path}/${made.contact_id}`)).toEqual([]);
      expect(await server.call('PUT', `/v3${path}/${made.contact_id}`, { custom_1: 'x' })).toMatchObject({
        status: 404,
      });
    },
  );

  test(verifies('seed:GET_LISTS_EXPORT', 'a list is exported'), async () => {
    const listId = await newList();
    await call('POST', `/lists/${listId}/contacts`, {
      phone_number: '+61411111111',
      first_name: '=1+1',
      last_name: '東京',
    });
    const { url } = await call('GET', `/lists/${listId}/export?filename=wire.csv`);
    const file = await fetch(url);
    expect(file.headers.get('content-disposition')).toContain('wire.csv');
    const [head, row] = (await file.text()).split('\r\n');
    expect(head?.startsWith('phone_number,first_name,last_name,email,')).toBe(true);
    expect(row?.startsWith(`+61411111111,'=1+1,東京,`)).toBe(true);
    expect(await server.call('GET', `/v3/lists/${listId}/export?filename=wire`)).toMatchObject({ status: 400 });
    expect(await server.call('GET', `/v3/lists/${listId}/export`)).toMatchObject({ status: 400 });
  });

  test(verifies('contacts:move', 'the older path of a transfer, and a slash at the end, are taken'), async () => {
    const [from, to] = [await newList(), await newList()];
    const { contact_id: contactId } = await call('POST', `/lists/${from}/contacts`, { email: 'a@b.example' });
    expect(await call('PUT', `/lists/${from}/contacts/${contactId}/${to}`)).toMatchObject({ list_id: to });
    expect(await call('PUT', `/lists/${to}/remove-duplicates/`, { fields: ['email'] })).toEqual({ deleted: 0 });
    expect(await call('GET', `/lists/${to}/import-fields`)).toHaveLength(16);
    expect(await call('GET', '/contact-suggestions?q=a@b.example')).toMatchObject([{ contact_id: contactId }]);
  });

  test(verifies('sms:list', 'a text goes to a list'), async () => {
    const listId = await newList();
    await call('POST', `/lists/${listId}/contacts`, { phone_number: '+61411111111', first_name: 'Mei' });
    const messages = [{ list_id: String(listId), body: 'Hi (First Name)' }];
    expect((await call('POST', '/sms/price', { messages })).messages).toMatchObject([
      { body: 'Hi Mei', to: '+61411111111' },
    ]);
    expect((await call('POST', '/sms/send', { messages })).messages).toMatchObject([
      { list_id: String(listId), status: 'SUCCESS' },
    ]);
    expect((await call('GET', `/sms/history?q=list_id:${listId}`)).data).toMatchObject([{ first_name: 'Mei' }]);
  });
});
