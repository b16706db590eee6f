import type { Data, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { OptOutChannel } from '@veredus/contract/endpoints/opt-outs';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { asAccountClient } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { normaliseRecipient } from '../numbers/numbers.ts';
import { Refusal } from '../refusal.ts';
import { findOptOuts, findProof, type StoredConsent, type StoredOptOut } from './store-opt-outs.ts';

export interface OptOutParts {
  db: Database;
  clock: Clock;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
}

/** The channels' numbers as they are stored: see messages/message.ts. */
export const CHANNEL_NUMBERS: Readonly<Record<OptOutChannel, number>> = { sms: 1, mms: 2, email: 3, fax: 4, voice: 6 };

/** A page of the account's opt-outs of a channel. */
export async function listOptOuts(
  { db, publicUrl }: OptOutParts,
  { accountId }: Caller,
  query: Query<Endpoints['optOuts']>,
): Promise<Answer<Endpoints['optOuts']>> {
  const { q = '', channel, provisional, after = '', limit } = query;
  const rows = await asAccountClient(db, accountId, (client) =>
    findOptOuts(client, {
      accountId,
      channel: CHANNEL_NUMBERS[channel],
      part: wanted(q),
      provisional: provisional ?? null,
      after: storable(after),
      limit: limit + 1,
    }),
  );
  const shown = rows.slice(0, limit);
  const next = rows.length > limit ? shown.at(-1)!.address : null;
  const terms = { q: q || null, channel, provisional: provisional ?? null, limit, after: next };
  const url = next === null ? null : urlOf(publicUrl(), '/v3/opt-outs', terms);
  return {
    data: { per_page: limit, next_page_url: url, data: shown.map((row) => showOptOut(row, channel)) },
    words: 'Opt-outs.',
  };
}

/** A number is looked for by its digits, without the zero it has at home; anything else as it is written. */
function wanted(q: string): string {
  return /^[\d+\s\p{Pd}()./]*$/u.test(q) ? q.replace(/\D/g, '').replace(/^0+/, '') : storable(q);
}

/**
 * The proof about one number, newest first.
 *
 * @throws Refusal not-found where nothing was ever asked for.
 */
export async function readProof(
  { db, publicUrl }: OptOutParts,
  caller: Caller,
  phoneNumber: string,
  { before, limit }: Query<Endpoints['optOutHistory']>,
): Promise<Answer<Endpoints['optOutHistory']>> {
  const address = addressIn(phoneNumber, caller);
  const about = { accountId: caller.accountId, channel: CHANNEL_NUMBERS.sms, address };
  const rows = await asAccountClient(db, caller.accountId, (client) =>
    findProof(client, about, { before: before ?? null, limit: limit + 1 }),
  );
  if (rows.length === 0 && before === undefined) {
    throw new Refusal('not-found', `Nothing is known of opt-outs of ${shortened(phoneNumber)}.`);
  }
  const shown = rows.slice(0, limit);
  const path = `/v3/opt-outs/${encodeURIComponent(address)}/history`;
  const next = rows.length > limit ? urlOf(publicUrl(), path, { limit, before: shown.at(-1)!.event_id }) : null;
  return { data: { per_page: limit, next_page_url: next, data: shown.map(showConsent) }, words: 'History.' };
}

/** A number in a path, as the tables have it: with its plus, which may have come as a space or not at all. */
export function addressIn(phoneNumber: string, caller: Caller): string {
  const plus = /^\s*[1-9]\d{7,14}\s*$/.test(phoneNumber) ? normaliseRecipient(`+${phoneNumber.trim()}`, '') : null;
  return (plus ?? normaliseRecipient(phoneNumber, caller.account.country))?.e164 ?? storable(phoneNumber.trim());
}

export const shortened = (phoneNumber: string): string => storable(phoneNumber).slice(0, 40).toWellFormed();

export function showOptOut(row: StoredOptOut, channel: OptOutChannel): Data<Endpoints['optOutRecord']> {
  return {
    channel,
    address: row.address,
    reason: row.reason,
    provisional: row.provisional,
    date_added: seconds(row.created_at),
    words: row.words,
    message_id: shownId(row.message_id),
    campaign_id: row.campaign_id,
    list_id: row.list_id,
  };
}

const showConsent = ({ at, message_id, inbound_id, ...event }: StoredConsent) => ({
  ...event,
  date: seconds(at),
  message_id: shownId(message_id),
  inbound_id: shownId(inbound_id),
});

/** As messages/ids.ts shows them. */
const shownId = (id: string | null): string | null => id?.toUpperCase() ?? null;
const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

function urlOf(base: string, path: string, terms: Record<string, string | number | boolean | null>): string {
  const url = new URL(base + path);
  for (const [name, value] of Object.entries(terms)) if (value !== null) url.searchParams.set(name, String(value));
  return url.href;
}
