import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { MergeContact, MergeField } from '../templates/merge.ts';
import type { CampaignRow } from './campaign.ts';
import type { Places } from './places.ts';
import { CampaignState } from './state.ts';
import { tellState } from './tell.ts';

/** The fields of a contact a text may be merged with. Named by us: they stand in the statement. */
const MERGED: readonly MergeField[] = ['first_name', 'last_name', 'custom_1', 'custom_2', 'custom_3', 'custom_4'];

export type AudienceRow = { contact_id: number; phone_number: string } & MergeContact;

/** The next contacts of a list that have a number, by id behind `afterId`, with the fields the text needs. */
export async function readContacts(
  run: Runner,
  from: { accountId: number; listId: number; afterId: number; limit: number; fields: readonly MergeField[] },
): Promise<AudienceRow[]> {
  const fields = MERGED.filter((field) => from.fields.includes(field));
  const { rows } = await run.query(
    `select ${['contact_id', 'phone_number', ...fields].join(', ')} from contacts
      where account_id = $1 and list_id = $2 and contact_id > $3 and phone_number is not null order by contact_id limit $4`,
    [from.accountId, from.listId, from.afterId, from.limit],
  );
  return rows;
}

/** The list as it is, with how many contacts it has. Null = the account has no such list. */
export async function readList(
  run: Runner,
  accountId: number,
  listId: number,
): Promise<{ name: string; contacts: number; isOptOut: boolean } | null> {
  const { rows } = await run.query(
    'select list_name, contacts_count, is_opt_out from lists where account_id = $1 and list_id = $2',
    [accountId, listId],
  );
  const row = rows[0];
  return row ? { name: row.list_name, contacts: row.contacts_count, isOptOut: row.is_opt_out } : null;
}

/** One recipient as he is frozen at launch. */
export interface Recipient {
  contactId: number;
  recipient: string;
  country: string;
  body: string;
  parts: number;
  priceMicro: number;
}

export async function insertChunk(
  run: Runner,
  campaign: Pick<CampaignRow, 'account_id' | 'campaign_id'>,
  firstPosition: number,
  recipients: readonly Recipient[],
): Promise<void> {
  await run.query({
    name: 'insert-campaign-chunk',
    text: `insert into campaign_chunks (account_id, campaign_id, first_position, contact_ids, recipients, countries, bodies, parts, prices)
      values ($1, $2, $3, $4::integer[], $5::text[], $6::text[], $7::text[], $8::smallint[], $9::bigint[])`,
    values: [
      campaign.account_id,
      campaign.campaign_id,
      firstPosition,
      plain(recipients.map((r) => r.contactId)),
      texts(recipients.map((r) => r.recipient)),
      texts(recipients.map((r) => r.country)),
      texts(recipients.map((r) => r.body)),
      plain(recipients.map((r) => r.parts)),
      plain(recipients.map((r) => r.priceMicro)),
    ],
  });
}

/** Reserves what the whole campaign costs: available -> held, as one entry. */
export async function reserve(
  run: Runner,
  what: { accountId: number; amountMicro: number; messages: number; at: number; note: string },
): Promise<void> {
  if (what.amountMicro === 0) return;
  await run.query(
    `with entry as (
        insert into ledger_entries (account_id, at, kind, debit, credit, amount_micro, messages, note)
        values ($1, $2, 'reserve', 'available', 'held', $3, $4, $5)
      )
      update ledger_balances set available_micro = available_micro - $3, held_micro = held_micro + $3 where account_id = $1`,
    [what.accountId, what.at, what.amountMicro, what.messages, what.note],
  );
}

/** The campaign is under way: from here on its audience and its price are fixed. */
export async function startSending(
  run: Runner,
  row: CampaignRow,
  facts: {
    at: number;
    recipients: number;
    excluded: Record<string, number>;
    amountMicro: number;
    pricedMessages: number;
    places: Places;
  },
): Promise<CampaignRow> {
  const { rows } = await run.query(
    `update campaigns set state = ${CampaignState.sending}, launched_at = $3, recipients = $4, excluded = $5, quoted_micro = $6,
        held_micro = $6, held_messages = $7, link_base = $8, link_places = $9::text[], token = token + 1, lease_until = 0, words = null
      where account_id = $1 and campaign_id = $2 returning *`,
    [
      row.account_id,
      row.campaign_id,
      facts.at,
      facts.recipients,
      JSON.stringify(facts.excluded),
      facts.amountMicro,
      facts.pricedMessages,
      facts.places.base,
      texts([facts.places.url, facts.places.optOut]),
    ],
  );
  await tellState(run, rows[0], facts.at);
  return rows[0];
}
