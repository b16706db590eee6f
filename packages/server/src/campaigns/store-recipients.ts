import type { Runner } from '../db/runner.ts';
import type { CampaignRow } from './campaign.ts';
import { EXPAND_CHUNK } from './chunk.ts';

export interface RecipientRow {
  position: number;
  contact_id: number;
  recipient: string;
  body: string;
  parts: number;
  price_micro: number;
  message_id: string | null;
  status: number | null;
  attempts: number | null;
  error_code: number | null;
  refusal: string | null;
  words: string | null;
}

/** Recipients by their position, from `from` on. At most two chunks hold them, so it costs the same in any campaign. */
export async function readRecipients(
  run: Runner,
  campaign: CampaignRow,
  { from, count }: { from: number; count: number },
): Promise<RecipientRow[]> {
  const { rows } = await run.query<RecipientRow>({
    name: 'campaign-recipients',
    text: `select c.first_position + u.n::integer - 1 as position, u.contact_id, u.recipient, coalesce(m.body, u.body) as body, u.parts,
        coalesce(m.price_micro, u.price) as price_micro, m.id as message_id, m.status, m.attempts, m.error_code, m.refusal, m.words
      from campaign_chunks c
      cross join lateral unnest(c.contact_ids, c.recipients, c.bodies, c.parts, c.prices,
          coalesce(c.message_ids, array_fill(null::uuid, array[cardinality(c.contact_ids)]))) with ordinality
        as u(contact_id, recipient, body, parts, price, message_id, n)
      left join messages m on m.account_id = c.account_id and m.id = u.message_id
      where c.campaign_id = $1 and c.account_id = $2 and c.first_position > $3 - ${EXPAND_CHUNK} and c.first_position < $3 + $4
        and c.first_position + u.n - 1 between $3 and $3 + $4 - 1
      order by position`,
    values: [campaign.campaign_id, campaign.account_id, from, count],
  });
  return rows;
}
