import { z } from 'zod';
import { accepting } from '../lenient.ts';
import { readSchedule } from '../unix-seconds.ts';
import { sender } from './sms-send.ts';

/** Ids come as numbers, and from one official client as digits. */
export const idNumber = accepting(
  (raw) => (typeof raw === 'string' && /^\s*\d{1,10}\s*$/.test(raw) ? Number(raw) : raw),
  z.int('must be a whole number.').min(1, 'must be 1 or more.').max(2_147_483_647, 'is no id.'),
);

/** Unix seconds; absent, null, 0 and "" mean now (null). */
const schedule = accepting((raw, refuse) => {
  const read = readSchedule(raw);
  if (read.ok) return read.seconds;
  refuse(`${read.words}.`);
  return null;
}, z.int().nullable()).prefault(null);

const required = (most: number) =>
  z.string('must be text.').max(most, `must have ${most} characters at most.`).regex(/\S/, 'must not be empty.');

/** The body of send, price and update alike. */
export const campaignInput = z
  .object({
    list_id: idNumber.describe('The list whose contacts are written to.'),
    name: required(255),
    body: required(10_000).describe(
      'May hold merge placeholders, smsg.io/xxxxx for a short link and StopMsg.me/xxxxx for an opt-out link.',
    ),
    from: z.string('must be text.').max(64, 'must have 64 characters at most.').nullish(),
    schedule: schedule.describe('Unix seconds, up to 4 months ahead; absent or 0 = now.'),
    url_to_shorten: z.string('must be text.').max(250, 'must have 250 characters at most.').nullish(),
    source: z.string('must be text.').max(64, 'must have 64 characters at most.').nullish(),
    senders: z.array(sender).max(300).nullish().describe('A sender per country of destination.'),
  })
  .meta({ id: 'SmsCampaignInput' });

/** As the strict clients list them. WaitApproval: paused, or held because its time was missed. */
export const campaignStatuses = [
  'Approved',
  'Cancelled',
  'Draft',
  'Failed',
  'Queued',
  'Scheduled',
  'Sending',
  'Sent',
  'WaitApproval',
] as const;

export type CampaignStatus = (typeof campaignStatuses)[number];

/** Our own word for where it stands, without ClickSend's ambiguities. */
export const campaignStates = ['scheduled', 'sending', 'paused', 'held', 'sent', 'cancelled', 'failed'] as const;

const figures = z
  .object({
    queued: z.int(),
    sent: z.int().describe('Handed to the network, delivered ones among them.'),
    delivered: z.int(),
    failed: z.int(),
    unknown: z.int().describe('May have left; the carrier has not answered. Never sent again by itself.'),
    clicked: z.int().describe('Recipients who followed the link; machines are not counted.'),
    opted_out: z.int(),
    price: z.string().describe('What it has cost so far, with what is still held for messages in the queue.'),
  })
  .meta({ id: 'SmsCampaignStatistics' });

export const smsCampaign = z
  .object({
    sms_campaign_id: z.int(),
    name: z.string(),
    user_id: z.int(),
    subaccount_id: z.int(),
    list_id: z.int(),
    from: z.string(),
    body: z.string(),
    schedule: z.int(),
    status: z.enum(campaignStatuses),
    date_added: z.int(),
    custom_string: z.string().nullable(),
    url_to_shorten: z.string().nullable(),
    unsubscribe_link: z.int().min(0).max(1),
    source: z.string().nullable(),
    senders: z.array(z.unknown()).nullable(),
    _total_count: z.int(),
    _list_name: z.string().nullable(),
    _state: z.enum(campaignStates),
    _reason: z.string().nullable().describe('Why it failed or is held.'),
    _warnings: z.array(z.string()),
    _excluded: z.record(z.string(), z.int()).describe('Contacts left out of the audience, by reason.'),
    _price_quoted: z.string().nullable().describe('Reserved when it was launched.'),
    _statistics: figures,
  })
  .meta({ id: 'SmsCampaign' });

export const exampleCampaign: z.output<typeof smsCampaign> = {
  sms_campaign_id: 31,
  name: 'Autumn bread',
  user_id: 5001,
  subaccount_id: 7001,
  list_id: 1001,
  from: 'Bakehouse',
  body: 'Hi (First Name), rye bread is back. StopMsg.me/xxxxx',
  schedule: 1790003600,
  status: 'Scheduled',
  date_added: 1790000000,
  custom_string: 'sms_campaign_31',
  url_to_shorten: null,
  unsubscribe_link: 1,
  source: null,
  senders: null,
  _total_count: 120,
  _list_name: 'Regulars',
  _state: 'scheduled',
  _reason: null,
  _warnings: [],
  _excluded: {},
  _price_quoted: null,
  _statistics: {
    queued: 0,
    sent: 0,
    delivered: 0,
    failed: 0,
    unknown: 0,
    clicked: 0,
    opted_out: 0,
    price: '0.0000',
  },
};
