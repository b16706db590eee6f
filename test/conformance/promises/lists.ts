import { from } from '../promise.ts';

/** Lists and contacts, and texting a list. */
export const lists = {
  ...from('ClickSend v3: lists and contacts', {
    'lists:name': 'Names are cut at 50 characters, may be there twice, and are never empty.',
    'lists:limit': 'An account has 2,000 lists at most, however many calls make them at once.',
    'lists:opt-out': 'Each account has one Opt-Out list from the start, which cannot be renamed or deleted.',
    'lists:delete': 'Deleting a list deletes its contacts, and is refused while a campaign or an import needs it.',
    'lists:links': 'A page of lists also names its first and last page and links to those around it.',
    'contacts:fields':
      'Every field is kept, trimmed; numbers become E.164; what does not fit is refused by its name, and a contact is reachable.',
    'contacts:update': 'An update changes the keys that are sent and no other; null or empty text clears.',
    'contacts:move': 'A contact can be copied and transferred, also by the older path.',
    'contacts:opt-out': 'A number put on the Opt-Out list is suppressed; one taken off it may be written to again.',
    'contacts:pages': 'A page costs the same at any place of a list of any length, when its links are followed.',
    'contacts:updated-after': 'updated_after lists what has changed since, in the order of the changes.',
    'contacts:duplicates': 'Of contacts alike in the named fields the oldest stays.',
    'contacts:opted-out': 'Contacts whom an opt-out list names can be removed from another list.',
    'contacts:search': 'Lists are found by name; contacts by name, number, address and organisation.',
    'contacts:export': 'A list is exported as CSV that no spreadsheet runs and that reads back as it was.',
    'contacts:apart': 'No account sees, changes or writes to a list of another.',
  }),
  ...from('ClickSend v3: SMS to a list', {
    'sms:list': 'A message with list_id goes to each number of the list once, merged, each with a result of its own.',
    'sms:list-too-many': 'More than 1,000 recipients after expansion are TOO_MANY_RECIPIENTS, and nothing is stored.',
    'sms:list-refused': 'A list that is unknown or has nobody to text is an entry with its reason.',
    'sms:list-replay': 'A repeated Idempotency-Key answers as the first call did, whatever became of the list.',
    'sms:list-names': 'History shows the names of the contact a message went to.',
  }),
  ...from('ClickSend v3: official Node SDK, unmodified but for its host', {
    'sdk:lists': 'listsGet',
    'sdk:list-create': 'listsPost',
    'sdk:list': 'listsByListIdGet',
    'sdk:list-update': 'listsByListIdPut',
    'sdk:list-delete': 'listsByListIdDelete',
    'sdk:list-duplicates': 'listsRemoveDuplicatesByListIdPut',
    'sdk:contacts': 'listsContactsByListIdGet',
    'sdk:contact-create': 'listsContactsByListIdPost',
    'sdk:contact': 'listsContactsByListIdAndContactIdGet',
    'sdk:contact-update': 'listsContactsByListIdAndContactIdPut',
    'sdk:contact-delete': 'listsContactsByListIdAndContactIdDelete',
    'sdk:contact-copy': 'listsCopyContactPut',
    'sdk:contact-transfer': 'listsTransferContactPut',
    'sdk:contacts-opted-out': 'listsRemoveOptedOutContactsByListIdAndOptOutListIdPut',
    'sdk:search': 'searchContactsListsGet',
  }),
};
