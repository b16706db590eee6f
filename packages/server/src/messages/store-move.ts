import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import { EXCEPTIONS, Money, mayMove, Status } from './status.ts';
import { HOUR_MS } from './store.ts';
import { isReported, recordStatuses, reportFailures } from './store-events.ts';
import { upstreamRows } from './store-settle.ts';

/** One message to be moved on what became known later: a late answer, a receipt, a hold that ran out. */
export interface Move {
  id: string;
  accountId: number;
  to: Status;
  /** True when the news proves that the carrier took the message (a receipt): then it is paid, whatever became of it. */
  proven: boolean;
  errorCode: number | null;
  words: string | null;
  /** Parts the carrier took; null = all of them. */
  acceptedParts: number | null;
  upstreamIds: readonly (string | null)[];
  carrierId: number | null;
  /** Set when the news is an answer to a claim: a row claimed anew since then is somebody else's. */
  claimToken: number | null;
}

interface Row {
  id: string;
  account_id: number;
  created_at: number;
  channel: number;
  status: Status;
  money: Money;
  claim_token: number | null;
  parts: number;
  price_micro: number;
  charged_micro: number;
}

interface Posting {
  accountId: number;
  kind: 'capture' | 'release' | 'late-capture';
  amount: number;
}

const LEGS = {
  capture: ['held', 'spent'],
  release: ['held', 'available'],
  'late-capture': ['available', 'spent'],
} as const;

/**
 * Moves messages one by one along the allowed graph, with their money and statistics. The careful path: it locks and reads
 * each row first, so it serves every case that the chunk statements leave out. Call it inside a transaction. Answers the
 * ids that moved.
 */
export async function moveMessages(
  run: Runner,
  moves: readonly Move[],
  { at, newId }: { at: number; newId: () => string },
): Promise<Set<string>> {
  if (moves.length === 0) return new Set();
  const { rows } = await run.query(
    `select m.id, m.account_id, m.created_at, m.channel, m.status, m.money, m.claim_token, m.parts, m.price_micro, m.charged_micro
     from messages m join unnest($1::integer[], $2::uuid[]) as w(account_id, id) on m.account_id = w.account_id and m.id = w.id
     order by m.account_id, m.id for update of m`,
    [plain(moves.map((move) => move.accountId)), plain(moves.map((move) => move.id))],
  );
  const found = new Map((rows as Row[]).map((row) => [row.id, row]));
  const postings: Posting[] = [];
  const moved: { move: Move; row: Row; money: Money; charged: number }[] = [];
  for (const move of moves) {
    const row = found.get(move.id);
    if (!row || !mayMove(row.status, move.to)) continue;
    if (move.claimToken !== null && move.claimToken !== row.claim_token) continue;
    const { money, charged, posted } = settleMoney(row, move);
    postings.push(...posted);
    moved.push({ move, row: { ...row }, money, charged });
    row.status = move.to;
    row.money = money;
    row.charged_micro = charged;
  }
  if (moved.length === 0) return new Set();
  await updateRows(run, moved, at);
  await postLedger(run, postings, at);
  await countChanges(run, moved);
  await followExceptions(run, moved);
  await recordMoves(run, moved, { at, newId });
  return new Set(moved.map(({ move }) => move.id));
}

const RECORD_MOVES = `
with moved as (
  select * from unnest($1::integer[], $2::uuid[], $3::smallint[], $4::smallint[], $5::text[], $6::uuid[], $7::smallint[], $9::smallint[])
    as m(account_id, id, status, error_code, words, receipt_id, carrier_id, channel)
), receipt as (
  ${reportFailures('moved', 'f.carrier_id', '$8')}
)
${recordStatuses('moved', '$8')}`;

/** Says what became of them; who fails without a receipt of the carrier's gets one. */
async function recordMoves(
  run: Runner,
  moved: readonly { move: Move; row: Row }[],
  { at, newId }: { at: number; newId: () => string },
): Promise<void> {
  const reported = ({ move }: { move: Move }) => !move.proven && move.carrierId !== null && isReported(move.to);
  await run.query({
    name: 'record-moves',
    text: RECORD_MOVES,
    values: [
      plain(moved.map(({ row }) => row.account_id)),
      plain(moved.map(({ row }) => row.id)),
      plain(moved.map(({ move }) => move.to)),
      plain(moved.map(({ move }) => move.errorCode)),
      texts(moved.map(({ move }) => move.words)),
      plain(moved.map((each) => (reported(each) ? newId() : null))),
      plain(moved.map(({ move }) => move.carrierId)),
      at,
      plain(moved.map(({ row }) => row.channel)),
    ],
  });
}

