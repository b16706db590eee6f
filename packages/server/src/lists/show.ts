import type { Data } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { ContactRow } from './store-contacts.ts';
import type { ListRow } from './store-lists.ts';

export type ShownList = Data<Endpoints['listById']>;
export type ShownContact = Data<Endpoints['contactById']>;

/** Opted-out contacts are removed while the caller waits, so that is never in progress. */
export function showList(list: ListRow): ShownList {
  return {
    list_id: list.list_id,
    list_name: list.list_name,
    list_email_id: list.list_email_id,
    _contacts_count: list.contacts_count,
    _import_in_progress: list.importing ? 1 : 0,
    _optout_in_progress: 0,
  };
}

export function showContact(contact: ContactRow, listName: string): ShownContact {
  const { created_at, updated_at, ...fields } = contact;
  return {
    ...fields,
    date_added: Math.floor(created_at / 1000),
    date_updated: Math.floor(updated_at / 1000),
    _list_name: listName,
  };
}
