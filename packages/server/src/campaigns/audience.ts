import type { SmsMessage } from '@veredus/contract/endpoints/sms-message';
import type { Caller } from '../accounts/caller.ts';
import { draftSms, type SmsRules } from '../channels/sms/sms.ts';
import type { Runner } from '../db/runner.ts';
import { linkText } from '../links/codes.ts';
import { fillSlots, slotsOf } from '../links/slots.ts';
import type { Draft } from '../messages/accept.ts';
import { Channel } from '../messages/message.ts';
import { suppressedAmong } from '../suppression/store.ts';
import { compile, type MergeField, render, usesFields } from '../templates/merge.ts';
import type { NewCampaign } from './campaign.ts';
import type { Places } from './places.ts';
import { type AudienceRow, type Recipient, readContacts } from './store-launch.ts';

const READ_CHUNK = 2_000;

/** Contacts left out, counted by reason. */
export type Excluded = Record<string, number>;

export interface Audience {
  accountId: number;
  rules: SmsRules;
  places: Places;
}

/**
 * The recipients of a campaign, as they are at this moment: each contact of the list with a number that may be written to,
 * once, with its text merged and priced. Read and yielded in chunks, so that a list of any size takes the same memory, but
 * for its numbers. Whoever is left out is counted in `excluded`.
 */
export async function* readAudience(
  run: Runner,
  { accountId, rules, places }: Audience,
  caller: Caller,
  campaign: Pick<NewCampaign, 'listId' | 'body' | 'urlToShorten'>,
  excluded: Excluded,
): AsyncGenerator<Recipient[]> {
  const { body: filled, hasLinks } = fillPlaces(campaign, places);
  const template = compile(filled);
  const fields: readonly MergeField[] = usesFields(template);
  const seen = new Set<string>();
  const leaveOut = (why: string) => {
    excluded[why] = (excluded[why] ?? 0) + 1;
  };

  const recipientOf = (row: AudienceRow): Recipient | null => {
    const body = render(template, row);
    const draft = draftSms(messageTo(row.phone_number, body), caller, rules);
    if (draft.refusal !== null) {
      leaveOut(reasonOf(draft));
      return null;
    }
    if (hasLinks && draft.body.length < body.length) {
      // Cut to the account's part limit: a link may have been cut in two.
      leaveOut('too_long');
      return null;
    }
    if (seen.has(draft.recipient)) {
      leaveOut('duplicate');
      return null;
    }
    seen.add(draft.recipient);
    const { recipient, country, parts, priceMicro } = draft;
    return { contactId: row.contact_id, recipient, country, body: draft.body, parts, priceMicro };
  };

  for (let afterId = 0; ; ) {
    const rows = await readContacts(run, { accountId, listId: campaign.listId, afterId, limit: READ_CHUNK, fields });
    if (rows.length === 0) return;
    afterId = rows.at(-1)!.contact_id;
    const recipients = rows.map(recipientOf).filter((recipient) => recipient !== null);
    const suppressed = await suppressedAmong(
      run,
      accountId,
      Channel.sms,
      recipients.map(({ recipient }) => recipient),
    );
    const left = suppressed.size === 0 ? recipients : recipients.filter(({ recipient }) => !suppressed.has(recipient));
    if (suppressed.size > 0) excluded.opted_out = (excluded.opted_out ?? 0) + recipients.length - left.length;
    if (left.length > 0) yield left;
    if (rows.length < READ_CHUNK) return;
  }
}

/** The text with links of the right length in their places; before it is merged, so that no contact's field makes one. */
function fillPlaces({ body, urlToShorten }: Pick<NewCampaign, 'body' | 'urlToShorten'>, places: Places) {
  const slots = slotsOf(body);
  const links = {
    ...(slots.url && urlToShorten !== null ? { url: linkText(places.base, places.url) } : {}),
    ...(slots.optOut ? { optOut: linkText(places.base, places.optOut) } : {}),
  };
  return { body: fillSlots(body, links), hasLinks: Object.keys(links).length > 0 };
}

/** Why the drafting of a message leaves its contact out, as a word. */
function reasonOf(draft: Draft): string {
  if (draft.refusal === 'INVALID_RECIPIENT') return 'invalid_number';
  if (draft.refusal === 'COUNTRY_NOT_ENABLED') return 'no_price';
  if (draft.refusal === 'SOMETHING_IS_WRONG') return 'too_long';
  if (draft.refusal === 'EMPTY_MESSAGE') return 'empty_text';
  return (draft.refusal ?? 'other').toLowerCase();
}

/** A message that only the recipient and the text are asked of: senders and times are the campaign's. */
const messageTo = (to: string, body: string): SmsMessage => ({
  to,
  body,
  list_id: null,
  from: '',
  schedule: null,
  custom_string: '',
  source: '',
  country: '',
  from_email: null,
  contact_id: null,
  exclude_no_sender_id_recipients: false,
  fault: body.trim() === '' ? { status: 'EMPTY_MESSAGE', words: 'The merged text is empty.' } : null,
});
