import { describe, expect, test } from 'vitest';
import { verifies } from '../../../test/conformance/promises.ts';
import { IDEMPOTENCY_KEY, takesKey } from './action.ts';
import { actions, findAction, toolkit } from './catalogue.ts';
import { describeAction } from './describe-action.ts';

/** What was asked for: each parameter with its type; an exclamation mark where it is required. */
const campaign = 'body string! from string name string! list_id integer! schedule integer url_to_shorten string';
const person =
  'phone_number string email string first_name string last_name string organization_name string address_line_1 string address_city string address_state string address_postal_code string address_country string custom_1 string custom_2 string custom_3 string custom_4 string fax_number string';
const asked: Readonly<Record<string, string>> = {
  CREATE_SMS_SEND: 'messages array!',
  CREATE_MMS_SEND: 'messages array! media_file string!',
  CREATE_SMS_CAMPAIGNS_SEND: campaign,
  SMS_PRICE_POST: 'messages array!',
  CALCULATE_SMS_CAMPAIGNS_PRICE: campaign,
  SMS_CAMPAIGNS_CANCEL_BY_SMS_CAMPAIGN_ID_PUT: 'sms_campaign_id integer!',
  UPDATE_SMS_CAMPAIGNS: `${campaign} sms_campaign_id integer!`,
  GET_SMS_CAMPAIGNS3: 'q string page integer limit integer',
  GET_SMS_HISTORY: 'q string page integer limit integer date_to integer date_from integer order_by string',
  GET_SMS_RECEIPTS: 'page integer limit integer',
  SMS_RECEIPTS_BY_MESSAGE_ID_GET: 'message_id string!',
  GET_STATISTICS_SMS: '',
  CREATE_LISTS: 'list_name string!',
  CREATE_LISTS_CONTACTS: `list_id integer! ${person}`,
  GET_LISTS: 'page integer limit integer',
  GET_LISTS_CONTACTS: 'list_id integer! page integer limit integer updated_after integer',
  UPDATE_LISTS_CONTACTS: `list_id integer! contact_id integer! ${person}`,
  DELETE_LISTS: 'list_id integer!',
  DELETE_LISTS_CONTACTS: 'list_id integer! contact_id integer!',
  GET_LISTS_IMPORT: 'list_id integer! file_url string! field_order array!',
  GET_LISTS_EXPORT: 'list_id integer! filename string!',
  GET_ACCOUNT: '',
  CREATE_POST_LETTERS_SEND:
    'file_url string! recipients array! colour integer duplex integer priority_post integer source string template_used integer',
  CREATE_AUTOMATIONS_SMS_INBOUND:
    'action string! enabled integer! rule_name string! action_address string! dedicated_number string! message_search_type integer! message_search_term string webhook_type string',
  GET_SMS_INBOUND: 'q string page integer limit integer order_by string',
  SMS_CANCEL_ALL_PUT: 'custom_string string',
};

/** Who reads, destroys, may be repeated, reaches outside; and who can cost money. */
const kinds: Readonly<Record<string, string>> = {
  CREATE_SMS_SEND: 'outside spends',
  CREATE_MMS_SEND: 'outside spends',
  CREATE_SMS_CAMPAIGNS_SEND: 'outside spends',
  SMS_PRICE_POST: 'reads again',
  CALCULATE_SMS_CAMPAIGNS_PRICE: 'reads again',
  SMS_CAMPAIGNS_CANCEL_BY_SMS_CAMPAIGN_ID_PUT: 'destroys again',
  UPDATE_SMS_CAMPAIGNS: 'destroys again outside spends',
  GET_SMS_CAMPAIGNS3: 'reads again',
  GET_SMS_HISTORY: 'reads again',
  GET_SMS_RECEIPTS: 'reads again',
  SMS_RECEIPTS_BY_MESSAGE_ID_GET: 'reads again',
  GET_STATISTICS_SMS: 'reads again',
  CREATE_LISTS: '',
  CREATE_LISTS_CONTACTS: '',
  GET_LISTS: 'reads again',
  GET_LISTS_CONTACTS: 'reads again',
  UPDATE_LISTS_CONTACTS: 'destroys again',
  DELETE_LISTS: 'destroys again',
  DELETE_LISTS_CONTACTS: 'destroys again',
  GET_LISTS_IMPORT: 'outside',
  GET_LISTS_EXPORT: 'reads again',
  GET_ACCOUNT: 'reads again',
  CREATE_POST_LETTERS_SEND: 'outside spends',
  CREATE_AUTOMATIONS_SMS_INBOUND: 'outside spends',
  GET_SMS_INBOUND: 'reads again',
  SMS_CANCEL_ALL_PUT: 'destroys again',
};

