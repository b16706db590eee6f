import { Refusal } from '../refusal.ts';
import type { ContactFaults } from './contact-fields.ts';

export function noSuchList(listId: number): Refusal {
  return new Refusal('not-found', `There is no list ${listId} in this account. GET /v3/lists names those there are.`);
}

export function noSuchContact(listId: number, contactId: number): Refusal {
  return new Refusal('not-found', `There is no contact ${contactId} in list ${listId}.`);
}

export function refuseField(field: string, words: string): Refusal {
  return new Refusal('bad-request', words, { fields: { [field]: words } });
}

export function refuseContact(faults: ContactFaults): Refusal {
  const fields = { ...faults } as Record<string, string>;
  return new Refusal('bad-request', Object.values(fields).join(' '), { fields });
}
