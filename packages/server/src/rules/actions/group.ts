import type { Runner } from '../../db/runner.ts';
import { findList } from '../../lists/store-lists.ts';
import type { NewMessage } from '../../messages/message.ts';
import { type ActionFacts, done, type Ending, failed } from '../action.ts';
import { readListId } from '../actions.ts';
import { advanceAction, putOff } from '../store-actions.ts';
import { type Member, membersAfter } from '../store-subjects.ts';
import { endAlone, type Job, type JobParts, Lost } from './job.ts';
import { forwarded, sendTexts } from './send-texts.ts';

/** Messages of one transaction. */
const CHUNK = 1_000;

/**
 * GROUP_SMS: forwards the text to every contact of a list, each number once and not to who wrote it. Chunk by chunk, each with
 * the place it is at in one transaction, so that it goes on elsewhere without losing or doubling anybody.
 */
export async function forwardToList(parts: JobParts, job: Job): Promise<void> {
  const { action, text, caller } = job;
  const listId = readListId(action.action_address);
  if (listId === null) return endAlone(parts, job, failed('action_address is not the id of a list.'));
  const list = { accountId: caller.accountId, listId };
  let { progress, facts } = action;
  for (;;) {
    if (job.stopping()) return putOff(parts.pool, action, parts.clock.now(), null);
    if ((await findList(parts.pool, caller.accountId, listId)) === null)
      return endAlone(parts, job, failed(`List ${listId} is gone. ${told(facts)}`));
    const members = await membersAfter(parts.pool, list, { after: progress ?? 0, except: text.sender, limit: CHUNK });
    if (members.length === 0) return endAlone(parts, job, endingOf(listId, facts));
    const last = members.length < CHUNK;
    const place = members.at(-1)!.contact_id;
    facts = await forwardChunk(parts, job, { listId, members, facts, place, last });
    if (last) return;
    progress = place;
  }
}

interface Chunk {
  listId: number;
  members: readonly Member[];
  /** What was sent before. */
  facts: ActionFacts;
  place: number;
  last: boolean;
}

async function forwardChunk(parts: JobParts, job: Job, chunk: Chunk): Promise<ActionFacts> {
  const { listId, members } = chunk;
  let facts = chunk.facts;
  const texts = {
    to: members.map((member) => member.phone_number),
    members: members.map((member) => ({ listId, contactId: member.contact_id })),
    from: '',
    body: forwarded(job.text),
    source: 'rule.group',
    verbatim: true,
    cut: true,
  };
  await sendTexts(parts, job, texts, async (run, rows) => {
    facts = counted(chunk.facts, rows);
    await advance(parts, run, job, { progress: chunk.place, facts });
    if (chunk.last) await job.end(run, endingOf(listId, facts));
  });
  return facts;
}

async function advance(
  { clock }: JobParts,
  run: Runner,
  { action, leaseMs }: Job,
  to: { progress: number; facts: ActionFacts },
): Promise<void> {
  if (!(await advanceAction(run, action, { ...to, until: clock.now() + leaseMs }))) throw new Lost();
}

const counted = (facts: ActionFacts, rows: readonly NewMessage[]): ActionFacts => ({
  ...facts,
  sent: (facts.sent ?? 0) + rows.filter(({ refusal }) => refusal === null).length,
  refused: (facts.refused ?? 0) + rows.filter(({ refusal }) => refusal !== null).length,
});

function endingOf(listId: number, facts: ActionFacts): Ending {
  const { sent = 0, refused = 0 } = facts;
  if (sent === 0 && refused === 0) return failed(`List ${listId} has nobody to forward to with a phone number.`);
  return sent === 0 ? failed(told(facts)) : done(told(facts));
}

const told = ({ sent = 0, refused = 0 }: ActionFacts): string =>
  `Forwarded to ${sent} ${sent === 1 ? 'contact' : 'contacts'}${refused > 0 ? `; ${refused} were refused, as the history says (opted out, no credit …)` : ''}.`;
