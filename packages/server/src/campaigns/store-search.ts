import type { CampaignField } from '@veredus/contract/endpoints/sms-campaigns';
import type { Operator, Order, Pair } from '@veredus/contract/search';
import { escapeLike } from '../db/escape-like.ts';
import type { Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import type { CampaignRow } from './campaign.ts';
import { STANDINGS, statusOf } from './state.ts';

export interface CampaignSearch {
  q: readonly Pair<CampaignField>[];
  operator: Operator;
  order_by: Order<CampaignField>;
  /** Unix seconds, inclusive. */
  date_from?: number | undefined;
  date_to?: number | undefined;
  page: number;
  limit: number;
}

/** What a field is in the table; columns are named by us, values stay values. Times and ids are compared as they are shown. */
const COLUMNS: Record<Exclude<CampaignField, 'status'>, string> = {
  sms_campaign_id: 'campaign_id',
  name: 'name',
  user_id: 'account_id',
  subaccount_id: 'user_id',
  list_id: 'list_id',
  from: 'sender',
  body: 'body',
  schedule: '(coalesce(schedule_at, launched_at, created_at) / 1000)',
  date_added: '(created_at / 1000)',
  custom_string: 'custom_string',
  url_to_shorten: "coalesce(url_to_shorten, '')",
  unsubscribe_link: "(case when body ~* 'stopmsg\\.me/x{5}' then 1 else 0 end)",
  source: "coalesce(source, '')",
};
const EXACT: ReadonlySet<string> = new Set([
  'sms_campaign_id',
  'user_id',
  'subaccount_id',
  'list_id',
  'schedule',
  'date_added',
  'unsubscribe_link',
]);

/** A page of an account's campaigns, of which there are hundreds rather than millions. */
export async function searchCampaigns(
  run: Runner,
  accountId: number,
  search: CampaignSearch,
): Promise<{ total: number; rows: CampaignRow[] }> {
  const values: unknown[] = [accountId];
  const value = (of: unknown) => `$${values.push(of)}`;
  const given = search.q.filter((pair) => pair.value !== '').map((pair) => ({ ...pair, value: storable(pair.value) }));
  const pairs = given.map((pair) => conditionOf(pair, value));
  const wanted = pairs.length === 0 ? 'true' : `(${pairs.join(search.operator === 'OR' ? ' or ' : ' and ')})`;
  const from = search.date_from === undefined ? 'true' : `created_at >= ${value(search.date_from * 1000)}::bigint`;
  const to = search.date_to === undefined ? 'true' : `created_at < ${value((search.date_to + 1) * 1000)}::bigint`;
  const where = `account_id = $1 and ${wanted} and ${from} and ${to}`;
  const counted = await run.query(`select count(*)::integer as total from campaigns where ${where}`, [...values]);
  const { field, direction } = search.order_by;
  const order = field === 'status' ? STATE_ORDER : COLUMNS[field];
  const limit = `limit ${value(search.limit)}::integer offset ${value((search.page - 1) * search.limit)}::bigint`;
  const { rows } = await run.query(
    `select * from campaigns where ${where} order by ${order} ${direction}, campaign_id ${direction} ${limit}`,
    values,
  );
  return { total: counted.rows[0].total, rows };
}

function conditionOf({ field, value: text }: Pair<CampaignField>, value: (of: unknown) => string): string {
  if (field === 'status') return statusCondition(text);
  if (EXACT.has(field)) return `${COLUMNS[field]}::text = ${value(text)}::text`;
  return `${COLUMNS[field]} ilike ${value(`%${escapeLike(text)}%`)}::text`;
}

/** The standings that show a status which holds the text; each is written out with constants of ours. */
function statusCondition(text: string): string {
  const wanted = STANDINGS.filter((standing) => statusOf(standing).toLowerCase().includes(text.toLowerCase()));
  const conditions = wanted.map(({ state, paused_at, expanded }) => {
    const paused = paused_at === null ? 'paused_at is null' : 'paused_at is not null';
    return `(state = ${state} and ${paused} and ${expanded === 0 ? 'expanded = 0' : 'expanded > 0'})`;
  });
  return conditions.length === 0 ? 'false' : `(${conditions.join(' or ')})`;
}

const STATE_ORDER = `(case when paused_at is not null and state <= 2 then 7 else state end)`;
