import type { Runner } from '../db/runner.ts';

/** A suppression with what its proof says. Times in ms. */
export interface StoredOptOut {
  address: string;
  reason: string;
  provisional: boolean;
  created_at: number;
  words: string | null;
  message_id: string | null;
  inbound_id: string | null;
  campaign_id: number | null;
  list_id: number | null;
}

const SHOWN =
  's.address, s.reason, s.provisional, s.created_at, e.words, e.message_id, e.inbound_id, e.campaign_id, m.list_id';
const PROVEN = `left join consent_events e on e.account_id = $1 and e.event_id = s.event_id
  left join messages m on m.account_id = $1 and m.id = e.message_id`;

export interface OptOutQuery {
  accountId: number;
  channel: number;
  /** Part of the address; empty = any. */
  part: string;
  provisional: boolean | null;
  /** The last address of the page before; empty = from the beginning. */
  after: string;
  limit: number;
}

/** The account's suppressions of a channel in the order of their addresses. */
export async function findOptOuts(run: Runner, query: OptOutQuery): Promise<StoredOptOut[]> {
  const { rows } = await run.query<StoredOptOut>({
    name: 'find-opt-outs',
    text: `select ${SHOWN} from (
        select * from suppressions
        where account_id = $1 and channel = $2 and address > $3 and strpos(lower(address), lower($4)) > 0
          and ($5::boolean is null or provisional = $5)
        order by address limit $6
      ) s ${PROVEN} order by s.address`,
    values: [query.accountId, query.channel, query.after, query.part, query.provisional, query.limit],
  });
  return rows;
}

/** The suppression of one address, or null. */
export async function findOptOut(
  run: Runner,
  accountId: number,
  channel: number,
  address: string,
): Promise<StoredOptOut | null> {
  const { rows } = await run.query<StoredOptOut>({
    name: 'find-opt-out',
    text: `select ${SHOWN} from suppressions s ${PROVEN} where s.account_id = $1 and s.channel = $2 and s.address = $3`,
    values: [accountId, channel, address],
  });
  return rows[0] ?? null;
}

/** One piece of proof. Times in ms. */
export interface StoredConsent {
  event_id: number;
  at: number;
  kind: 'opt-out' | 'opt-in' | 'review';
  how: 'keyword' | 'link' | 'user' | 'list' | 'import';
  words: string | null;
  message_id: string | null;
  inbound_id: string | null;
  campaign_id: number | null;
  user_id: number | null;
  ip: string | null;
}

/** The proof about an address, newest first, before the event `before` (null = from the newest). */
export async function findProof(
  run: Runner,
  { accountId, channel, address }: { accountId: number; channel: number; address: string },
  slice: { before: number | null; limit: number },
): Promise<StoredConsent[]> {
  const { rows } = await run.query<StoredConsent>({
    name: 'find-proof',
    text: `select event_id, at, kind, how, words, message_id, inbound_id, campaign_id, user_id, ip from consent_events
      where account_id = $1 and channel = $2 and address = $3 and event_id < $4 order by event_id desc limit $5`,
    values: [accountId, channel, address, slice.before ?? Number.MAX_SAFE_INTEGER, slice.limit],
  });
  return rows;
}
