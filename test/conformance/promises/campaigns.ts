import { from } from '../promise.ts';

/** What somebody who writes to a list may rely on. */
export const campaigns = {
  ...from('ClickSend v3: SMS campaigns', {
    'campaign:send': 'A campaign goes to every contact of its list with a number, now or at its time.',
    'campaign:once': 'A number that stands in the list twice gets one message.',
    'campaign:merge': 'Each text is merged with its own contact, and no value is merged again.',
    'campaign:price': 'The price beforehand is what is reserved at launch, and what is charged if all goes well.',
    'campaign:launch': 'Audience, texts and prices are those of the launch, whatever changes afterwards.',
    'campaign:credit': 'A campaign that the balance does not cover is refused as a whole.',
    'campaign:too-many': 'More recipients than the account allows are TOO_MANY_RECIPIENTS, and nothing is sent.',
    'campaign:update': 'A scheduled campaign can be replaced; without a time it goes out now, and says so.',
    'campaign:cancel': 'A scheduled campaign can be cancelled, exactly once, and sends nothing.',
    'campaign:cancel-all': 'Cancel all takes scheduled campaigns with it, or the one whose custom_string it names.',
    'campaign:pause': 'Once a pause is answered no further message leaves; resuming goes on at the very recipient.',
    'campaign:late': 'A campaign whose time was missed by too much waits to be resumed instead of going out late.',
    'campaign:way-out': 'A text without a way to opt out is warned of, refused or let through, as the account says.',
    'campaign:beside': 'A single message never waits behind a campaign.',
    'campaign:links': 'Short and opt-out links are each recipient’s own, and count in the price as they go out.',
    'campaign:url': 'url_to_shorten without its place in the text is 400.',
    'campaign:suppressed': 'Nobody who opted out is written to, and nobody is charged for him.',
    'campaign:recipients': 'Each recipient is listed with the state of his message.',
    'campaign:statistics': 'Each campaign carries what is queued, sent, delivered, failed, unknown, clicked and paid.',
    'campaign:list': 'Campaigns are listed with q, order_by, dates and pages.',
    'campaign:idempotent': 'The same Idempotency-Key makes one campaign.',
    'campaign:crash':
      'A node that dies anywhere in a campaign leaves each recipient one message or none, and another goes on.',
  }),
  ...from('ClickSend v3: official Node SDK, unmodified but for its host', {
    'sdk:campaign-send': 'smsCampaignsSendPost',
    'sdk:campaign-price': 'smsCampaignsPricePost',
    'sdk:campaign-list': 'smsCampaignsGet',
    'sdk:campaign-show': 'smsCampaignBySmsCampaignIdGet',
    'sdk:campaign-update': 'smsCampaignsBySmsCampaignIdPut',
    'sdk:campaign-cancel': 'smsCampaignsCancelBySmsCampaignIdPut',
  }),
} as const;
