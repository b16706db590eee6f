import { actions } from '@veredus/tools/catalogue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { type BrokerDoor, openBrokerDoor } from '../../../../../test/rig/broker-door.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';

let database: TestDatabase;
let door: BrokerDoor;
beforeAll(async () => {
  database = await openTestDatabase();
  door = await openBrokerDoor(database);
  await door.add('project', ['broker:use', 'agents:read', 'agents:write']);
  await door.add(
    'agent',
    ['agent:use'],
    { allowedActions: ['CLICKSEND_GET_LISTS', 'CLICKSEND_CREATE_LISTS'] },
    'project',
  );
});
afterAll(async () => {
  expect(door.logged).toEqual([]);
  await door.close();
  await database.close();
});

const get = (path: string, key = 'project', prefix = '/api/v3.1') => door.call('GET', path, { key, prefix });
const slugs = async (path: string, key?: string) =>
  (await get(path, key)).body.items.map((one: { slug: string }) => one.slug);

describe('toolkits', () => {
  test.each(['/api/v3', '/api/v3.1'])(verifies('broker:toolkit', 'under %s'), async (prefix) => {
    const { status, body } = await get('/toolkits', 'project', prefix);
    expect(status).toBe(200);
    expect(body).toMatchObject({ total_items: 1, total_pages: 1, current_page: 1, next_cursor: null });
    expect(body.items[0]).toMatchObject({
      slug: 'clicksend',
      name: 'ClickSend',
      is_local_toolkit: false,
      no_auth: false,
      auth_schemes: ['BASIC'],
      meta: { tools_count: actions.length, triggers_count: 0, categories: [{ id: expect.any(String) }] },
    });
    const { body: one } = await get('/toolkits/ClickSend', 'project', prefix);
    expect(one.meta.logo).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(one.meta.categories[0].slug).toEqual(expect.any(String));
    const [detail] = one.auth_config_details;
    expect(detail).toMatchObject({
      mode: 'BASIC',
      name: 'clicksend_basic',
      fields: { auth_config_creation: { required: [], optional: [] } },
    });
    const { required, optional } = detail.fields.connected_account_initiation;
    expect(required.map((field: { name: string }) => field.name)).toEqual(['username', 'password']);
    expect(required.map((field: { is_secret: boolean }) => field.is_secret)).toEqual([false, true]);
    expect(optional).toEqual([]);
    expect((await get('/toolkits/gmail', 'project', prefix)).status).toBe(404);
    expect((await get('/toolkits?search=gmail', 'project', prefix)).body.items).toEqual([]);
  });

  test(verifies('broker:toolkit', 'many at once, categories, changelog, enum'), async () => {
    const many = (toolkits: unknown) => door.call('POST', '/toolkits/multi', { body: { toolkits } });
    expect((await many(['gmail', 'CLICKSEND'])).body.items).toHaveLength(1);
    expect((await many(['gmail'])).body.items).toEqual([]);
    expect((await many('gmail')).status).toBe(400);
    expect((await get('/toolkits/categories')).body.items[0]).toEqual({ id: 'communication', name: 'Communication' });
    expect((await get('/toolkits/changelog')).body.items[0].versions).toHaveLength(1);
    expect((await get('/tools/enum')).body).toEqual(actions.map(({ slug }) => slug));
  });
});

