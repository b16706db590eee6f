import { plain, texts } from '../db/arrays.ts';
import type { Pool } from '../db/transaction.ts';
import type { CarrierInbound } from '../messages/carrier.ts';

/**
 * Keeps messages from handsets, once per carrier's id. The account is the one that owns the number written to, where just
 * one does; who else it may be for is found when it is read (read-replies.ts). Resolves when committed: only then is the carrier told.
 */
export async function storeInbound(
  pool: Pool,
  messages: readonly CarrierInbound[],
  facts: { carrierId: number; at: number; newId: () => string },
): Promise<void> {
  await pool.query({
    name: 'store-inbound',
    text: `insert into inbound_messages (id, account_id, carrier_id, received_at, provider_id, sender, recipient, body, part_reference,
        part_number, part_of)
      select i.id, (select min(s.account_id) from sender_numbers s where s.number = i.recipient having count(*) = 1), $1, $2, i.provider_id, i.sender,
        i.recipient, i.body, i.part_reference, i.part_number, i.part_of
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::smallint[], $10::smallint[])
        as i(id, provider_id, sender, recipient, body, part_reference, part_number, part_of)
      on conflict (carrier_id, provider_id) where provider_id is not null do nothing`,
    values: [
      facts.carrierId,
      facts.at,
      plain(messages.map(() => facts.newId())),
      texts(messages.map((m) => m.providerId)),
      texts(messages.map((m) => m.from)),
      texts(messages.map((m) => m.to)),
      texts(messages.map((m) => m.body.replaceAll('\u0000', '\ufffd').toWellFormed())),
      plain(messages.map((m) => m.part?.reference ?? null)),
      plain(messages.map((m) => m.part?.number ?? null)),
      plain(messages.map((m) => m.part?.of ?? null)),
    ],
  });
}
