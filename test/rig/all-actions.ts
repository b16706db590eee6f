import { expect } from 'vitest';
import type { Answered } from './server.ts';
import { eventually } from './server.ts';

/** What any face answers. */
export interface FaceResult {
  data: Answered;
  error: string | null;
  successful: boolean;
}

/** One way to run actions. */
export type RunOver = (slug: string, args: Record<string, unknown>) => Promise<FaceResult>;

/** The server on which the effects are looked for, by its REST API, as the owner of the account. */
export interface Witness {
  url: string;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Answered }>;
}

const CSV = 'phone,first_name\n+61400888001,Kim\n+61400888002,Lee\n';
const inAnHour = () => Math.floor(Date.now() / 1000) + 3_600;

/**
 * Runs each of the 26 actions over one face, and looks from outside, over REST and on the sandbox's phones, whether it did what
 * it says. `tag` keeps what several faces make on one server apart.
 *
 * @returns the slugs that were executed, each with its effect seen.
 */
export async function runAllActions(over: RunOver, witness: Witness, tag: number): Promise<string[]> {
  const executed: string[] = [];
  const run = async (slug: string, args: Record<string, unknown> = {}) => {
    const result = await over(`CLICKSEND_${slug}`, args);
    expect(result, slug).toMatchObject({ successful: true, error: null, data: { response_code: 'SUCCESS' } });
    executed.push(slug);
    return result.data.data as Answered;
  };
  const world = { run, over, witness, tag };
  await aboutAccount(world);
  const listId = await aboutLists(world);
  await aboutSending(world);
  await aboutInbound(world);
  await aboutCampaigns(world, listId);
  await run('DELETE_LISTS', { list_id: listId });
  expect((await witness.call('GET', `/v3/lists/${listId}`)).status).toBe(404);
  return executed;
}

interface World {
  run(slug: string, args?: Record<string, unknown>): Promise<Answered>;
  over: RunOver;
  witness: Witness;
  tag: number;
}

const phoneOf = (tag: number, n: number) => `+6140${String(tag * 1_000 + n).padStart(7, '0')}`;

async function aboutAccount({ run, witness }: World): Promise<void> {
  const account = await run('GET_ACCOUNT');
  const { body } = await witness.call('GET', '/v3/account');
  expect(account).toMatchObject({ username: body.data.username, user_id: body.data.user_id });
  await run('GET_STATISTICS_SMS');
}

async function aboutLists({ run, witness, tag }: World): Promise<number> {
  const { list_id } = await run('CREATE_LISTS', { list_name: `Regulars ${tag}` });
  const read = async (path: string) => (await witness.call('GET', `/v3/lists/${list_id}${path}`)).body.data;
  expect(await read('')).toMatchObject({ list_name: `Regulars ${tag}` });
  const pages = await run('GET_LISTS', { page: 1, limit: 100 });
  expect(pages.data.map((list: Answered) => list.list_id)).toContain(list_id);

  const contact = { list_id, phone_number: phoneOf(tag, 1), first_name: 'Ana', custom_1: 'window seat' };
  const { contact_id } = await run('CREATE_LISTS_CONTACTS', contact);
  expect(await read(`/contacts/${contact_id}`)).toMatchObject({ first_name: 'Ana', custom_1: 'window seat' });
  const found = await run('GET_LISTS_CONTACTS', { list_id, page: 1, limit: 10 });
  expect(found.data.map((one: Answered) => one.contact_id)).toEqual([contact_id]);
  await run('UPDATE_LISTS_CONTACTS', { list_id, contact_id, last_name: 'Silva' });
  expect(await read(`/contacts/${contact_id}`)).toMatchObject({ first_name: 'Ana', last_name: 'Silva' });
  await run('DELETE_LISTS_CONTACTS', { list_id, contact_id });
  expect((await witness.call('GET', `/v3/lists/${list_id}/contacts/${contact_id}`)).status).toBe(404);

  const content = Buffer.from(CSV).toString('base64');
  const upload = await witness.call('POST', '/v3/uploads?convert=csv', { content });
  const file_url = upload.body.data._url;
  await run('GET_LISTS_IMPORT', { list_id, file_url, field_order: ['phone', 'first_name'] });
  await eventually(async () => (await read('/contacts')).total === 2);
  const { url } = await run('GET_LISTS_EXPORT', { list_id, filename: 'regulars.csv' });
  expect(await (await fetch(url)).text()).toContain('+61400888002');
  return list_id;
}

