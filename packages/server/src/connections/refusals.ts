import { Refusal } from '../refusal.ts';

export function noSuchConnection(id: string): Refusal {
  return new Refusal('not-found', `There is no connection ${JSON.stringify(id.slice(0, 40))}.`);
}

/** Whose words are for the one field they are about. */
export function fieldFault(field: string, words: string): Refusal {
  return new Refusal('bad-request', `${field} ${words}`, { fields: { [field]: words } });
}
