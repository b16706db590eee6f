import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/** Where a part stands in a longer text, with its body until the text is whole. */
export interface SubmitPart {
  reference: number;
  number: number;
  of: number;
  /** Null once it is known what becomes of it. */
  body: string | null;
}

/** What an ESME submitted, by the id it is answered with. Addresses as it wrote them. */
export interface Submit {
  id: string;
  accountId: number;
  systemId: string;
  /** Null while parts of its text are missing. */
  messageId: string | null;
  at: number;
  /** The two lowest bits of registered_delivery. */
  registered: number;
  source: string;
  destination: string;
  part: SubmitPart | null;
}

export async function insertSubmits(run: Runner, submits: readonly Submit[]): Promise<void> {
  if (submits.length === 0) return;
  await run.query({
    name: 'insert-esme-submits',
    text: `insert into esme_submits (id, account_id, system_id, message_id, at, registered, source, destination,
        part_reference, part_number, part_of, body)
      select * from unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::bigint[], $6::smallint[], $7::text[],
        $8::text[], $9::integer[], $10::smallint[], $11::smallint[], $12::text[])`,
    values: [
      plain(submits.map((row) => row.id)),
      plain(submits.map((row) => row.accountId)),
      texts(submits.map((row) => row.systemId)),
      plain(submits.map((row) => row.messageId)),
      plain(submits.map((row) => row.at)),
      plain(submits.map((row) => row.registered)),
      texts(submits.map((row) => row.source)),
      texts(submits.map((row) => row.destination)),
      plain(submits.map((row) => row.part?.reference ?? null)),
      plain(submits.map((row) => row.part?.number ?? null)),
      plain(submits.map((row) => row.part?.of ?? null)),
      texts(submits.map((row) => storedBody(row.part?.body ?? null))),
    ],
  });
}

/** As JSON, because a part may end within a surrogate pair, which PostgreSQL cannot hold. */
const storedBody = (body: string | null): string | null => (body === null ? null : JSON.stringify(body));

/** What tells the parts of one text from those of another, beside the ESME. */
export interface TextKey {
  source: string;
  destination: string;
  reference: number;
  of: number;
}

export interface TextOf {
  accountId: number;
  systemId: string;
}

/** Until the end of the transaction nobody else looks at the parts of these texts. Keys sorted, so that none wait in a circle. */
export async function lockTexts(run: Runner, { accountId, systemId }: TextOf, keys: readonly string[]): Promise<void> {
  const names = keys.map((key) => JSON.stringify([accountId, systemId, key])).sort();
  await run.query({
    name: 'lock-esme-texts',
    text: `select pg_advisory_xact_lock(hashtextextended(name, 7)) from unnest($1::text[]) as t(name)`,
    values: [texts(names)],
  });
}

interface SubmitRow {
  id: string;
  account_id: number;
  system_id: string;
  message_id: string | null;
  at: number;
  registered: number;
  source: string;
  destination: string;
  part_reference: number;
  part_number: number;
  part_of: number;
  body: string;
}

const WAITING = `s.id, s.account_id, s.system_id, s.message_id, s.at, s.registered, s.source, s.destination,
  s.part_reference, s.part_number, s.part_of, s.body`;

/** The parts of these texts that came since `since` and still wait for others, oldest first. */
export async function findWaitingParts(
  run: Runner,
  { accountId, systemId }: TextOf,
  keys: readonly TextKey[],
  since: number,
): Promise<Submit[]> {
  const { rows } = await run.query<SubmitRow>({
    name: 'find-waiting-parts',
    text: `select ${WAITING}
      from unnest($4::text[], $5::text[], $6::integer[], $7::smallint[]) as k(source, destination, reference, parts)
      join esme_submits s on s.source = k.source and s.destination = k.destination and s.part_reference = k.reference
        and s.part_of = k.parts
      where s.account_id = $1 and s.system_id = $2 and s.at >= $3 and s.body is not null
      order by s.at, s.id limit 2000`,
    values: [
      accountId,
      systemId,
      since,
      texts(keys.map((key) => key.source)),
      texts(keys.map((key) => key.destination)),
      plain(keys.map((key) => key.reference)),
      plain(keys.map((key) => key.of)),
    ],
  });
  return rows.map(submitOf);
}

/** How many parts of an ESME came since `since` and still wait for others. */
export async function countWaitingParts(run: Runner, { accountId, systemId }: TextOf, since: number): Promise<number> {
  const { rows } = await run.query<{ count: number }>({
    name: 'count-waiting-parts',
    text: `select count(*)::integer as count from esme_submits
      where account_id = $1 and system_id = $2 and at >= $3 and body is not null`,
    values: [accountId, systemId, since],
  });
  return rows[0]!.count;
}

/** Makes waiting parts those of a message (null = of none), once: answers how many of them still waited. */
export async function closeParts(run: Runner, ids: readonly string[], messageId: string | null): Promise<number> {
  if (ids.length === 0) return 0;
  const { rowCount } = await run.query({
    name: 'close-esme-parts',
    text: `update esme_submits set message_id = $2, body = null where id = any($1::uuid[]) and body is not null`,
    values: [plain(ids), messageId],
  });
  return rowCount ?? 0;
}

/** Takes up to `limit` parts that came before `before` and still wait: they will be nobody's. Nobody else gets them. */
export async function takeStaleParts(run: Runner, before: number, limit: number): Promise<Submit[]> {
  const { rows } = await run.query<SubmitRow>({
    name: 'take-stale-parts',
    text: `with stale as (
        select id from esme_submits where body is not null and at < $1 limit $2 for update skip locked
      )
      update esme_submits s set body = null from stale where s.id = stale.id
      returning s.id, s.account_id, s.system_id, s.message_id, s.at, s.registered, s.source, s.destination,
        s.part_reference, s.part_number, s.part_of, '""' as body`,
    values: [before, limit],
  });
  return rows.map(submitOf);
}

/** Drops submits with ids below `before`, but for those whose message is still to be sent: its receipt is still to come. */
export async function dropOldSubmits(run: Runner, before: string, limit: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'drop-old-submits',
    text: `delete from esme_submits where id in (
        select s.id from esme_submits s
        where s.id < $1 and not exists (
          select 1 from messages m where m.account_id = s.account_id and m.id = s.message_id and m.status in (0, 1)
        )
        limit $2)`,
    values: [before, limit],
  });
  return rowCount ?? 0;
}

function submitOf(row: SubmitRow): Submit {
  return {
    id: row.id,
    accountId: row.account_id,
    systemId: row.system_id,
    messageId: row.message_id,
    at: row.at,
    registered: row.registered,
    source: row.source,
    destination: row.destination,
    part: {
      reference: row.part_reference,
      number: row.part_number,
      of: row.part_of,
      body: JSON.parse(row.body) as string,
    },
  };
}
