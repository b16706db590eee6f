import type { MessageStatus } from '@veredus/contract/codes';
import type { Body, Data } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { SmsMessage } from '@veredus/contract/endpoints/sms-message';
import { makePage } from '@veredus/contract/page';
import { countParts } from '@veredus/protocols/gsm/parts';
import type { Answer } from '../../accounts/call.ts';
import { type Caller, may } from '../../accounts/caller.ts';
import { asAccount, type Database } from '../../db/db.ts';
import { CODE_LENGTH, linkText } from '../../links/codes.ts';
import { fillSlots } from '../../links/slots.ts';
import { Channel } from '../../messages/message.ts';
import { currencyOf } from '../../pricing/currencies.ts';
import { toDecimal4 } from '../../pricing/money.ts';
import { rateFor } from '../../pricing/rate-card.ts';
import { Refusal } from '../../refusal.ts';
import { type Compiled, compile, render } from '../../templates/merge.ts';
import { unknownPlaceholders } from '../../templates/placeholders.ts';
import { readTemplate } from '../../templates/templates.ts';
import { draftAll, type SmsParts } from './send.ts';
import { findPreviewContacts, type PreviewContact, sizeOfList } from './store-preview.ts';

export interface PreviewParts extends SmsParts {
  db: Database;
  publicUrl: () => string;
}

type Input = Body<Endpoints['smsPreview']>;
type PreviewRow = Data<Endpoints['smsPreview']>['data'][number];

/**
 * A text as contacts of a list would get it: merged, with links of the right length in their places, drafted and priced as a
 * send drafts it. Nothing is stored.
 *
 * @throws Refusal bad-request without a text, not-found for a template, list or contact of nobody's or another account,
 *   forbidden where a list is shown to a key that may not read contacts.
 */
export async function previewTexts(
  parts: PreviewParts,
  caller: Caller,
  input: Input,
): Promise<Answer<Endpoints['smsPreview']>> {
  const body = await bodyOf(parts, caller, input);
  const code = 'x'.repeat(CODE_LENGTH);
  const link = linkText(parts.linkBase(), code);
  const text = compile(fillSlots(body, { url: link, optOut: link }));
  const { total, rows } =
    input.list_id == null
      ? { total: 1, rows: input.page === 1 ? [nobody(parts, caller, text)] : [] }
      : await forContacts(parts, caller, input, text);
  const { page, limit } = input;
  return {
    data: {
      // A POST is not called again by its URL: page is in the body.
      ...makePage({ total, page, limit, rows, url: `${parts.publicUrl()}/v3/sms/templates/preview` }),
      next_page_url: null,
      prev_page_url: null,
      unknown_placeholders: unknownPlaceholders(body),
      _currency: currencyOf(caller.account.currency),
    },
    words: 'Preview.',
  };
}

async function bodyOf(parts: PreviewParts, caller: Caller, { body, template_id: id }: Input): Promise<string> {
  if (body != null && id == null && body.trim() !== '') return body;
  if (body == null && id != null) {
    return (await readTemplate({ ...parts, channel: Channel.sms }, caller, id)).body;
  }
  const words = body != null && id != null ? 'Give body or template_id, not both.' : 'body or template_id is required.';
  throw new Refusal('bad-request', words, { fields: { body: words } });
}

/** The text where no field has a value, priced for the account's own country. */
function nobody(parts: PreviewParts, caller: Caller, text: Compiled): PreviewRow {
  const body = render(text, {});
  const { parts: messageParts } = countParts(body);
  const rate = rateFor(parts.rates.current(), '', caller.account.country);
  return {
    contact_id: null,
    to: '',
    body,
    message_parts: messageParts,
    message_price: toDecimal4((rate?.microPerPart ?? 0) * messageParts),
    status: 'SUCCESS',
    status_text: null,
  };
}

async function forContacts(parts: PreviewParts, caller: Caller, input: Input, text: Compiled) {
  if (!may(caller, 'contacts:read')) {
    throw new Refusal('forbidden', 'This key does not hold the permission contacts:read, which showing a list needs.');
  }
  const listId = input.list_id!;
  const contactId = input.contact_id ?? null;
  const { accountId } = caller;
  const slice = { skip: (input.page - 1) * input.limit, count: input.limit };
  const { size, contacts } = await asAccount(parts.db, accountId, async (tx) => ({
    size: await sizeOfList(tx, accountId, listId),
    contacts: await findPreviewContacts(tx, { accountId, listId, contactId }, slice),
  }));
  if (size === null) throw notThere('list_id', `There is no list ${listId} in this account.`);
  if (contactId !== null && contacts.length === 0 && input.page === 1) {
    throw notThere('contact_id', `There is no contact ${contactId} in list ${listId}.`);
  }
  const messages = contacts.map((contact) => messageTo(contact, render(text, contact), input.from ?? ''));
  const { drafts } = await draftAll(parts, caller, { messages });
  const rows = drafts.map((draft, i): PreviewRow => {
    const { contact_id } = contacts[i]!;
    return {
      contact_id,
      to: draft.recipient,
      body: draft.body,
      message_parts: draft.parts,
      message_price: toDecimal4(draft.refusal === null ? draft.priceMicro : 0),
      status: (draft.refusal ?? 'SUCCESS') as MessageStatus,
      status_text: draft.words,
    };
  });
  return { total: contactId === null ? size : 1, rows };
}

function messageTo({ contact_id, phone_number }: PreviewContact, body: string, from: string): SmsMessage {
  return {
    to: phone_number ?? '',
    list_id: null,
    body,
    from,
    schedule: null,
    custom_string: '',
    source: '',
    country: '',
    from_email: null,
    contact_id: String(contact_id),
    exclude_no_sender_id_recipients: false,
    fault:
      body.trim() === '' ? { status: 'EMPTY_MESSAGE', words: 'Nothing is left of the text for this contact.' } : null,
  };
}

function notThere(field: string, words: string): Refusal {
  return new Refusal('not-found', words, { fields: { [field]: words } });
}
