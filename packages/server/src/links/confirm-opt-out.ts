import { inTransaction } from '../db/transaction.ts';
import { optOut } from '../suppression/opt-out.ts';
import { isCode } from './codes.ts';
import type { LinkParts } from './open-link.ts';
import { optOutSentence } from './opt-out-link.ts';
import { findLink, LinkKind, type OpenedLink } from './store.ts';

/**
 * The button behind an opt-out link: the number is opted out of the account's messages, with the sentence on the page as
 * its proof. Pressed again it counts anew, with one more proof a minute at most. Null when there is no such link.
 */
export async function confirmOptOut({ pool, clock }: LinkParts, code: string, ip: string): Promise<OpenedLink | null> {
  const at = clock.now();
  const link = isCode(code) ? await findLink(pool, code, at) : null;
  if (link?.kind !== LinkKind.optOut) return null;
  await inTransaction(pool, (client) =>
    optOut(client, {
      accountId: link.account_id,
      channel: link.channel,
      address: link.recipient,
      at,
      how: 'link',
      words: optOutSentence(link),
      campaignId: link.campaign_id,
      listId: link.list_id,
      ip,
    }),
  );
  return link;
}
