import type { Clock } from '@veredus/protocols/clock';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { asAccountClient } from '../db/runner.ts';
import type { OutboundParts } from '../outbound/parts.ts';
import { checkWebhookUrl } from './check-url.ts';
import { enqueueWebhooks, type NewWebhook } from './enqueue.ts';

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

/**
 * Queues a made-up event, which is pushed, signed and logged as a real one.
 *
 * @throws Refusal bad-request for a URL that may not be pushed to.
 */
export async function pushTest(parts: TestPushParts, caller: Caller, push: TestPush): Promise<void> {
  const at = parts.clock.now();
  checkWebhookUrl(push.url, 'url', parts.allowUrls);
  const event = { ...push, accountId: caller.accountId, kind: 'test', subjectId: null, occurredAt: at } as const;
  await asAccountClient(parts.db, caller.accountId, (client) =>
    enqueueWebhooks(client, [event], { at, newId: parts.newId }),
  );
  parts.wakeWebhooks();
}
