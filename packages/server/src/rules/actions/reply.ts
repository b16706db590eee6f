import { slotsOf } from '../../links/slots.ts';
import { findByPhone } from '../../lists/store-contacts.ts';
import { compile, render } from '../../templates/merge.ts';
import { done, failed } from '../action.ts';
import type { ActedText } from '../store-subjects.ts';
import type { Job, JobParts } from './job.ts';
import { sendTexts } from './send-texts.ts';

/**
 * AUTO_REPLY: answers with the rule's body, or else with its address, from the number the handset wrote to. Its placeholders are
 * those of the contact in the list of the message answered; who is none, gets their fallbacks.
 */
export async function autoReply(parts: JobParts, job: Job): Promise<void> {
  const { action, text, caller } = job;
  const template = action.body?.trim() ? action.body : action.action_address;
  const list = text.answered_list;
  const contact = list === null ? null : await findByPhone(parts.pool, caller.accountId, list, text.sender);
  const body = render(compile(template), contact ?? {});
  const from = replySender(text, parts.sharedNumber);
  // An answer is to the list the handset was written to: what he writes next, STOP among it, is about that list still.
  const members = list === null ? undefined : [{ listId: list, contactId: contact?.contact_id ?? null }];
  const verbatim = !slotsOf(template).optOut;
  const to = [text.sender];
  const texts = { to, from, body, source: 'rule.auto-reply', verbatim, cut: false, ...(members && { members }) };
  // The usual sender is for those who were not written to from another.
  const asWritten = { ...caller, account: { ...caller.account, defaultSender: '' } };
  await sendTexts(parts, { ...job, caller: asWritten }, texts, async (run, [reply]) => {
    const { refusal, words } = reply!;
    await job.end(run, refusal === null ? done('Answered.') : failed(`Not answered (${refusal}): ${words}`));
  });
}

/** Empty = the shared number, which is nobody's own. */
function replySender({ recipient, answered_sender, answered_shared }: ActedText, sharedNumber: string): string {
  if (answered_shared || recipient === sharedNumber) return '';
  return answered_sender || recipient;
}
