import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/** A message from a handset nobody has looked at for an opt-out. Times in ms. */
export interface Unread {
  id: string;
  /** The one owner of the number written to, when it came. */
  account_id: number | null;
  received_at: number;
  sender: string;
  recipient: string;
  body: string;
  /** Set on one part of a longer text. */
  part_reference: number | null;
  part_number: number | null;
  part_of: number | null;
}

const COLUMNS = 'id, account_id, received_at, sender, recipient, body, part_reference, part_number, part_of';

/** The oldest unread after `after` (an id), in the order they came. */
export async function findUnread(run: Runner, after: string, limit: number): Promise<Unread[]> {
  const { rows } = await run.query<Unread>({
    name: 'find-unread-inbound',
    text: `select ${COLUMNS} from inbound_messages where opt_out_read_at is null and id > $1 order by id limit $2`,
    values: [after, limit],
  });
  return rows;
}

/** All unread parts of the texts that these are parts of. */
export async function findParts(run: Runner, of: readonly Unread[]): Promise<Unread[]> {
  const { rows } = await run.query<Unread>({
    name: 'find-unread-parts',
    text: `select ${COLUMNS} from inbound_messages
      where opt_out_read_at is null and (sender, recipient, part_reference, part_of) in (
        select * from unnest($1::text[], $2::text[], $3::integer[], $4::smallint[]))
      order by id`,
    values: groupsOf(of),
  });
  return rows;
}

/** What tells longer texts apart, column by column. */
const groupsOf = (parts: readonly Unread[]): string[] => [
  texts(parts.map((part) => part.sender)),
  texts(parts.map((part) => part.recipient)),
  plain(parts.map((part) => part.part_reference)),
  plain(parts.map((part) => part.part_of)),
];

/** Whom a text from a handset may be for: the handset and the number it wrote to, each as the messages may have them. */
export interface Address {
  handset: string;
  numbers: readonly string[];
}

/** The account a text is for, and the message it answers. */
export interface Answered {
  account_id: number | null;
  message_id: string | null;
  country: string | null;
  list_id: number | null;
  campaign_id: number | null;
}

/** The latest messages to a handset that are looked through for the one it answers. */
const LOOKED_THROUGH = 1_000;

/**
 * An owned number belongs to its owner, or to those of its owners who wrote last. A number nobody owns is the sender of
 * whoever wrote last: by its name, or as the carrier's shared number, whose digits the platform need not know. What never
 * left is answered by nobody: queued, cancelled and refused messages, and those that failed before an attempt.
 */
const FIND_ANSWERED = `
with owned as materialized (
  select number, account_id from sender_numbers where number = any($2::text[]) or number = any($3::text[])
)
select coalesce(m.account_id, case when cardinality(o.owners) = 1 then o.owners[1] end) as account_id, m.id as message_id,
  m.country, m.list_id, m.campaign_id
from unnest($1::text[], $2::text[], $3::text[]) with ordinality as w(handset, number, other, position)
cross join lateral (
  select array(select distinct account_id from owned where owned.number in (w.number, w.other)) as owners
) o
left join lateral (
  select * from (
    select * from messages m where m.recipient = w.handset and m.channel = 1 and (o.owners = '{}' or m.account_id = any(o.owners))
    order by m.id desc limit ${LOOKED_THROUGH}
  ) m
  where (m.sender in (w.number, w.other) or m.shared_sender and m.sender = '' and o.owners = '{}')
    and m.status not in (0, 6, 8) and not (m.status in (4, 5) and m.attempts = 0)
  order by m.id desc limit 1
) m on true
order by w.position`;

/** For each address, in order, whose it is and what it answers. */
export async function findAnswered(run: Runner, addresses: readonly Address[]): Promise<Answered[]> {
  const { rows } = await run.query<Answered>({
    name: 'find-answered',
    text: FIND_ANSWERED,
    values: [
      texts(addresses.map(({ handset }) => handset)),
      texts(addresses.map(({ numbers }) => numbers[0]!)),
      texts(addresses.map(({ numbers }) => numbers[1] ?? numbers[0]!)),
    ],
  });
  return rows;
}

/**
 * Locks those of these rows that nobody has read yet, in the order of their ids, until the end of the transaction: what
 * somebody else reads meanwhile is waited for and then missing in the answer.
 */
export async function lockUnread(run: Runner, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await run.query<{ id: string }>({
    name: 'lock-unread-inbound',
    text: `select id from inbound_messages where id = any($1::uuid[]) and opt_out_read_at is null order by id for update`,
    values: [plain(ids)],
  });
  return new Set(rows.map(({ id }) => id));
}

/**
 * A centre that lost our acknowledgement sends a part again, which may come when its text has been read already. The same part
 * of the same longer text within so long is surely that: a phone numbers its next text otherwise. A text of one part tells
 * nothing about itself; the second "yes" of a person must not be lost, so it is read again.
 */
const REPEATED_WITHIN_MS = 86_400_000;

/**
 * Marks as read the unread parts of those texts of which each unread part was read before. Where a part is new the text is read
 * with all that came of it.
 */
export async function dropRepeats(run: Runner, of: readonly Unread[], now: number): Promise<void> {
  await run.query({
    name: 'drop-repeated-parts',
    text: `with w as (
        select i.id, i.sender, i.recipient, i.part_reference, i.part_of, exists (
          select from inbound_messages r
          where r.sender = i.sender and r.recipient = i.recipient and r.part_reference = i.part_reference and r.part_of > 1
            and r.part_of = i.part_of and r.part_number = i.part_number and r.body = i.body and r.carrier_id = i.carrier_id
            and r.opt_out_read_at is not null and r.received_at between i.received_at - $6 and i.received_at
        ) as repeated
        from inbound_messages i
        where i.opt_out_read_at is null and (i.sender, i.recipient, i.part_reference, i.part_of) in (
          select * from unnest($1::text[], $2::text[], $3::integer[], $4::smallint[]))
      ), repeats as (
        select array_agg(id) as ids from w group by sender, recipient, part_reference, part_of having bool_and(repeated)
      ), locked as (
        select i.id from inbound_messages i where i.id = any((select array_agg(id) from repeats, unnest(ids) as id)::uuid[])
          and i.opt_out_read_at is null order by i.id for update
      )
      update inbound_messages i set opt_out_read_at = $5 from locked where i.id = locked.id`,
    values: [...groupsOf(of), now, REPEATED_WITHIN_MS],
  });
}

export interface Read {
  id: string;
  accountId: number | null;
  answersId: string | null;
}

/** These have been looked at: nobody looks again. */
export async function markRead(run: Runner, read: readonly Read[], at: number): Promise<void> {
  await run.query({
    name: 'mark-inbound-read',
    text: `with w as (
        select i.id, w.account_id, w.answers_id from inbound_messages i
        join unnest($2::uuid[], $3::integer[], $4::uuid[]) as w(id, account_id, answers_id) on w.id = i.id
        where i.opt_out_read_at is null order by i.id for update of i
      )
      update inbound_messages i set opt_out_read_at = $1, account_id = coalesce(w.account_id, i.account_id), answers_id = w.answers_id
      from w where i.id = w.id`,
    values: [
      at,
      plain(read.map(({ id }) => id)),
      plain(read.map(({ accountId }) => accountId)),
      plain(read.map(({ answersId }) => answersId)),
    ],
  });
}
