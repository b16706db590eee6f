import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/** What a link leads to. The numbers are stored (links.kind); never renumber. */
export const LinkKind = { click: 1, optOut: 2 } as const;
export type LinkKind = (typeof LinkKind)[keyof typeof LinkKind];

/** How long a link works. Laws ask for a way out that works for a month after a message at the least. */
export const LINK_KEPT_MS = 365 * 86_400_000;

/** A link of one recipient. Times in ms. */
export interface NewLink {
  code: string;
  kind: LinkKind;
  accountId: number;
  channel: number;
  campaignId: number | null;
  recipient: string;
  contactId: number | null;
  listId: number | null;
  /** Where it leads; null for an opt-out. */
  url: string | null;
  createdAt: number;
  expiresAt: number;
}

/**
 * Stores links in one statement. A code that exists already breaks the unique index (23505) and the statement with it: draw
 * codes anew and try again. With a hundred million links it happens to one batch of 1,000 in two thousand.
 */
export async function insertLinks(run: Runner, links: readonly NewLink[]): Promise<void> {
  if (links.length === 0) return;
  await run.query({
    name: 'insert links',
    text: `insert into links (code, kind, account_id, channel, campaign_id, recipient, contact_id, list_id, url, created_at, expires_at)
      select * from unnest($1::text[], $2::smallint[], $3::integer[], $4::smallint[], $5::integer[], $6::text[], $7::integer[],
        $8::integer[], $9::text[], $10::bigint[], $11::bigint[])`,
    values: [
      texts(links.map((link) => link.code)),
      plain(links.map((link) => link.kind)),
      plain(links.map((link) => link.accountId)),
      plain(links.map((link) => link.channel)),
      plain(links.map((link) => link.campaignId)),
      texts(links.map((link) => link.recipient)),
      plain(links.map((link) => link.contactId)),
      plain(links.map((link) => link.listId)),
      texts(links.map((link) => link.url)),
      plain(links.map((link) => link.createdAt)),
      plain(links.map((link) => link.expiresAt)),
    ],
  });
}

/** A link as whoever opens it meets it. */
export interface OpenedLink {
  code: string;
  kind: LinkKind;
  account_id: number;
  account_name: string;
  channel: number;
  campaign_id: number | null;
  list_id: number | null;
  recipient: string;
  url: string | null;
}

/** What is kept of a click; `why` is null for a person. */
export interface Click {
  at: number;
  why: string | null;
  device: string;
  os: string;
  browser: string;
}

/** Clicks of people kept of one link, and as many of machines, so that nobody fills the table with the one he was sent. */
const CLICKS_KEPT = 500;

const FOUND = `select l.code, l.kind, l.account_id, a.name as account_name, l.channel, l.campaign_id, l.list_id, l.recipient, l.url
  from links l join accounts a using (account_id) where l.code = $1 and l.expires_at > $2`;

/** A link by its code, or null when there is none or it has expired. Nobody is signed in here: for the engine's role. */
export async function findLink(run: Runner, code: string, now: number): Promise<OpenedLink | null> {
  const { rows } = await run.query<OpenedLink>({ name: 'find link', text: FOUND, values: [code, now] });
  return rows[0] ?? null;
}

/** `findLink`, and one that leads somewhere gets a click in the same statement. */
export async function findAndCount(run: Runner, code: string, click: Click): Promise<OpenedLink | null> {
  const { rows } = await run.query<OpenedLink>({
    name: 'find link and count',
    text: `with found as (${FOUND}), clicked as (
        insert into link_clicks (account_id, code, campaign_id, at, machine, why, device, os, browser)
        select account_id, code, campaign_id, $2, $3::text is not null, $3::text, $4::text, $5::text, $6::text from found
        where kind = ${LinkKind.click}
          and (select count(*) from (
            select 1 from link_clicks where code = $1 and machine = ($3::text is not null) limit ${CLICKS_KEPT}
          ) kept) < ${CLICKS_KEPT}
      ) select * from found`,
    values: [code, click.at, click.why, click.device, click.os, click.browser],
  });
  return rows[0] ?? null;
}

/** Forgets links that have expired, at most `limit` of them; what was clicked stays. Answers how many. */
export async function dropOldLinks(run: Runner, now: number, limit: number): Promise<number> {
  const { rowCount } = await run.query(
    'delete from links where code in (select code from links where expires_at <= $1 order by expires_at limit $2)',
    [now, limit],
  );
  return rowCount ?? 0;
}
