import type { Data, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { makePage } from '@veredus/contract/page';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { showMessageId } from '../messages/ids.ts';
import { type Status, showStatus } from '../messages/status.ts';
import { toDecimal4 } from '../pricing/money.ts';
import { Refusal } from '../refusal.ts';
import type { ReadParts } from './list.ts';
import { CampaignState } from './state.ts';
import { findCampaign } from './store.ts';
import { type RecipientRow, readRecipients } from './store-recipients.ts';

type Row = Data<Endpoints['smsCampaignRecipients']>['data'][number];

/** Who a launched campaign writes to, in its order, each with what became of his message. */
export async function listRecipients(
  parts: ReadParts,
  caller: Caller,
  { campaignId, query }: { campaignId: number; query: Query<Endpoints['smsCampaignRecipients']> },
): Promise<Answer<Endpoints['smsCampaignRecipients']>> {
  const campaign = await findCampaign(parts.pool, caller.accountId, campaignId);
  if (campaign === null) throw new Refusal('not-found', `There is no campaign ${campaignId} in this account.`);
  const { page, limit } = query;
  const total = campaign.launched_at === null ? 0 : campaign.recipients;
  const from = (page - 1) * limit + 1;
  const rows = from > total ? [] : await readRecipients(parts.pool, campaign, { from, count: limit });
  const url = `${parts.publicUrl()}/v3/sms-campaigns/${campaignId}/recipients${limit === 15 ? '' : `?limit=${limit}`}`;
  return {
    data: makePage({ total, page, limit, rows: rows.map((row) => shown(row, campaign.state)), url }),
    words: 'Recipients.',
  };
}

/** A recipient whose message is not made yet waits for it, unless his campaign was cancelled before it came to him. */
const unmade = (state: number) =>
  state === CampaignState.cancelled
    ? { status: 'Cancelled', status_code: null, status_text: 'The campaign was cancelled before.' }
    : { status: 'Queued', status_code: null, status_text: 'Not sent yet.' };

function shown(row: RecipientRow, state: number): Row {
  const found =
    row.status === null
      ? unmade(state)
      : showStatus({
          status: row.status as Status,
          attempts: row.attempts ?? 0,
          scheduled: false,
          errorCode: row.error_code,
          refusal: row.refusal,
        });
  return {
    position: row.position,
    contact_id: row.contact_id,
    to: row.recipient,
    body: row.body,
    message_id: row.message_id === null ? null : showMessageId(row.message_id),
    message_parts: row.parts,
    message_price: toDecimal4(row.price_micro),
    status: found.status,
    status_code: found.status_code,
    status_text: found.status_text,
    error_text: row.words,
  };
}
