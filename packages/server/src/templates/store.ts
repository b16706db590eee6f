import type { SmsTemplateField } from '@veredus/contract/endpoints/sms-templates';
import type { Operator, Order, Pair } from '@veredus/contract/search';
import { sql, type Transaction } from 'kysely';
import { type Column, matching, sortColumn } from '../db/matching.ts';
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
const SEARCHED: Record<SmsTemplateField, Column> = {
  template_id: { number: sql`t.template_id` },
  template_name: { text: sql`t.template_name` },
  body: { text: sql`t.body` },
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
  const wanted = sql`${shelf(of)} and ${matching(search, SEARCHED)}`;
  const counted = await sql<{ total: number }>`select count(*) as total from templates t where ${wanted}`.execute(tx);
  const { field, direction } = search.order_by;
  const way = direction === 'desc' ? sql`desc` : sql`asc`;
  const { rows } = await sql<Template>`
    select ${COLUMNS} from templates t where ${wanted}
    order by ${sortColumn(SEARCHED[field])} ${way}, t.template_id ${way} limit ${slice.count}::bigint offset ${slice.skip}::bigint`.execute(
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