interface Shown {
  type: string;
  properties: Record<string, { type: string; description?: string }>;
  required?: string[];
  additionalProperties: boolean;
}

const shown = (slug: string): Shown => {
  const action = findAction(`CLICKSEND_${slug}`);
  if (action === null) throw new Error(`no ${slug}`);
  return describeAction(action).input_parameters as unknown as Shown;
};

describe('the catalogue', () => {
  test(verifies('tools:catalogue', 'holds the 26 actions, by slug, and no other'), () => {
    const slugs = Object.keys(asked).map((slug) => `CLICKSEND_${slug}`);
    expect(slugs).toHaveLength(26);
    expect(actions.map(({ slug }) => slug)).toEqual(slugs.sort());
    expect(findAction('clicksend_Create_SMS_send')?.slug).toBe('CLICKSEND_CREATE_SMS_SEND');
    expect(findAction('CLICKSEND_CREATE_SMS')).toBeNull();
    expect(findAction('__proto__')).toBeNull();
    expect(toolkit.versions).toContain(toolkit.version);
    expect(toolkit.version).toMatch(/^\d{8}_\d{2}$/);
  });

  test.each(Object.entries(asked))(verifies('tools:parameters', '%s has the parameters asked for'), (slug, words) => {
    const schema = shown(slug);
    const found = Object.entries(schema.properties)
      .filter(([name]) => name !== IDEMPOTENCY_KEY)
      .map(([name, { type }]) => `${name} ${type}${schema.required?.includes(name) ? '!' : ''}`);
    expect(found.join(' ')).toBe(words);
    expect(schema.additionalProperties).toBe(false);
  });

  test.each(Object.entries(kinds))(verifies('tools:hints', '%s says what it does to the world'), (slug, words) => {
    const action = findAction(`CLICKSEND_${slug}`);
    const { readOnly, destructive, idempotent, openWorld } = action!.hints;
    const said = [
      ...(readOnly ? ['reads'] : []),
      ...(destructive ? ['destroys'] : []),
      ...(idempotent ? ['again'] : []),
      ...(openWorld ? ['outside'] : []),
      ...(action!.spends ? ['spends'] : []),
    ];
    expect(said.join(' ')).toBe(words);
    const { tags } = describeAction(action!);
    expect(tags[0]).toBe('important');
    expect(tags.filter((tag) => tag.endsWith('Hint'))).toEqual([
      ...(readOnly ? ['readOnlyHint'] : []),
      ...(destructive ? ['destructiveHint'] : []),
      ...(idempotent ? ['idempotentHint'] : []),
      ...(openWorld ? ['openWorldHint'] : []),
    ]);
  });

  test(verifies('tools:key', 'who would do it again takes idempotency_key, and nobody else'), () => {
    const takers = Object.keys(kinds).filter((slug) => !/reads|again/.test(kinds[slug] ?? ''));
    for (const action of actions) {
      const slug = action.slug.replace('CLICKSEND_', '');
      expect(takesKey(action.hints), slug).toBe(takers.includes(slug));
      expect(IDEMPOTENCY_KEY in shown(slug).properties, slug).toBe(takers.includes(slug));
      expect(shown(slug).required ?? []).not.toContain(IDEMPOTENCY_KEY);
    }
  });

  test(verifies('tools:honest', 'what writes or sends says so first'), () => {
    const first = (slug: string) => findAction(slug)!.description.split(/[.:](?=\s)/)[0] ?? '';
    expect(findAction('CLICKSEND_GET_LISTS_IMPORT')!.title).toMatch(/^Import/);
    expect(first('CLICKSEND_GET_LISTS_IMPORT')).toMatch(/^Imports contacts/);
    expect(first('CLICKSEND_UPDATE_SMS_CAMPAIGNS')).toMatch(/SENDS IT NOW when schedule is left out or 0/);
    expect(findAction('CLICKSEND_UPDATE_SMS_CAMPAIGNS')!.title).toContain('sends it now');
    expect(findAction('CLICKSEND_SMS_CANCEL_ALL_PUT')!.description.slice(0, 160)).toContain('WITHOUT custom_string');
    for (const { slug, spends, description } of actions) if (spends) expect(description, slug).toMatch(/costs? money/);
  });

  test('every action named in a description is one', () => {
    for (const { slug, description, seenIn } of actions) {
      const named = [...(JSON.stringify(shown(slug.slice(10))) + description).matchAll(/CLICKSEND_[A-Z0-9_]+/g)];
      for (const [name] of named) expect(findAction(name)?.slug, `${slug} names ${name}`).toBe(name);
      if (seenIn) expect(findAction(seenIn)?.hints.readOnly, `${slug}: ${seenIn}`).toBe(true);
    }
  });
});
