import type { Clock } from '@veredus/protocols/clock';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { asAccountClient } from '../db/runner.ts';
import type { OutboundParts } from '../outbound/parts.ts';
import { Refusal } from '../refusal.ts';
import { checkWebhookUrl } from './check-url.ts';
import { enqueueWebhooks, type NewWebhook, tooManyEndpoints } from './enqueue.ts';
import { countTests, MOST_ENDPOINTS } from './store.ts';

export interface TestPushParts {
  db: Database;
  clock: Clock;
  newId: () => string;
  /** Hosts of the operator's own network that may be pushed to. */
  allowUrls: OutboundParts['allow'];
  /** Something waits to be pushed. */
  wakeWebhooks(): void;
}

/** `depth`: how many pushes led to the call that asks for this one. */
export type TestPush = Pick<NewWebhook, 'url' | 'method' | 'fields' | 'depth'>;

/** Of one account, in a minute. */
const MOST_TESTS = 30;
const MINUTE_MS = 60_000;

/**
 * Queues a made-up event, which is pushed, signed and logged as a real one.
 *
 * @throws Refusal bad-request for a URL that may not be pushed to; too-many-requests.
 */
export async function pushTest(parts: TestPushParts, caller: Caller, push: TestPush): Promise<void> {
  const at = parts.clock.now();
  checkWebhookUrl(push.url, 'url', parts.allowUrls);
  const event = { ...push, accountId: caller.accountId, kind: 'test', subjectId: null, occurredAt: at } as const;
  await asAccountClient(parts.db, caller.accountId, async (client) => {
    if ((await countTests(client, caller.accountId, at - MINUTE_MS, MOST_TESTS)) >= MOST_TESTS) throw tooOften();
    const [id] = await enqueueWebhooks(client, [event], { at, newId: parts.newId });
    if (id === null) throw new Refusal('bad-request', NO_ROOM, { fields: { url: NO_ROOM } });
  });
  parts.wakeWebhooks();
}

const NO_ROOM = tooManyEndpoints(MOST_ENDPOINTS);

function tooOften(): Refusal {
  const words = `This account has made ${MOST_TESTS} test calls with a URL within a minute: wait a moment.`;
  return new Refusal('too-many-requests', words, { retryAfter: MINUTE_MS / 1000 });
}
