import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { endpoints, type OperationId } from '@veredus/contract/endpoints';
import { envelope } from '@veredus/contract/envelope';
import { afterAll, beforeAll, expect } from 'vitest';
import { temporaryFolder } from '../rig/engine.ts';
import { peer } from '../rig/peers.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';
import { clicksendIsInstalled } from './clicksend-node.ts';
import { verifies } from './promises.ts';

/** Campaigns by ClickSend's official Node SDK, unmodified but for its host, against a server as an operator starts it. */
const withSdk = peer('npm clicksend', clicksendIsInstalled);

interface SdkAnswer {
  response: { statusCode: number };
  body: unknown;
}
interface Campaign {
  listId: number;
  name: string;
  body: string;
  from?: string;
  schedule?: number;
  urlToShorten?: string;
}
interface CampaignApi {
  smsCampaignsSendPost(campaign: object): Promise<SdkAnswer>;
  smsCampaignsPricePost(campaign: object): Promise<SdkAnswer>;
  smsCampaignsGet(page?: number, limit?: number): Promise<SdkAnswer>;
  smsCampaignBySmsCampaignIdGet(id: number): Promise<SdkAnswer>;
  smsCampaignsBySmsCampaignIdPut(id: number, campaign: object): Promise<SdkAnswer>;
  smsCampaignsCancelBySmsCampaignIdPut(id: number): Promise<SdkAnswer>;
}
interface Sdk {
  SmsCampaign: new () => object;
  SmsCampaignApi: new (username: string, key: string, host: string) => CampaignApi;
}

let folder: string;
let server: RunningServer;
let sdk: Sdk;
let api: CampaignApi;

beforeAll(async () => {
  if (!clicksendIsInstalled()) return;
  folder = await temporaryFolder('veredus-sdk-');
  server = await startServer(folder);
  sdk = createRequire(new URL('../clients/package.json', import.meta.url))('clicksend') as Sdk;
  const { username, api_key } = server.credentials;
  api = new sdk.SmsCampaignApi(username, api_key, `${server.url}/v3`);
});

afterAll(async () => {
  if (!server) return;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const campaign = (fields: Campaign) => Object.assign(new sdk.SmsCampaign(), fields);

/** The data of a success, held to the contract's types. */
async function dataOf<K extends OperationId>(id: K, call: Promise<SdkAnswer>) {
  const { body } = await call;
  return envelope(endpoints[id].data as (typeof endpoints)['smsCampaignSend']['data']).parse(body).data;
}

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

async function listOf(...contacts: object[]): Promise<number> {
  const { body } = await server.call('POST', '/v3/lists', { list_name: 'Regulars' });
  for (const contact of contacts) await server.call('POST', `/v3/lists/${body.data.list_id}/contacts`, contact);
  return body.data.list_id;
}

withSdk(
  verifies(
    'sdk:campaign-send',
    'sdk:campaign-price',
    'sdk:campaign-show',
    'seed:CREATE_SMS_CAMPAIGNS_SEND',
    'seed:CALCULATE_SMS_CAMPAIGNS_PRICE',
    'a campaign is priced, sent, and reaches the handsets in their own words',
  ),
  async () => {
    const listId = await listOf(
      { phone_number: '+61411111111', first_name: 'Ana' },
      { phone_number: '+61499000111', first_name: 'Kim' },
    );
    const fields = { listId, name: 'Autumn', body: 'Hi (First Name), rye is back. StopMsg.me/xxxxx' };
    const { body } = await api.smsCampaignsPricePost(campaign(fields));
    const price = envelope(endpoints.smsCampaignPrice.data).parse(body).data;
    expect(price).toMatchObject({ total_count: 2, data: { body: expect.stringContaining('Hi Ana, rye is back.') } });
    expect(Number(price.total_price)).toBeGreaterThan(0);

    const sent = await dataOf('smsCampaignSend', api.smsCampaignsSendPost(campaign(fields)));
    expect(sent).toMatchObject({ list_id: listId, _total_count: 2, unsubscribe_link: 1, _list_name: 'Regulars' });
    const done = await eventually(async () => {
      const shown = await dataOf('smsCampaignShow', api.smsCampaignBySmsCampaignIdGet(sent.sms_campaign_id));
      return shown.status === 'Sent' && shown._statistics.sent === 2 && shown;
    });
    expect(done._statistics.price).toBe(price.total_price);
    const phone = await server.call('GET', '/sandbox/phones/+61411111111/messages');
    expect(phone.body.data.at(-1).body).toMatch(/^Hi Ana, rye is back\. \S+\/s\/[0-9A-Za-z]{8}$/);
  },
);

withSdk(
  verifies(
    'sdk:campaign-update',
    'sdk:campaign-cancel',
    'sdk:campaign-list',
    'campaign:list',
    'campaign:cancel-all',
    'seed:UPDATE_SMS_CAMPAIGNS',
    'seed:SMS_CAMPAIGNS_CANCEL',
    'seed:GET_SMS_CAMPAIGNS3',
    'scheduled campaigns are changed, cancelled, listed and searched',
  ),
  async () => {
    const listId = await listOf({ phone_number: '+61411111111' });
    const fields = { listId, name: 'Winter', body: 'Soup. Reply STOP', schedule: inAnHour() };
    const first = await dataOf('smsCampaignSend', api.smsCampaignsSendPost(campaign(fields)));
    expect(first.status).toBe('Scheduled');
    const later = inAnHour() + 60;
    const changed = await dataOf(
      'smsCampaignUpdate',
      api.smsCampaignsBySmsCampaignIdPut(
        first.sms_campaign_id,
        campaign({ ...fields, name: 'Spring', schedule: later }),
      ),
    );
    expect(changed).toMatchObject({ name: 'Spring', schedule: later, status: 'Scheduled' });
    const cancelled = await dataOf(
      'smsCampaignCancel',
      api.smsCampaignsCancelBySmsCampaignIdPut(first.sms_campaign_id),
    );
    expect(cancelled.status).toBe('Cancelled');
    await expect(api.smsCampaignsCancelBySmsCampaignIdPut(first.sms_campaign_id)).rejects.toMatchObject({
      response: { statusCode: 400 },
    });

    const { body } = await api.smsCampaignsGet(1, 100);
    const listed = envelope(endpoints.smsCampaigns.data).parse(body).data;
    expect(listed.data.map(({ name }) => name)).toContain('Spring');
    const search = async (query: string) => (await server.call('GET', `/v3/sms-campaigns?${query}`)).body.data;
    expect((await search('q=name:spr,status:Cancelled')).data.map((row: { name: string }) => row.name)).toEqual([
      'Spring',
    ]);
    expect((await search('q=status:Scheduled')).total).toBe(0);
    expect((await search(`q=name:%25&order_by=name:desc`)).total).toBe(0);
    expect((await search(`date_from=${later}`)).total).toBe(0);
    expect((await server.call('GET', '/v3/sms-campaigns?q=nonsense:1')).status).toBe(400);

    const second = await dataOf('smsCampaignSend', api.smsCampaignsSendPost(campaign(fields)));
    await dataOf('smsCampaignSend', api.smsCampaignsSendPost(campaign(fields)));
    const tagged = await server.call('PUT', '/v3/sms/cancel-all', { custom_string: second.custom_string });
    expect(tagged.body.data).toEqual({ count: 1 });
    expect((await search('q=status:Scheduled')).total).toBe(1);
    expect((await server.call('PUT', '/v3/sms/cancel-all')).body.data).toEqual({ count: 1 });
    expect((await search('q=status:Scheduled')).total).toBe(0);
  },
);
