import { Refusal } from '../refusal.ts';

export function noSuchConnection(id: string): Refusal {
  return new Refusal('not-found', `There is no connection ${JSON.stringify(id.slice(0, 40))}.`);
}

/** Whose words are for the one field they are about. */
export function fieldFault(field: string, words: string): Refusal {
  return new Refusal('bad-request', `${field} ${words}`, { fields: { [field]: words } });
}

export function disabledConfig(authConfigId: string): Refusal {
  const words = `Auth config ${authConfigId} is disabled: enable it, or use another.`;
  return new Refusal('bad-request', words, { fields: { auth_config_id: words } });
}
