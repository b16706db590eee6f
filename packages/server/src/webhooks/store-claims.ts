import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/** An endpoint something is due for. */
export interface Due {
  endpoint_id: number;
  account_id: number;
  failures: number;
  /** Its breaker is open and the pause over: one delivery may find out how it is. */
  blocked: boolean;
  /** How many are due, as far as it may be given them: counted up to `most`. */
  due: number;
}

/** A delivery this node tries, with what it needs of its endpoint. */
export interface Claimed {
  id: string;
  account_id: number;
  endpoint_id: number;
  url: string;
  key_generation: number;
  previous_until: number | null;
  kind: string;
  method: 'POST' | 'GET';
  content_type: string;
  query: string;
  body: string;
  depth: number;
  occurred_at: number;
  /** Which claim it is. */
  claimed_until: number;
  /** It finds out whether an endpoint in trouble is back. */
  probe: boolean;
}

/** From one endpoint that has something waiting to the next, and when its first comes due, without reading what waits in between. */
const WAITING = `waiting (endpoint_id, since) as (
    (select endpoint_id, next_attempt_at from webhook_deliveries where state = 0 order by endpoint_id, next_attempt_at limit 1)
    union all
    select n.endpoint_id, n.next_attempt_at from waiting w cross join lateral (
      select d.endpoint_id, d.next_attempt_at from webhook_deliveries d where d.state = 0 and d.endpoint_id > w.endpoint_id
      order by d.endpoint_id, d.next_attempt_at limit 1) n
  )`;

/** What is known where a look is made. Lanes are numbered: 1 quick, 2 unknown, 3 troubled. */
export interface Look {
  now: number;
  /** Endpoints that have as many out as they may. */
  full: readonly number[];
  /** Endpoints known to answer quickly, and known not to. */
  quick: readonly number[];
  slow: readonly number[];
  /** Accounts whose share of a lane is taken, each with the lane's number. */
  sated: readonly { accountId: number; lane: number }[];
  /** How many deliveries of a quick endpoint are counted; another one is given one at a time. */
  most: number;
  /** How many endpoints of one account, and of all, are looked at for each lane. */
  ofAccount: readonly number[];
  ofAll: readonly number[];
}

/**
 * Endpoints something is due for, for each lane those of each account in turn, the one that waits longest first: so however many
 * one account has, no other's is overlooked. What is due for accounts that are barred waits.
 */
export async function findDue(run: Runner, look: Look): Promise<Due[]> {
  const { rows } = await run.query({
    name: 'find-due-webhooks',
    text: `with recursive ${WAITING}, due as (
        select e.endpoint_id, e.account_id, e.failures, e.blocked_until is not null as blocked, w.since,
          case when e.endpoint_id in (select unnest($4::integer[])) then 1
            when e.failures > 0 or e.endpoint_id in (select unnest($5::integer[])) then 3 else 2 end as lane
        from waiting w join webhook_endpoints e on e.endpoint_id = w.endpoint_id
        where w.since <= $1 and e.disabled_at is null and (e.blocked_until is null or e.blocked_until <= $1)
          and e.endpoint_id not in (select unnest($2::integer[]))
      ), turns as (
        select d.*, row_number() over (partition by d.account_id, d.lane order by d.since, d.endpoint_id) as turn
        from due d join accounts a on a.account_id = d.account_id and a.active and not a.banned
        where (d.account_id, d.lane) not in (select * from unnest($6::integer[], $7::integer[]))
      ), looked as (
        select *, row_number() over (partition by lane order by turn, since) as place from turns
        where turn <= ($8::integer[])[lane]
      )
      select l.endpoint_id, l.account_id, l.failures, l.blocked, o.due
      from looked l cross join lateral (
        select count(*)::integer as due from (
          select from webhook_deliveries d where d.endpoint_id = l.endpoint_id and d.state = 0 and d.next_attempt_at <= $1
          limit case when l.lane = 1 then $3::integer else 1 end) d) o
      where l.place <= ($9::integer[])[l.lane]
      order by l.turn, l.since`,
    values: [
      look.now,
      plain(look.full),
      look.most,
      plain(look.quick),
      plain(look.slow),
      plain(look.sated.map(({ accountId }) => accountId)),
      plain(look.sated.map(({ lane }) => lane)),
      plain(look.ofAccount),
      plain(look.ofAll),
    ],
  });
  return rows;
}