describe('tools', () => {
  test(verifies('broker:tools', 'by every filter'), async () => {
    expect(await slugs('/tools?toolkit_slug=gmail,clicksend&important=true&toolkit_versions=latest')).toHaveLength(
      actions.length,
    );
    expect(await slugs('/tools?toolkit_slug=gmail')).toEqual([]);
    expect(await slugs('/tools?toolkit_slug=')).toHaveLength(actions.length);
    expect(await slugs('/tools?tool_slugs=clicksend_get_lists,CLICKSEND_NONE&limit=9999&tags=nothing')).toEqual([
      'CLICKSEND_GET_LISTS',
    ]);
    expect(await slugs('/tools?tool_slugs=CLICKSEND_GET_LISTS&tool_slugs=CLICKSEND_GET_ACCOUNT')).toHaveLength(2);
    const reading = await slugs('/tools?tags=readOnlyHint');
    expect(reading).toContain('CLICKSEND_GET_LISTS');
    expect(reading).not.toContain('CLICKSEND_CREATE_SMS_SEND');
    expect(await slugs('/tools?scopes=mail.read')).toEqual([]);
    expect((await get('/tools?important=perhaps')).status).toBe(400);
  });

  test(verifies('broker:tools', 'searched, the best first'), async () => {
    expect((await slugs('/tools?search=send%20an%20sms'))[0]).toBe('CLICKSEND_CREATE_SMS_SEND');
    expect((await slugs('/tools?query=delete%20a%20contact%20from%20a%20list'))[0]).toBe(
      'CLICKSEND_DELETE_LISTS_CONTACTS',
    );
    expect(await slugs('/tools?query=quaternion%20zebra')).toEqual([]);
  });

  test(verifies('broker:tools', 'one, in any case of letters and by version'), async () => {
    const { body } = await get('/tools/clicksend_get_lists?version=latest');
    expect(body.slug).toBe('CLICKSEND_GET_LISTS');
    expect(body.available_versions).toContain(body.version);
    expect((await get(`/tools/CLICKSEND_GET_LISTS?version=${body.version}`)).status).toBe(200);
    expect((await get(`/tools/CLICKSEND_GET_LISTS?toolkit_versions[clicksend]=${body.version}`)).status).toBe(200);
    expect((await get('/tools/CLICKSEND_GET_LISTS?toolkit_versions[gmail]=20200101_00')).status).toBe(200);
    expect((await get('/tools/CLICKSEND_GET_LISTS?version=20200101_00')).status).toBe(404);
    expect((await get('/tools?toolkit_versions[clicksend]=20200101_00')).status).toBe(404);
    expect((await get('/tools/CLICKSEND_NONE')).status).toBe(404);
  });

  test(verifies('broker:schemas', 'strings where clients ask for strings, objects at the root'), async () => {
    const { body } = await get('/tools');
    for (const tool of body.items) {
      expect(tool.slug).toMatch(/^[A-Z0-9_]{1,64}$/);
      for (const text of [tool.name, tool.description, tool.toolkit.logo, tool.version])
        expect(text).toEqual(expect.any(String));
      for (const schema of [tool.input_parameters, tool.output_parameters]) expect(faultsOf(schema)).toEqual([]);
      for (const list of [tool.tags, tool.scopes, tool.available_versions]) expect(Array.isArray(list)).toBe(true);
    }
  });

  test(verifies('broker:lists', 'pages, clamps and forged cursors'), async () => {
    const first = (await get('/tools?limit=10')).body;
    expect(first).toMatchObject({ total_items: actions.length, total_pages: 3, current_page: 1 });
    const second = (await get(`/tools?limit=10&cursor=${first.next_cursor}`)).body;
    const third = (await get(`/tools?cursor=${second.next_cursor}`)).body;
    expect(third).toMatchObject({ current_page: 3, next_cursor: null });
    const all = [...first.items, ...second.items, ...third.items].map(({ slug }) => slug);
    expect(all).toEqual(actions.map(({ slug }) => slug));
    expect((await get('/tools?limit=-3')).body.items).toHaveLength(1);
    expect((await get('/tools?limit=ten')).status).toBe(400);
    for (const text of ['9999999.1000', '999999.9999', '0.0']) {
      const cursor = Buffer.from(text).toString('base64url');
      const { status, body } = await get(`/tools?cursor=${cursor}`);
      expect(status === 400 || body.items.length <= actions.length).toBe(true);
      if (text !== '0.0') expect(body.next_cursor ?? null).toBeNull();
    }
    expect((await get("/tools?cursor='%20or%201=1")).status).toBe(400);
  });

  test(verifies('broker:agents', 'an agent’s list holds what it may run, and the rest is not there'), async () => {
    expect(await slugs('/tools?limit=9999', 'agent')).toEqual(['CLICKSEND_CREATE_LISTS', 'CLICKSEND_GET_LISTS']);
    expect(await slugs('/tools?tool_slugs=CLICKSEND_CREATE_SMS_SEND', 'agent')).toEqual([]);
    expect((await get('/tools/enum', 'agent')).body).toHaveLength(2);
    expect((await get('/toolkits/clicksend', 'agent')).body.meta.tools_count).toBe(2);
    const [forbidden, unknown] = [
      await get('/tools/CLICKSEND_GET_ACCOUNT', 'agent'),
      await get('/tools/CLICKSEND_NO_SUCH00', 'agent'),
    ];
    expect(forbidden.status).toBe(404);
    const words = ({ body }: typeof unknown) => body.error.message.replace(/CLICKSEND_\w+/, '');
    expect(words(forbidden)).toBe(words(unknown));
  });
});

/** What breaks the schema readers of clients. */
function faultsOf(schema: Record<string, unknown>): string[] {
  const faults: string[] = [];
  if (schema.type !== 'object') faults.push('its root is no object');
  if (typeof schema.properties !== 'object') faults.push('it has no properties');
  const look = (part: unknown, path: string): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [name, value] of Object.entries(part)) {
      if (name === 'exclusiveMinimum' && typeof value === 'boolean') faults.push(`${path} is draft 4`);
      if (name === 'properties')
        for (const [field, sub] of Object.entries(value as object)) {
          if (typeof sub !== 'object') faults.push(`${path}.${field} is no schema`);
        }
      look(value, `${path}.${name}`);
    }
  };
  look(schema, '');
  return faults;
}
