import type { SmsTemplateField } from '@veredus/contract/endpoints/sms-templates';
import type { Operator, Order, Pair } from '@veredus/contract/search';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { escapeLike } from '../db/escape-like.ts';
import type { Schema } from '../db/schema.ts';

type Tx = Transaction<Schema>;

/** As a client sees it. */
export interface Template {
  template_id: number;
  template_name: string;
  body: string;
}

/** Whose templates, and of which channel. */
export interface Shelf {
  accountId: number;
  channel: number;
}

export interface TemplateSearch {
  q: readonly Pair<SmsTemplateField>[];
  operator: Operator;
  order_by: Order<SmsTemplateField>;
}

const COLUMNS = sql`t.template_id, t.template_name, t.body`;
const ORDERS: Record<SmsTemplateField, RawBuilder<unknown>> = {
  template_id: sql`t.template_id`,
  template_name: sql`t.template_name`,
  body: sql`t.body`,
};

const shelf = ({ accountId, channel }: Shelf) =>
  sql`t.account_id = ${accountId}::integer and t.channel = ${channel}::smallint`;

/** A page of the templates that match, and how many do. */
export async function findTemplates(
  tx: Tx,
  of: Shelf,
  search: TemplateSearch,
  slice: { skip: number; count: number },
): Promise<{ total: number; rows: Template[] }> {
  const wanted = sql`${shelf(of)} and ${matching(search)}`;
  const counted = await sql<{ total: number }>`select count(*) as total from templates t where ${wanted}`.execute(tx);
  const { field, direction } = search.order_by;
  const way = direction === 'desc' ? sql`desc` : sql`asc`;
  const { rows } = await sql<Template>`
    select ${COLUMNS} from templates t where ${wanted}
    order by ${ORDERS[field]} ${way}, t.template_id ${way} limit ${slice.count}::bigint offset ${slice.skip}::bigint`.execute(
    tx,
  );
  return { total: counted.rows[0]?.total ?? 0, rows };
}

export async function findTemplate(tx: Tx, of: Shelf, templateId: number): Promise<Template | null> {
  const { rows } = await sql<Template>`
    select ${COLUMNS} from templates t where ${shelf(of)} and t.template_id = ${templateId}::integer`.execute(tx);
  return rows[0] ?? null;
}

export async function insertTemplate(
  tx: Tx,
  { accountId, channel }: Shelf,
  template: { name: string; body: string; at: number },
): Promise<Template> {
  const { rows } = await sql<Template>`
    insert into templates as t (account_id, channel, template_name, body, created_at, updated_at)
    values (${accountId}, ${channel}, ${template.name}, ${template.body}, ${template.at}, ${template.at})
    returning ${COLUMNS}`.execute(tx);
  return rows[0]!;
}

/** Null in a field leaves it as it is; the answer is null when there is no such template. */
export async function updateTemplate(
  tx: Tx,
  of: Shelf,
  templateId: number,
  change: { name: string | null; body: string | null; at: number },
): Promise<Template | null> {
  const { rows } = await sql<Template>`
    update templates t set template_name = coalesce(${change.name}::text, t.template_name),
      body = coalesce(${change.body}::text, t.body), updated_at = ${change.at}::bigint
    where ${shelf(of)} and t.template_id = ${templateId}::integer returning ${COLUMNS}`.execute(tx);
  return rows[0] ?? null;
}

/** Whether there was one to delete. */
export async function deleteTemplate(tx: Tx, of: Shelf, templateId: number): Promise<boolean> {
  const { rows } = await sql`
    delete from templates t where ${shelf(of)} and t.template_id = ${templateId}::integer returning 1`.execute(tx);
  return rows.length > 0;
}

function matching({ q, operator }: TemplateSearch): RawBuilder<unknown> {
  if (q.length === 0) return sql`true`;
  return sql`(${sql.join(q.map(matchingPair), operator === 'OR' ? sql` or ` : sql` and `)})`;
}

function matchingPair({ field, value }: Pair<SmsTemplateField>): RawBuilder<unknown> {
  // An empty value matches whatever stands in the field (ClickSend's v3 search).
  if (value === '') return sql`true`;
  // PostgreSQL's text holds no U+0000, so no stored text contains one.
  if (value.includes('\u0000')) return sql`false`;
  if (field === 'template_id')
    return /^\d{1,9}$/.test(value) ? sql`t.template_id = ${Number(value)}::integer` : sql`false`;
  return sql`${ORDERS[field]} ilike ${`%${escapeLike(value.toWellFormed())}%`} escape '\\'`;
}
