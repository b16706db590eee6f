import type { SmsHistoryField } from '@veredus/contract/endpoints/sms-history';
import { sql } from 'kysely';
import type { Search } from './search.ts';
import { errorShown, errorTextShown, type Seen, type Sql, scheduleShown, shownBy } from './store-where.ts';

/**
 * What a field is sorted by, as expressions over a message m. Empty where the id alone decides: `date` and `message_id`,
 * since ids are UUIDv7 and so in the order of acceptance, and the fields that are the same in every row.
 */
export function sortedBy(field: SmsHistoryField, seen: Seen): Sql[] {
  switch (field) {
    case 'date':
    case 'message_id':
    case 'direction':
    case 'user_id':
    case 'carrier':
    case 'first_name':
    case 'last_name':
      return [];
    case 'status':
      return [shownBy(({ shown }) => shown.status, sql`text`, seen)];
    case 'status_code':
      return [shownBy(({ shown }) => shown.status_code, sql`text`, seen)];
    case 'status_text':
      return [shownBy(({ shown }) => shown.status_text, sql`text`, seen), sql`m.refusal`];
    case 'error_code':
      return [errorShown(seen)];
    case 'error_text':
      return [errorTextShown(seen)];
    case '_api_username':
      return [sql`(select u.username from users u where u.user_id = m.user_id)`];
    default:
      return [COLUMNS[field]];
  }
}

const COLUMNS = {
  to: sql`m.recipient`,
  from: sql`m.sender`,
  body: sql`m.body`,
  schedule: scheduleShown,
  message_parts: sql`m.parts`,
  message_price: sql`m.price_micro`,
  from_email: sql`m.from_email`,
  list_id: sql`m.list_id`,
  custom_string: sql`m.custom_string`,
  contact_id: sql`m.contact_id`,
  subaccount_id: sql`m.user_id`,
  country: sql`m.country`,
} as const;

/** Whether pages follow an index, so that they cost the same however many messages there are. */
export const followsIndex = (search: Search, seen: Seen): boolean => sortedBy(search.order.field, seen).length === 0;

/** `order by`, the id last so that pages never overlap; `backwards` reads it from its end. */
export function orderOf(search: Search, seen: Seen, backwards: boolean): Sql {
  const ascending = (search.order.direction === 'asc') !== backwards;
  const direction = ascending ? sql`asc` : sql`desc`;
  const keys = [...sortedBy(search.order.field, seen), sql`m.id`];
  return sql.join(
    keys.map((key) => sql`${key} ${direction}`),
    sql`, `,
  );
}