/** Keeps message_exceptions in step with the states. */
async function followExceptions(run: Runner, moved: readonly { move: Move; row: Row }[]): Promise<void> {
  const left = moved.filter(({ row }) => EXCEPTIONS.includes(row.status));
  const entered = moved.filter(({ move }) => EXCEPTIONS.includes(move.to));
  await run.query(
    `with gone as (
       delete from message_exceptions e using unnest($1::integer[], $2::uuid[], $3::smallint[]) as w(account_id, id, status)
       where e.account_id = w.account_id and e.id = w.id and e.status = w.status
     )
     insert into message_exceptions (account_id, id, status) select * from unnest($4::integer[], $5::uuid[], $6::smallint[])`,
    [
      plain(left.map(({ row }) => row.account_id)),
      plain(left.map(({ row }) => row.id)),
      plain(left.map(({ row }) => row.status)),
      plain(entered.map(({ row }) => row.account_id)),
      plain(entered.map(({ row }) => row.id)),
      plain(entered.map(({ move }) => move.to)),
    ],
  );
}

/** What the move does to the money: captured once the carrier has the message, released when it certainly has not. */
function settleMoney(row: Row, move: Move): { money: Money; charged: number; posted: Posting[] } {
  const taken =
    move.proven || move.to === Status.submitted || move.to === Status.partial || move.to === Status.delivered;
  const charged = Math.round((row.price_micro * (move.acceptedParts ?? row.parts)) / row.parts);
  const post = (kind: Posting['kind'], amount: number): Posting[] =>
    amount > 0 ? [{ accountId: row.account_id, kind, amount }] : [];
  if (row.money === Money.held && taken) {
    return {
      money: Money.captured,
      charged,
      posted: [...post('capture', charged), ...post('release', row.price_micro - charged)],
    };
  }
  if (row.money === Money.held) return { money: Money.released, charged: 0, posted: post('release', row.price_micro) };
  if (row.money === Money.released && taken)
    return { money: Money.captured, charged, posted: post('late-capture', charged) };
  return { money: row.money, charged: row.charged_micro, posted: [] };
}

async function updateRows(
  run: Runner,
  moved: readonly { move: Move; row: Row; money: Money; charged: number }[],
  at: number,
): Promise<void> {
  const final: readonly Status[] = [Status.delivered, Status.failed, Status.expired, Status.cancelled, Status.partial];
  await run.query(
    `update messages m set status = w.status, money = w.money, charged_micro = w.charged, error_code = w.error_code,
       words = coalesce(w.words, m.words), accepted_parts = coalesce(w.accepted_parts, m.accepted_parts),
       carrier_id = coalesce(w.carrier_id, m.carrier_id), next_attempt_at = null,
       submitted_at = case when w.taken then coalesce(m.submitted_at, $10::bigint) else m.submitted_at end,
       done_at = case when w.final then $10::bigint else m.done_at end
     from unnest($1::integer[], $2::uuid[], $3::smallint[], $4::smallint[], $5::bigint[], $6::smallint[], $7::text[], $8::smallint[],
       $9::smallint[], $11::boolean[], $12::boolean[])
       as w(account_id, id, status, money, charged, error_code, words, accepted_parts, carrier_id, taken, final)
     where m.account_id = w.account_id and m.id = w.id`,
    [
      plain(moved.map(({ row }) => row.account_id)),
      plain(moved.map(({ row }) => row.id)),
      plain(moved.map(({ move }) => move.to)),
      plain(moved.map(({ money }) => money)),
      plain(moved.map(({ charged }) => charged)),
      plain(moved.map(({ move }) => move.errorCode)),
      texts(moved.map(({ move }) => move.words)),
      plain(
        moved.map(({ move, row }) =>
          move.to === Status.submitted ? (move.acceptedParts ?? row.parts) : move.acceptedParts,
        ),
      ),
      plain(moved.map(({ move }) => move.carrierId)),
      at,
      plain(moved.map(({ money }) => money === Money.captured)),
      plain(moved.map(({ move }) => final.includes(move.to))),
    ],
  );
  const upstream = upstreamRows(
    moved
      .filter(({ move }) => move.carrierId !== null)
      .map(({ move, row }) => ({
        message: { id: row.id, accountId: row.account_id },
        upstreamIds: move.upstreamIds,
      })),
  );
  const carrierId = moved.find(({ move }) => move.carrierId !== null)?.move.carrierId;
  if (upstream.length === 0) return;
  await run.query(
    `insert into upstream_ids (carrier_id, upstream_id, message_id, account_id, part, of)
     select $1, * from unnest($2::text[], $3::uuid[], $4::integer[], $5::smallint[], $6::smallint[])
     on conflict (upstream_id, carrier_id) do update set
       message_id = excluded.message_id, account_id = excluded.account_id, part = excluded.part, of = excluded.of, state = null`,
    [
      carrierId,
      texts(upstream.map((u) => u.upstreamId)),
      plain(upstream.map((u) => u.message.id)),
      plain(upstream.map((u) => u.message.accountId)),
      plain(upstream.map((u) => u.part)),
      plain(upstream.map((u) => u.of)),
    ],
  );
}

