import type { Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { insertAuditEvent } from './store.ts';

/** Something that was done to an account, by whom. */
export interface NewAuditEvent {
  accountId: number;
  /** ms. */
  at: number;
  /** For people: `user:owner`, `agent:101 Support`, `key:12`, `veredus`. */
  actor: string;
  /** `agent.created`, `connection.revoked`, ... */
  action: string;
  /** snake_case, no secrets. Shown to the account's own people as they are. */
  facts: Record<string, unknown>;
}

const NAME_LIMIT = 200;

/** Records what was done, in the transaction it is done in: it stands in the log when, and only when, that commits. */
export async function recordAudit(run: Runner, event: NewAuditEvent): Promise<void> {
  const { accountId, at, action } = event;
  await insertAuditEvent(run, { accountId, at, action, actor: nameOf(event.actor), facts: cleaned(event.facts) });
}

function nameOf(actor: string): string {
  return [...storable(actor)].slice(0, NAME_LIMIT).join('');
}

/** As jsonb takes it: no U+0000 and no half characters, neither in names nor in values. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [storable(name), cleaned(inner)]));
}