async function aboutSending({ run, over, witness, tag }: World): Promise<void> {
  const to = phoneOf(tag, 2);
  const standing = async () => (await witness.call('GET', `/sandbox/phones/${to}/messages`)).body.data;
  const messages = [{ to, body: `Your table is ready, ${tag}.`, custom_string: `t${tag}` }];
  expect(await run('SMS_PRICE_POST', { messages })).toMatchObject({ total_price: 0.079, total_count: 1 });
  const { messages: sent } = await run('CREATE_SMS_SEND', { messages });
  const { message_id } = sent[0];
  const arrived = await eventually(async () => {
    const texts = await standing();
    return texts.length > 0 && texts;
  });
  // The price sent nothing.
  expect(arrived.map(({ body }: Answered) => body)).toEqual([`Your table is ready, ${tag}.`]);

  await eventually(async () => (await witness.call('GET', `/v3/sms/receipts/${message_id}`)).status === 200);
  expect(await run('SMS_RECEIPTS_BY_MESSAGE_ID_GET', { message_id })).toMatchObject({ message_id, status_code: 201 });
  const receipts = await run('GET_SMS_RECEIPTS', { page: 1, limit: 100 });
  expect(receipts.data.map((one: Answered) => one.message_id)).toContain(message_id);
  const history = await run('GET_SMS_HISTORY', { q: `to:${to}`, order_by: 'date:desc', page: 1, limit: 15 });
  expect(history.data).toMatchObject([{ message_id, status: 'Sent' }]);

  const later = [{ to: phoneOf(tag, 3), body: 'Later', schedule: inAnHour(), custom_string: `later ${tag}` }];
  const scheduled = await over('CLICKSEND_CREATE_SMS_SEND', { messages: later });
  await run('SMS_CANCEL_ALL_PUT', { custom_string: `later ${tag}` });
  const id = scheduled.data.data.messages[0].message_id;
  const { body } = await witness.call('GET', `/v3/sms/history?q=message_id:${id}`);
  expect(body.data.data).toMatchObject([{ status: 'Cancelled' }]);
}

async function aboutInbound({ run, witness, tag }: World): Promise<void> {
  const rule = {
    rule_name: `Quiet ${tag}`,
    dedicated_number: '*',
    message_search_type: 2,
    message_search_term: `never ${tag}`,
    action: 'NONE',
    action_address: '',
    enabled: 1,
  };
  const { inbound_rule_id } = await run('CREATE_AUTOMATIONS_SMS_INBOUND', rule);
  const { body } = await witness.call('GET', `/v3/automations/sms/inbound/${inbound_rule_id}`);
  expect(body.data).toMatchObject({ rule_name: `Quiet ${tag}`, message_search_term: `never ${tag}`, action: 'NONE' });

  const phone = phoneOf(tag, 2);
  const [text] = (await witness.call('GET', `/sandbox/phones/${phone}/messages`)).body.data;
  await witness.call('POST', `/sandbox/phones/${phone}/messages`, { to: text.from, body: `On my way, ${tag}` });
  await eventually(async () => (await witness.call('GET', `/v3/sms/inbound?q=from:${phone}`)).body.data.total === 1);
  const inbound = await run('GET_SMS_INBOUND', { q: `from:${phone}`, order_by: 'date:desc', page: 1, limit: 15 });
  expect(inbound.data).toMatchObject([{ body: `On my way, ${tag}` }]);
}

async function aboutCampaigns({ run, witness, tag }: World, list_id: number): Promise<void> {
  const campaign = { name: `Bread ${tag}`, body: 'Rye is back. Reply STOP to opt out.', list_id };
  expect(await run('CALCULATE_SMS_CAMPAIGNS_PRICE', campaign)).toMatchObject({ total_count: 2 });
  const { sms_campaign_id } = await run('CREATE_SMS_CAMPAIGNS_SEND', { ...campaign, schedule: inAnHour() });
  const read = async () => (await witness.call('GET', `/v3/sms-campaigns/${sms_campaign_id}`)).body.data;
  expect(await read()).toMatchObject({ name: `Bread ${tag}`, status: 'Scheduled' });
  const page = await run('GET_SMS_CAMPAIGNS3', { q: `name:Bread ${tag}`, page: 1, limit: 15 });
  expect(page.data.map((one: Answered) => one.sms_campaign_id)).toEqual([sms_campaign_id]);
  const changed = { ...campaign, sms_campaign_id, name: `Rolls ${tag}`, schedule: inAnHour() };
  await run('UPDATE_SMS_CAMPAIGNS', changed);
  expect(await read()).toMatchObject({ name: `Rolls ${tag}`, status: 'Scheduled' });
  await run('SMS_CAMPAIGNS_CANCEL_BY_SMS_CAMPAIGN_ID_PUT', { sms_campaign_id });
  expect(await read()).toMatchObject({ status: 'Cancelled' });
}

/** Channels that are not built yet: complete arguments, and a refusal that says so. */
export const NOT_YET: readonly (readonly [slug: string, args: Record<string, unknown>])[] = [
  [
    'CREATE_MMS_SEND',
    {
      media_file: 'https://files.example.test/menu.jpg',
      messages: [{ to: '+61411111111', subject: 'Menu', body: 'Tonight', from: '+61411111112' }],
    },
  ],
  [
    'CREATE_POST_LETTERS_SEND',
    {
      file_url: 'https://files.example.test/letter.pdf',
      recipients: [
        {
          address_name: 'Ana Silva',
          address_line_1: '1 High Street',
          address_city: 'Perth',
          address_state: 'WA',
          address_postal_code: '6000',
          address_country: 'AU',
          return_address_id: 1,
        },
      ],
    },
  ],
];