/** Writes ledger entries, one per account and kind, and moves the balances by as much. */
async function postLedger(run: Runner, postings: readonly Posting[], at: number): Promise<void> {
  const sums = new Map<string, Posting & { messages: number }>();
  for (const posting of postings) {
    const key = `${posting.accountId}/${posting.kind}`;
    const sum = sums.get(key) ?? { ...posting, amount: 0, messages: 0 };
    sum.amount += posting.amount;
    sum.messages += 1;
    sums.set(key, sum);
  }
  const entries = [...sums.values()].sort((a, b) => a.accountId - b.accountId);
  for (const { accountId, kind, amount, messages } of entries) {
    const [debit, credit] = LEGS[kind];
    await run.query(
      `with entry as (
         insert into ledger_entries (account_id, at, kind, debit, credit, amount_micro, messages) values ($1, $2, $3, $4, $5, $6, $7)
       )
       update ledger_balances set
         held_micro = held_micro - case when $4 = 'held' then $6::bigint else 0 end,
         available_micro = available_micro + case when $5 = 'available' then $6::bigint when $4 = 'available' then -$6::bigint else 0 end,
         spent_micro = spent_micro + case when $5 = 'spent' then $6::bigint else 0 end
       where account_id = $1`,
      [accountId, at, kind, debit, credit, amount, messages],
    );
  }
}

/** Statistics carry the price while a message may still cost it, and what it did cost after that. */
const countedPrice = (status: Status, price: number, charged: number): number =>
  status === Status.queued || status === Status.claimed || status === Status.unknown ? price : charged;

async function countChanges(run: Runner, moved: readonly { move: Move; row: Row; charged: number }[]): Promise<void> {
  const lines = moved.flatMap(({ move, row, charged }) => {
    const hour = Math.floor(row.created_at / HOUR_MS);
    const before = countedPrice(row.status, row.price_micro, row.charged_micro);
    const after = countedPrice(move.to, row.price_micro, charged);
    const from = row.status === Status.claimed ? Status.queued : row.status;
    return [
      { row, hour, status: from, messages: -1, parts: -row.parts, price: -before },
      { row, hour, status: move.to, messages: 1, parts: row.parts, price: after },
    ];
  });
  await run.query(
    `insert into statistics_deltas (account_id, hour, channel, status, messages, parts, price_micro)
     select account_id, hour, channel, status, sum(messages), sum(parts), sum(price)
     from unnest($1::integer[], $2::integer[], $3::smallint[], $4::smallint[], $5::integer[], $6::integer[], $7::bigint[])
       as d(account_id, hour, channel, status, messages, parts, price)
     group by 1, 2, 3, 4 having sum(messages) <> 0 or sum(price) <> 0`,
    [
      plain(lines.map(({ row }) => row.account_id)),
      plain(lines.map(({ hour }) => hour)),
      plain(lines.map(({ row }) => row.channel)),
      plain(lines.map(({ status }) => status)),
      plain(lines.map(({ messages }) => messages)),
      plain(lines.map(({ parts }) => parts)),
      plain(lines.map(({ price }) => price)),
    ],
  );
}
