import type { Runner } from '../../db/runner.ts';
import { inTransaction } from '../../db/transaction.ts';
import { findList } from '../../lists/store-lists.ts';
import { showMessageId } from '../../messages/ids.ts';
import type { NewMessage } from '../../messages/message.ts';
import { type ActionFacts, done, type Ending, failed } from '../action.ts';
import { readListId } from '../actions.ts';
import { advanceAction } from '../store-actions.ts';
import { type Member, membersAfter, servedAmong } from '../store-subjects.ts';
import { endAlone, type Job, type JobParts, Lost } from './job.ts';
import { forwarded, sendTexts } from './send-texts.ts';

/** Messages of one transaction. */
const CHUNK = 1_000;

/**
 * GROUP_SMS: forwards the text to the next contacts of a list, each number once and not to who wrote it, in one transaction with
 * the place it is at. Then it waits for its turn again, so that a long list holds up no other; it goes on anywhere without
 * losing or doubling anybody.
 */
export async function forwardToList(parts: JobParts, job: Job): Promise<void> {
  const { action, text, caller } = job;
  const { facts, progress } = action;
  const listId = readListId(action.action_address);
  if (listId === null) return endAlone(parts, job, failed('action_address is not the id of a list.'));
  if ((await findList(parts.pool, caller.accountId, listId)) === null)
    return endAlone(parts, job, failed(`List ${listId} is gone. ${told(facts)}`));
  const list = { accountId: caller.accountId, listId };
  const members = await membersAfter(parts.pool, list, { after: progress ?? 0, except: text.sender, limit: CHUNK });
  if (members.length === 0) return endAlone(parts, job, endingOf(listId, facts));
  const place = { listId, after: members.at(-1)!.contact_id, last: members.length < CHUNK };
  await forwardChunk(parts, job, { ...place, members: await unserved(parts, job, members) });
}

const SOURCE = 'rule.group';

/**
 * Each number once. What went to it is looked up among the messages, for the list may be changed while it is forwarded to: a
 * contact that was served may be gone, and one behind may have got his number.
 */
async function unserved({ pool }: JobParts, { caller, text }: Job, members: readonly Member[]): Promise<Member[]> {
  const numbers = members.map((member) => member.phone_number);
  const once = members.filter(({ phone_number }, i) => numbers.indexOf(phone_number) === i);
  const of = { accountId: caller.accountId, customString: showMessageId(text.id), source: SOURCE };
  const served = await servedAmong(
    pool,
    of,
    once.map(({ phone_number }) => phone_number),
  );
  return once.filter(({ phone_number }) => !served.has(phone_number));
}

interface Chunk {
  listId: number;
  members: readonly Member[];
  /** The last contact that was looked at, and whether it was the list's last. */
  after: number;
  last: boolean;
}

async function forwardChunk(parts: JobParts, job: Job, { listId, members, after, last }: Chunk): Promise<void> {
  const texts = {
    to: members.map((member) => member.phone_number),
    members: members.map((member) => ({ listId, contactId: member.contact_id })),
    from: '',
    body: forwarded(job.text),
    source: SOURCE,
    verbatim: true,
    cut: true,
  };
  const advance = async (run: Runner, rows: readonly NewMessage[]) => {
    const facts = counted(job.action.facts, rows, last);
    if (!(await advanceAction(run, job.action, { progress: after, facts, dueAt: parts.clock.now() }))) throw new Lost();
    if (last) await job.end(run, endingOf(listId, facts));
  };
  if (members.length === 0) await inTransaction(parts.pool, (run) => advance(run, []));
  else await sendTexts(parts, job, texts, advance);
}

const counted = (facts: ActionFacts, rows: readonly NewMessage[], last: boolean): ActionFacts => ({
  ...facts,
  sent: (facts.sent ?? 0) + rows.filter(({ refusal }) => refusal === null).length,
  chunks: (facts.chunks ?? 0) + (last ? 0 : 1),
  refused: (facts.refused ?? 0) + rows.filter(({ refusal }) => refusal !== null).length,
});

function endingOf(listId: number, facts: ActionFacts): Ending {
  const { sent = 0, refused = 0 } = facts;
  if (sent === 0 && refused === 0) return failed(`List ${listId} has nobody to forward to with a phone number.`);
  return sent === 0 ? failed(told(facts)) : done(told(facts));
}

const told = ({ sent = 0, refused = 0 }: ActionFacts): string =>
  `Forwarded to ${sent} ${sent === 1 ? 'contact' : 'contacts'}${refused > 0 ? `; ${refused} were refused, as the history says (opted out, no credit …)` : ''}.`;
