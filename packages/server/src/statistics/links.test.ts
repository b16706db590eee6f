import { type Endpoints, endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { openFile } from '../files/open-file.ts';
import { insertLinks, LinkKind, type NewLink } from '../links/store.ts';
import { systemRandom } from '../system.ts';
import { exportOpenings } from './link-export.ts';
import { linkStatistics, linkTracking } from './link-statistics.ts';

const NOW = Date.UTC(2026, 5, 1, 10, 30);
const clock = handClock(NOW);
let own: TestDatabase;
let caller: Caller;
let stranger: Caller;
let campaignId: number;
let emptyId: number;
let theirsId: number;
let contactId: number;
const parts = () => ({ db: own.db, clock, random: systemRandom, publicUrl: () => 'https://msg.example.test' });

beforeAll(async () => {
  own = await openTestDatabase();
  caller = (await addAccount(own.db, 'bakehouse')) as unknown as Caller;
  stranger = (await addAccount(own.db, 'stranger')) as unknown as Caller;
  campaignId = await addCampaign(caller);
  emptyId = await addCampaign(caller);
  theirsId = await addCampaign(stranger);
  const listId = await addContact();
  await store(caller, campaignId, [
    { code: 'anna0000', recipient: '+61411111111', contactId, listId },
    { code: 'bob00000', recipient: '+61422222222' },
    { code: 'carl0000', recipient: '+61433333333' },
    { code: 'dora0000', recipient: '+61444444444' },
    { code: 'optout00', recipient: '+61411111111', kind: LinkKind.optOut },
  ]);
  await store(stranger, theirsId, [{ code: 'canary00', recipient: '+61499999999' }]);
  await click(caller, campaignId, 'bob00000', 1_000, ['Mobile', 'Android', 'Chrome']);
  await click(caller, campaignId, 'anna0000', 2_000, ['Mobile', 'iOS', 'Safari']);
  await click(caller, campaignId, 'anna0000', 3_000, ['Desktop', 'macOS', 'Safari']);
  await click(caller, campaignId, 'anna0000', 500, null, 'is whatsapp');
  await click(caller, campaignId, 'carl0000', 100, null, 'is whatsapp');
  await click(caller, campaignId, 'carl0000', 200, null, 'fetched ahead');
  await click(stranger, theirsId, 'canary00', 1, ['CANARY', 'CANARY', 'CANARY']);
});
afterAll(() => own.close());

async function addCampaign({ accountId, userId }: Caller): Promise<number> {
  const { rows } = await own.db.enginePool.query(
    `insert into campaigns (account_id, user_id, channel, state, list_id, name, sender, body, custom_string, created_at)
     values ($1, $2, 1, 1, 1, 'x', '', 'x', '', 0) returning campaign_id`,
    [accountId, userId],
  );
  return rows[0].campaign_id;
}

async function addContact(): Promise<number> {
  const list = await own.db.enginePool.query(
    `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'x', 'x', 0) returning list_id`,
    [caller.accountId],
  );
  const { rows } = await own.db.enginePool.query(
    `insert into contacts (account_id, list_id, created_at, updated_at, phone_number, first_name, last_name)
     values ($1, $2, 0, 0, '+61411111111', 'Anna', '=1+1') returning contact_id`,
    [caller.accountId, list.rows[0].list_id],
  );
  contactId = rows[0].contact_id;
  return list.rows[0].list_id;
}

const store = ({ accountId }: Caller, campaign: number, links: Partial<NewLink>[]) =>
  insertLinks(
    own.db.enginePool,
    links.map((link) => ({
      ...{ code: '', kind: LinkKind.click, accountId, channel: 1, campaignId: campaign, recipient: '' },
      ...{ contactId: null, listId: null, url: 'https://a.test', createdAt: NOW, expiresAt: NOW + 1_000 },
      ...link,
    })),
  );

const click = (who: Caller, campaign: number, code: string, after: number, kinds: string[] | null, why?: string) =>
  own.db.enginePool.query(
    `insert into link_clicks (account_id, code, campaign_id, at, machine, why, device, os, browser)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      who.accountId,
      code,
      campaign,
      NOW + after,
      why !== undefined,
      why ?? null,
      ...(kinds ?? ['Other', 'Other', 'Other']),
    ],
  );

describe(verifies('links:statistics', 'of a campaign'), () => {
  test('the numbers are people’s, and machines stand apart', async () => {
    const { data } = await linkStatistics(parts(), caller, campaignId);
    endpoints.smsCampaignLinkStatistics.data.parse(data);
    expect(data).toEqual({
      links: { opened: 2, unopened: 2 },
      device: [
        { label: 'Mobile', count: 2 },
        { label: 'Desktop', count: 1 },
      ],
      os: [
        { label: 'Android', count: 1 },
        { label: 'iOS', count: 1 },
        { label: 'macOS', count: 1 },
      ],
      browser: [
        { label: 'Safari', count: 2 },
        { label: 'Chrome', count: 1 },
      ],
      country: [],
      _machines: {
        opened: 2,
        clicks: 3,
        why: [
          { label: 'is whatsapp', count: 2 },
          { label: 'fetched ahead', count: 1 },
        ],
      },
    });
  });

  test('without links all of it is nothing', async () => {
    const { data } = await linkStatistics(parts(), caller, emptyId);
    expect(data).toMatchObject({ links: { opened: 0, unopened: 0 }, device: [], _machines: { clicks: 0, why: [] } });
    expect((await track({}, emptyId)).data).toEqual([]);
  });

  async function track(query: Record<string, string> = {}, id = campaignId, who = caller) {
    const raw = { params: { sms_campaign_id: String(id) }, query };
    const read = readCall<Endpoints['smsCampaignLinkTracking']>(endpoints.smsCampaignLinkTracking, raw);
    if (!read.ok) throw new Error(JSON.stringify(read.fields));
    const { data } = await linkTracking(parts(), who, read.call.params.sms_campaign_id, read.call.query);
    endpoints.smsCampaignLinkTracking.data.parse(data);
    return data;
  }

  const bob = {
    contact: { contact_id: null, first_name: null, last_name: null, phone_number: '+61422222222' },
    open_count: 1,
    date_opened: NOW / 1000 + 1,
    user_browser: 'Chrome',
    user_device: 'Mobile',
    user_os: 'Android',
    user_geo_country: null,
    user_geo_region: null,
    _machine_count: 0,
  };
  const anna = () => ({
    contact: { contact_id: contactId, first_name: 'Anna', last_name: '=1+1', phone_number: '+61411111111' },
    open_count: 2,
    date_opened: NOW / 1000 + 2,
    user_browser: 'Safari',
    user_device: 'Mobile',
    user_os: 'iOS',
    user_geo_country: null,
    user_geo_region: null,
    _machine_count: 1,
  });

  test('tracking shows who opened, by the first opening, in pages', async () => {
    const data = await track();
    expect(data).toMatchObject({ total: 2, from: 1, to: 2, last_page: 1 });
    expect(data.data).toEqual([bob, anna()]);
    const second = await track({ limit: '1', page: '2' });
    expect(second.data).toEqual([anna()]);
    expect(second.prev_page_url).toBe(
      `https://msg.example.test/v3/sms-campaigns/${campaignId}/link-tracking?limit=1&page=1`,
    );
    expect((await track({ page: '99999999999' })).data).toEqual([]);
  });

  test('the export holds the same rows, and no formula', async () => {
    const { data } = await exportOpenings(parts(), caller, campaignId, 'opened links.csv');
    endpoints.smsCampaignLinkExport.data.parse(data);
    expect(data.url).toMatch(/^https:\/\/msg\.example\.test\/files\/[0-9A-F-]{36}\?filename=opened%20links\.csv$/);
    const file = await openFile(parts(), /files\/([^?]+)/.exec(data.url)?.[1] ?? '');
    let text = '';
    for await (const chunk of file.chunks) text += chunk.toString();
    expect(text.split('\r\n')).toEqual([
      'contact_id,first_name,last_name,phone_number,open_count,date_opened,user_browser,user_device,user_os,user_geo_country,user_geo_region,_machine_count',
      `,,,+61422222222,1,${NOW / 1000 + 1},Chrome,Mobile,Android,,,0`,
      `${contactId},Anna,'=1+1,+61411111111,2,${NOW / 1000 + 2},Safari,Mobile,iOS,,,1`,
      '',
    ]);
  });

  test('an export of many openings is whole', async () => {
    const many = await addCampaign(caller);
    await own.db.enginePool.query(
      `insert into link_clicks (account_id, code, campaign_id, at, machine, device, os, browser)
       select $1, 'm' || lpad(n::text, 7, '0'), $2, $3::bigint + n, false, 'Mobile', 'iOS', 'Safari' from generate_series(1, 2500) n`,
      [caller.accountId, many, NOW],
    );
    const { data } = await exportOpenings(parts(), caller, many, 'x.csv');
    const file = await openFile(parts(), /files\/([^?]+)/.exec(data.url)?.[1] ?? '');
    let text = '';
    for await (const chunk of file.chunks) text += chunk.toString();
    expect(text.trim().split('\r\n')).toHaveLength(2_501);
    // Their links are gone: what is left is shown, and no count is below zero.
    expect((await linkStatistics(parts(), caller, many)).data.links).toEqual({ opened: 2_500, unopened: 0 });
  });

  test('of another account there is nothing', async () => {
    const foreign = expect.objectContaining({ kind: 'not-found' });
    await expect(linkStatistics(parts(), caller, theirsId)).rejects.toEqual(foreign);
    await expect(track({}, theirsId)).rejects.toEqual(foreign);
    await expect(exportOpenings(parts(), caller, theirsId, 'x.csv')).rejects.toEqual(foreign);
    expect((await track({}, theirsId, stranger)).total).toBe(1);
    expect(JSON.stringify(await track())).not.toContain('+61499999999');
  });
});