/**
 * Takes so many due deliveries of each endpoint, the oldest first, for this node alone until `until`; then they come due
 * again by themselves. Of an endpoint whose breaker is open one is taken, by one node.
 */
export async function claimDue(
  run: Runner,
  wanted: readonly { endpointId: number; most: number; probe: boolean }[],
  { now, until }: { now: number; until: number },
): Promise<Claimed[]> {
  const { rows } = await run.query({
    name: 'claim-webhooks',
    text: `with wanted as (
        select * from unnest($1::integer[], $2::integer[], $3::boolean[]) w (endpoint_id, most, probe)
      ), probing as (
        update webhook_endpoints e set blocked_until = $5::bigint from wanted w
        where w.probe and e.endpoint_id = w.endpoint_id and e.blocked_until <= $4::bigint and e.disabled_at is null
        returning e.endpoint_id
      ), picked as (
        select d.id, w.probe from wanted w cross join lateral (
          select d.id from webhook_deliveries d
          where d.endpoint_id = w.endpoint_id and d.state = 0 and d.next_attempt_at <= $4::bigint
          order by d.next_attempt_at limit w.most for update skip locked) d
        where not w.probe or w.endpoint_id in (select endpoint_id from probing)
      ), claimed as (
        update webhook_deliveries d set next_attempt_at = $5::bigint, claimed_until = $5::bigint
        from picked p where d.id = p.id and d.state = 0 and d.next_attempt_at <= $4::bigint returning d.*, p.probe
      )
      select c.id, c.account_id, c.endpoint_id, e.url, e.key_generation, e.previous_until, c.kind, c.method, c.content_type,
        c.query, c.body, c.depth, c.occurred_at, c.claimed_until, c.probe
      from claimed c join webhook_endpoints e on e.endpoint_id = c.endpoint_id order by c.id`,
    values: [
      plain(wanted.map(({ endpointId }) => endpointId)),
      plain(wanted.map(({ most }) => most)),
      plain(wanted.map(({ probe }) => probe)),
      now,
      until,
    ],
  });
  return rows;
}

/** What a node that stops has not got to the end of comes due at once, for another or for its successor. */
export async function releaseClaims(run: Runner, claims: readonly Claimed[], now: number): Promise<void> {
  await run.query(
    `update webhook_deliveries d set next_attempt_at = $3, claimed_until = null
     from unnest($1::uuid[], $2::bigint[]) c (id, claimed_until)
     where d.id = c.id and d.state = 0 and d.claimed_until = c.claimed_until`,
    [plain(claims.map(({ id }) => id)), plain(claims.map(({ claimed_until }) => claimed_until)), now],
  );
}

/** What waits for endpoints that have been disabled is dead: it can be sent again when they work. Answers how many were found. */
export async function buryDisabled(run: Runner, now: number, limit: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'bury-webhooks',
    text: `with recursive ${WAITING}, found as (
        select d.id from waiting w
        join webhook_endpoints e on e.endpoint_id = w.endpoint_id and e.disabled_at is not null
        join webhook_deliveries d on d.endpoint_id = e.endpoint_id and d.state = 0
          and (d.claimed_until is null or d.claimed_until <= $1)
        limit $2 for update of d skip locked
      )
      update webhook_deliveries d set state = 2, done_at = $1, next_attempt_at = null, claimed_until = null
      from found f where d.id = f.id and d.state = 0`,
    values: [now, limit],
  });
  return rowCount ?? 0;
}

/** Where a single node works, what is claimed at its start was another's, who is gone. */
export async function freeWebhooks(run: Runner, now: number): Promise<void> {
  await run.query(
    `update webhook_deliveries set next_attempt_at = $1, claimed_until = null where state = 0 and claimed_until is not null`,
    [now],
  );
}
