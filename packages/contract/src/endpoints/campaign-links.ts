import { z } from 'zod';
import { csvName } from '../csv-name.ts';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms } from '../query.ts';
import { idNumber } from './sms-campaign.ts';

const params = z.object({ sms_campaign_id: idNumber });

const tally = z.array(z.object({ label: z.string(), count: z.int() }).meta({ id: 'LinkTally' }));

const statistics = z
  .object({
    links: z.object({
      opened: z.int().describe('Recipients who opened their link: people only.'),
      unopened: z.int(),
    }),
    device: tally.describe('Clicks of people.'),
    os: tally,
    browser: tally,
    country: tally.describe('Empty: addresses are not kept, so nobody is placed on a map.'),
    _machines: z
      .object({ opened: z.int(), clicks: z.int(), why: tally.describe('What gave them away.') })
      .describe('Previews, scanners and robots: in none of the other numbers.'),
  })
  .meta({ id: 'SmsCampaignLinkStatistics' });

export const smsCampaignLinkStatistics = endpoint({
  id: 'smsCampaignLinkStatistics',
  method: 'GET',
  path: '/v3/sms-campaigns/{sms_campaign_id}/link-statistics',
  summary: 'How many recipients opened the short link of a campaign, and with what.',
  scope: 'campaigns:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params,
  data: statistics,
  refusals: ['NOT_FOUND'],
  example: {
    data: {
      links: { opened: 2, unopened: 98 },
      device: [{ label: 'Mobile', count: 3 }],
      os: [
        { label: 'iOS', count: 2 },
        { label: 'Android', count: 1 },
      ],
      browser: [
        { label: 'Safari', count: 2 },
        { label: 'Chrome', count: 1 },
      ],
      country: [],
      _machines: { opened: 40, clicks: 41, why: [{ label: 'is facebookexternalhit', count: 41 }] },
    },
  },
});

const tracked = z
  .object({
    contact: z.object({
      contact_id: z.int().nullable(),
      first_name: z.string().nullable(),
      last_name: z.string().nullable(),
      phone_number: z.string().nullable(),
    }),
    open_count: z.int().describe('Clicks of people.'),
    date_opened: z.int().describe('Unix seconds of the first.'),
    user_browser: z.string().nullable(),
    user_device: z.string().nullable(),
    user_os: z.string().nullable(),
    user_geo_country: z.null(),
    user_geo_region: z.null(),
    _machine_count: z.int().describe('Clicks of machines on the same link.'),
  })
  .meta({ id: 'SmsCampaignLinkOpening' });

export const smsCampaignLinkTracking = endpoint({
  id: 'smsCampaignLinkTracking',
  method: 'GET',
  path: '/v3/sms-campaigns/{sms_campaign_id}/link-tracking',
  summary: 'Who opened the short link of a campaign, first openings first.',
  scope: 'campaigns:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params,
  query: z.object({ ...pageTerms }),
  data: page(tracked).meta({ id: 'SmsCampaignLinkTracking' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    data: {
      total: 1,
      per_page: 15,
      current_page: 1,
      last_page: 1,
      next_page_url: null,
      prev_page_url: null,
      from: 1,
      to: 1,
      data: [
        {
          contact: { contact_id: 90001, first_name: 'Anna', last_name: 'Beck', phone_number: '+61411111111' },
          open_count: 2,
          date_opened: 1790003700,
          user_browser: 'Safari',
          user_device: 'Mobile',
          user_os: 'iOS',
          user_geo_country: null,
          user_geo_region: null,
          _machine_count: 1,
        },
      ],
    },
  },
});

export const smsCampaignLinkExport = endpoint({
  id: 'smsCampaignLinkExport',
  method: 'GET',
  path: '/v3/sms-campaigns/{sms_campaign_id}/link-export',
  summary: 'The rows of link-tracking as a CSV file; answers where to fetch it.',
  scope: 'campaigns:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params,
  query: z.object({ filename: csvName }),
  data: z.object({ url: z.string() }).meta({ id: 'SmsCampaignLinkExport' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE'],
  example: {
    data: { url: 'https://msg.example.test/files/7E1F2B66-0D4C-4C1B-8A52-93B0C7D1E604?filename=opened.csv' },
  },
});
