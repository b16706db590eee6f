import type { Action } from './action.ts';
import { getAccount } from './actions/account.ts';
import { cancelCampaign, listCampaigns, priceCampaign, sendCampaign, updateCampaign } from './actions/campaigns.ts';
import { createContact, deleteContact, getContacts, updateContact } from './actions/contacts.ts';
import { exportContacts } from './actions/exports.ts';
import { getSmsHistory } from './actions/history.ts';
import { importContacts } from './actions/imports.ts';
import { getSmsInbound } from './actions/inbound.ts';
import { sendLetter } from './actions/letters.ts';
import { createList, deleteList, getLists } from './actions/lists.ts';
import { sendMms } from './actions/mms.ts';
import { getSmsReceipt, getSmsReceipts } from './actions/receipts.ts';
import { createInboundRule } from './actions/rules.ts';
import { cancelAllSms, priceSms, sendSms } from './actions/sms.ts';
import { getSmsStatistics } from './actions/statistics.ts';

/** As they are used, the most used first; last, what not every platform does. */
export const byUse: readonly Action[] = [
  ...[sendSms, getSmsHistory, getSmsInbound, priceSms, sendCampaign, getSmsReceipt, getSmsReceipts, getSmsStatistics],
  ...[listCampaigns, priceCampaign, cancelCampaign, cancelAllSms, updateCampaign],
  ...[createContact, getContacts, getLists, createList, updateContact, importContacts, exportContacts],
  ...[getAccount, createInboundRule, deleteContact, deleteList, sendMms, sendLetter],
];

/** By slug, ascending, so that every list of them is the same. */
export const actions: readonly Action[] = [...byUse].sort((a, b) => (a.slug < b.slug ? -1 : 1));

const bySlug = new Map(actions.map((action) => [action.slug, action]));

/** Slugs are found in any letter case. */
export function findAction(slug: string): Action | null {
  return bySlug.get(slug.toUpperCase()) ?? null;
}

const VERSION = '20261124_00';

/** What brokers call a group of tools. */
export const toolkit = {
  slug: 'clicksend',
  name: 'ClickSend',
  description:
    'Send SMS messages and campaigns, keep contact lists, read history, receipts and replies, over the ClickSend API: on this Veredus server, or in the ClickSend cloud.',
  version: VERSION,
  /** Newest first. */
  versions: [VERSION] as readonly string[],
  createdAt: '2026-11-24T00:00:00.000Z',
  updatedAt: '2026-11-24T00:00:00.000Z',
} as const;
