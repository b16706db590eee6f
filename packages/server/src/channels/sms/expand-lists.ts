import type { MessageFault, SmsMessage } from '@veredus/contract/endpoints/sms-message';
import { RECIPIENTS_PER_CALL } from '@veredus/contract/endpoints/sms-send';
import { type Caller, may } from '../../accounts/caller.ts';
import type { Runner } from '../../db/runner.ts';
import { findLists, type ListRow } from '../../lists/store-lists.ts';
import { type ListRecipient, listRecipients } from '../../lists/store-recipients.ts';
import { Refusal } from '../../refusal.ts';
import { compile, render } from '../../templates/merge.ts';
import { type PlacedLinks, type Places, placeLinks } from './place-links.ts';
import type { ListMember } from './sms.ts';

/** One message to one recipient; what is wrong with it stands in its `fault`. */
export interface SmsItem {
  message: SmsMessage;
  /** Null = it goes to a number. */
  member: ListMember | null;
  /** The links its text has places for; absent or null = none. */
  links?: PlacedLinks | null;
}

/** Any text takes more parts than a message may have long before; and a thousand of these can be held. */
const LONGEST_LIST_BODY = 10_000;

/** A message with a list_id and no `to` goes to everybody on the list. */
export const goesToList = ({ to, list_id }: SmsMessage): boolean => list_id !== null && to.trim() === '';

/**
 * Puts a message to each contact in the place of each message to a list, its placeholders filled in. Links get their `places`
 * before that, so that no contact's field makes one.
 *
 * @throws Refusal too-many-recipients where these are more than one call may have; no more than that are read.
 */
export async function expandLists(
  run: Runner,
  caller: Caller,
  messages: readonly SmsMessage[],
  places: Places | null = null,
): Promise<readonly SmsItem[]> {
  const toOne = (message: SmsMessage): SmsItem => (places ? linkedItem(message, places) : { message, member: null });
  if (!messages.some(goesToList)) return messages.map(toOne);
  const wanted = messages.filter(goesToList).flatMap((message) => idOf(message) ?? []);
  const lists = await findLists(run, caller.accountId, [...new Set(wanted)]);
  const read = new Map<number, ListRecipient[]>();
  const items: SmsItem[] = [];
  for (const message of messages) {
    const faulty = goesToList(message) ? (message.fault ?? listFault(message, caller, lists)) : null;
    if (!goesToList(message)) items.push(toOne(message));
    else if (faulty) items.push(refusedItem(message, faulty));
    else items.push(...(await toEach(run, caller, message, read, places)));
    if (items.length > RECIPIENTS_PER_CALL) throw tooMany();
  }
  return items;
}

function tooMany(): Refusal {
  const words = `messages go to more than ${RECIPIENTS_PER_CALL} recipients once their lists are expanded; nothing was sent. Send a campaign to a list of that size.`;
  return new Refusal('too-many-recipients', words, { fields: { messages: words } });
}

/** Ids are 32 bits; a larger number, or none, is the id of no list. */
function idOf({ list_id }: SmsMessage): number | null {
  const id = /^\d{1,10}$/.test(list_id ?? '') ? Number(list_id) : 0;
  return id > 0 && id <= 0x7fff_ffff ? id : null;
}

function listFault(message: SmsMessage, caller: Caller, lists: ReadonlyMap<number, ListRow>): MessageFault | null {
  const id = idOf(message);
  if (id === null || !lists.has(id)) {
    const words = `There is no list ${message.list_id?.slice(0, 40)} in this account.`;
    return { status: 'NOT_ENOUGH_PERMISSION_TO_LIST_ID', words };
  }
  if (!may(caller, 'contacts:read')) {
    const words = 'This key does not hold the permission contacts:read, which a message to a list needs.';
    return { status: 'NOT_ENOUGH_PERMISSION_TO_LIST_ID', words };
  }
  if (message.body.length > LONGEST_LIST_BODY) {
    const words = `body is longer than ${LONGEST_LIST_BODY} characters, the most a message to a list may have.`;
    return { status: 'SOMETHING_IS_WRONG', words };
  }
  return null;
}

function linkedItem(message: SmsMessage, places: Places): SmsItem {
  if (message.fault) return { message, member: null };
  const { literals, links } = placeLinks([message.body], places);
  return { message: { ...message, body: literals[0]! }, member: null, links };
}

const refusedItem = (message: SmsMessage, fault: MessageFault): SmsItem => ({
  message: { ...message, fault },
  member: { listId: idOf(message), contactId: null },
});

async function toEach(
  run: Runner,
  caller: Caller,
  message: SmsMessage,
  read: Map<number, ListRecipient[]>,
  places: Places | null,
): Promise<SmsItem[]> {
  const listId = idOf(message)!;
  const recipients = read.get(listId) ?? (await listRecipients(run, caller.accountId, listId, RECIPIENTS_PER_CALL + 1));
  read.set(listId, recipients);
  if (recipients.length === 0) {
    const words = `List ${listId} has no contact with a phone number.`;
    return [refusedItem(message, { status: 'INVALID_RECIPIENT', words })];
  }
  const text = compile(message.body);
  const { literals, links } = places ? placeLinks(text.literals, places) : { ...text, links: null };
  const template = { ...text, literals };
  return recipients.map((contact) => {
    const body = render(template, contact).slice(0, LONGEST_LIST_BODY);
    // A text of nothing but placeholders may have become nothing.
    const fault = body.trim() === '' ? EMPTY : null;
    return {
      message: { ...message, to: contact.phone_number, body, fault },
      member: { listId, contactId: contact.contact_id },
      links,
    };
  });
}

const EMPTY: MessageFault = { status: 'EMPTY_MESSAGE', words: 'body is empty once its placeholders are filled in.' };
