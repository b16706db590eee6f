import { type KeyOf, keysOf, shownKey, webhookId } from './sign.ts';
import { Delivery } from './store.ts';
import type { Endpoint, StoredAttempt, StoredDelivery } from './store-read.ts';

const NAMES = { [Delivery.waiting]: 'waiting', [Delivery.delivered]: 'delivered', [Delivery.dead]: 'dead' } as const;
type StateName = (typeof NAMES)[keyof typeof NAMES];

export const stateOf = (name: StateName): number =>
  name === 'waiting' ? Delivery.waiting : name === 'delivered' ? Delivery.delivered : Delivery.dead;

/** An endpoint as a client sees it. */
export function showEndpoint(row: Endpoint) {
  const { endpoint_id, url, failures, disabled_why, waiting, dead, last_fault } = row;
  return {
    endpoint_id,
    url,
    state: standingOf(row),
    failures,
    failing_since: seconds(row.failing_since),
    blocked_until: seconds(row.blocked_until),
    disabled_at: seconds(row.disabled_at),
    disabled_why,
    waiting,
    dead,
    last_attempt_at: seconds(row.last_attempt_at),
    last_success_at: seconds(row.last_success_at),
    last_fault,
    date_added: whole(row.created_at),
  };
}

function standingOf({ disabled_at, failures }: Endpoint): 'active' | 'failing' | 'disabled' {
  if (disabled_at !== null) return 'disabled';
  return failures > 0 ? 'failing' : 'active';
}

export function showKey(keyOf: KeyOf, row: Endpoint, now: number) {
  const [key, previous] = keysOf(keyOf, row, now);
  return {
    endpoint_id: row.endpoint_id,
    key: shownKey(key!),
    previous_key: previous ? shownKey(previous) : null,
    previous_until: previous ? seconds(row.previous_until) : null,
  };
}

export function showDelivery(row: StoredDelivery) {
  return {
    delivery_id: row.id,
    webhook_id: webhookId(row.id),
    endpoint_id: row.endpoint_id,
    event: row.kind,
    subject_id: row.subject_id?.toUpperCase() ?? null,
    method: row.method,
    state: NAMES[row.state as keyof typeof NAMES],
    attempts: row.attempts,
    next_attempt_at: seconds(row.next_attempt_at),
    status: row.status,
    fault: faultOf(row),
    replays: row.replays,
    depth: row.depth,
    occurred_at: whole(row.occurred_at),
    date_added: whole(row.created_at),
    done_at: seconds(row.done_at),
  };
}

function faultOf({ state, attempts, fault }: StoredDelivery): string | null {
  const untried = state === Delivery.dead && attempts === 0;
  return untried ? 'Not tried, since the endpoint is disabled: enable it, then replay this.' : fault;
}

export const showAttempt = (row: StoredAttempt) => ({ ...row, at: whole(row.at) });

const whole = (milliseconds: number): number => Math.floor(milliseconds / 1000);
const seconds = (milliseconds: number | null): number | null => (milliseconds === null ? null : whole(milliseconds));
