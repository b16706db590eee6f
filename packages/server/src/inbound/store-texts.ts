import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/** A whole text from a handset, with what is shown of the message it answers. Times in ms. */
export interface InboundText {
  id: string;
  account_id: number;
  received_at: number;
  /** E.164 where it can be read as a number, else as it came. */
  sender: string;
  recipient: string;
  body: string;
  /** The message it answers. */
  answers_id: string | null;
  /** What it was read as; null = an ordinary text. */
  keyword: 'opt-out' | 'opt-in' | 'help' | 'review' | null;
  /** False where parts of it never came. */
  whole: boolean;
  test: boolean;
  depth: number;
  polled: boolean;
  read_at: number | null;
  /** Of the message it answers; null where it answers none. */
  original_body: string | null;
  custom_string: string;
  /** Who sent the message it answers, else the account's main user. */
  user_id: number | null;
}

/** The columns of an InboundText, read `from ${TEXT_SOURCE}`. */
export const TEXT_COLUMNS = `t.id, t.account_id, t.received_at, t.sender, t.recipient, t.body, t.answers_id, t.keyword, t.whole, t.test, t.depth,
  t.polled, t.read_at, m.body as original_body, coalesce(m.custom_string, '') as custom_string,
  coalesce(m.user_id, (select min(u.user_id) from users u where u.account_id = t.account_id and u.is_main)) as user_id`;

export const TEXT_SOURCE =
  'inbound_texts t left join messages m on m.account_id = t.account_id and m.id = t.answers_id';

/** Those of these texts that are there, in the order of their ids. */
export async function findTexts(run: Runner, accountId: number, ids: readonly string[]): Promise<InboundText[]> {
  const { rows } = await run.query<InboundText>({
    name: 'find-inbound-texts',
    text: `select ${TEXT_COLUMNS} from ${TEXT_SOURCE} where t.account_id = $1 and t.id = any($2::uuid[]) order by t.id`,
    values: [accountId, plain(ids)],
  });
  return rows;
}

export type NewText = Pick<
  InboundText,
  'id' | 'account_id' | 'received_at' | 'sender' | 'recipient' | 'body' | 'answers_id' | 'keyword' | 'whole'
>;

/** Keeps whole texts for the rules to be asked about. All text has passed `storable`. */
export async function insertTexts(run: Runner, found: readonly NewText[]): Promise<void> {
  await run.query({
    name: 'insert-inbound-texts',
    text: `insert into inbound_texts (id, account_id, received_at, sender, recipient, body, answers_id, keyword, whole, depth)
      select t.*, coalesce((select d.depth from message_depths d where d.account_id = t.account_id and d.message_id = t.answers_id), 0)
      from unnest($1::uuid[], $2::integer[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::boolean[])
        as t(id, account_id, received_at, sender, recipient, body, answers_id, keyword, whole)`,
    values: [
      plain(found.map((text) => text.id)),
      plain(found.map((text) => text.account_id)),
      plain(found.map((text) => text.received_at)),
      texts(found.map((text) => text.sender)),
      texts(found.map((text) => text.recipient)),
      texts(found.map((text) => text.body)),
      plain(found.map((text) => text.answers_id)),
      texts(found.map((text) => text.keyword)),
      plain(found.map((text) => text.whole)),
    ],
  });
}
