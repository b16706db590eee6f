import { texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { ConsentRequest, OptOutRequest } from './opt-out.ts';

/** Which of these addresses must not be written to. */
export async function suppressedAmong(
  run: Runner,
  accountId: number,
  channel: number,
  addresses: readonly string[],
): Promise<Set<string>> {
  const { rows } = await run.query<{ address: string }>({
    name: 'suppressed-among',
    text: 'select address from suppressions where account_id = $1 and channel = $2 and address = any($3::text[])',
    values: [accountId, channel, texts(addresses)],
  });
  return new Set(rows.map((row) => row.address));
}

const PROOF_COLUMNS =
  'event_id, account_id, channel, address, at, kind, how, words, message_id, inbound_id, campaign_id, user_id, ip';
const PROOF_VALUES = '$1, $2, address, $4, $5, $6, $7, $8::uuid, $9::uuid, $10::integer, $11::integer, $12';
const proofOf = (request: ConsentRequest, kind: 'opt-out' | 'opt-in' | 'review', addresses: readonly string[]) => [
  request.accountId,
  request.channel,
  texts(addresses),
  request.at,
  kind,
  request.how,
  request.words,
  request.messageId ?? null,
  request.inboundId ?? null,
  request.campaignId ?? null,
  request.userId ?? null,
  request.ip ?? null,
];

/** The proof has its number before it is written, so that the suppression names it in one statement. */
const INSERT_SUPPRESSIONS = `
with asked as (
  select distinct address from unnest($3::text[]) address order by address
), written as (
  insert into suppressions as s (account_id, channel, address, reason, created_at, provisional, event_id)
  select $1, $2, address, $6, $4, $13, nextval(pg_get_serial_sequence('consent_events', 'event_id')) from asked
  on conflict (account_id, channel, address)
    do update set reason = excluded.reason, provisional = false, event_id = excluded.event_id
    where s.provisional and not excluded.provisional
  returning event_id, address
)
insert into consent_events (${PROOF_COLUMNS}) overriding system value
select event_id, ${PROOF_VALUES} from written order by event_id
returning address`;

/** Suppresses addresses, with the proof. Answers those that were not before, or only provisionally. */
export async function insertSuppressions(
  run: Runner,
  request: OptOutRequest,
  addresses: readonly string[],
): Promise<string[]> {
  const provisional = request.provisional ?? false;
  const { rows } = await run.query<{ address: string }>({
    name: 'insert-suppressions',
    text: INSERT_SUPPRESSIONS,
    values: [...proofOf(request, provisional ? 'review' : 'opt-out', addresses), provisional],
  });
  return rows.map((row) => row.address);
}

const DELETE_SUPPRESSIONS = `
with asked as (
  select account_id, channel, address from suppressions
  where account_id = $1 and channel = $2 and address = any($3::text[]) order by address for update
), lifted as (
  delete from suppressions s using asked a
  where s.account_id = a.account_id and s.channel = a.channel and s.address = a.address
  returning s.address
)
insert into consent_events (${PROOF_COLUMNS}) overriding system value
select nextval(pg_get_serial_sequence('consent_events', 'event_id')), ${PROOF_VALUES} from lifted
returning address`;

/** Lifts suppressions, with the proof. Answers the addresses that had one. */
export async function deleteSuppressions(
  run: Runner,
  request: ConsentRequest,
  addresses: readonly string[],
): Promise<string[]> {
  const { rows } = await run.query<{ address: string }>({
    name: 'delete-suppressions',
    text: DELETE_SUPPRESSIONS,
    values: proofOf(request, 'opt-in', addresses),
  });
  return rows.map((row) => row.address);
}
