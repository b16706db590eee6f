import { isUnavailable } from '../db/patient-pool.ts';
import type { Runner } from '../db/runner.ts';
import { undoable } from '../db/transaction.ts';
import { forwardToEsme } from '../esmes/forward.ts';
import { inboundFields, legacyTwins } from '../inbound/show-inbound.ts';
import { showMessageId } from '../messages/ids.ts';
import { Refusal } from '../refusal.ts';
import { enqueueWebhooks, type NewWebhook, tooManyEndpoints } from '../webhooks/enqueue.ts';
import { MOST_BY_EVENTS } from '../webhooks/store.ts';
import { done, FAULT, failed } from './action.ts';
import type { Want } from './want.ts';

interface Facts {
  at: number;
  newId: () => string;
  log(event: string, facts: Record<string, unknown>): void;
}

/** Queues the pushes that rules want, within the transaction that asks them. Answers how many. What cannot be queued fails alone. */
export async function pushAll(run: Runner, wants: readonly Want[], facts: Facts): Promise<number> {
  const queue = async (some: readonly Want[]) => {
    const ids = await undoable(run, () => enqueueInPieces(run, some, facts));
    for (const [i, want] of some.entries()) want.ending = endingOf(ids[i]!);
  };
  if (wants.length === 0) return 0;
  if (wants.length > 1 && (await queue(wants).then(known, unlessAway))) return wants.length;
  for (const want of wants) await alone(want, facts, () => queue([want]));
  return wants.filter(({ ending }) => ending?.state === 1).length;
}

/** Of one statement: each holds a whole text. */
const PIECE = 500;

async function enqueueInPieces(run: Runner, wants: readonly Want[], facts: Facts): Promise<(string | null)[]> {
  const ids: (string | null)[] = [];
  for (let i = 0; i < wants.length; i += PIECE)
    ids.push(...(await enqueueWebhooks(run, wants.slice(i, i + PIECE).map(pushOf), facts)));
  return ids;
}

/** The same for what goes to the customer's own SMPP client. */
export async function forwardAll(run: Runner, wants: readonly Want[], facts: Facts): Promise<number> {
  for (const want of wants) {
    const { text, rule } = want;
    const systemId = rule.action_address.trim();
    await alone(want, facts, async () => {
      const forwarded = {
        systemId,
        accountId: text.account_id,
        from: text.sender,
        to: text.recipient,
        body: text.body,
      };
      const answer = await undoable(run, () => forwardToEsme(run, { ...forwarded, subjectId: text.id }, facts));
      want.ending =
        answer === 'queued'
          ? done(`Queued for the SMPP client ${systemId}.`)
          : failed(`The account has no SMPP client with the system_id ${systemId.slice(0, 40)}.`);
    });
  }
  return wants.filter(({ ending }) => ending?.state === 1).length;
}

const known = () => true;
const unlessAway = (error: unknown): false => {
  if (isUnavailable(error)) throw error;
  return false;
};

/** A fault of one rule is that rule's, and keeps no other from acting; a database that is away is nobody's. */
async function alone(want: Want, { log }: Facts, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isUnavailable(error)) throw error;
    want.ending = failed(error instanceof Refusal ? error.message : FAULT);
    if (!(error instanceof Refusal)) log('rule.fault', { action: want.id, error: (error as Error).message });
  }
}

const endingOf = (id: string | null) =>
  id === null ? failed(tooManyEndpoints(MOST_BY_EVENTS)) : done(`Queued as webhook ${showMessageId(id)}.`);

const METHODS = new Set(['post', 'get', 'json']);

function pushOf({ text, rule }: Want): NewWebhook {
  const asked = rule.webhook_type?.trim().toLowerCase() ?? '';
  const method = (METHODS.has(asked) ? asked : 'post') as NewWebhook['method'];
  const fields = inboundFields(text);
  return {
    accountId: text.account_id,
    url: rule.action_address.trim(),
    method,
    kind: 'inbound',
    subjectId: text.id,
    fields: method === 'json' ? fields : legacyTwins(fields),
    depth: text.depth,
    occurredAt: text.received_at,
  };
}
