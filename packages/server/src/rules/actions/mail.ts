import { findAddress } from '../../accounts/store.ts';
import { sendMail } from '../../channels/email/send-mail.ts';
import { showMessageId } from '../../messages/ids.ts';
import type { NewMessage } from '../../messages/message.ts';
import { done, type Ending, failed } from '../action.ts';
import type { ActedText } from '../store-subjects.ts';
import { endAlone, type Job, type JobParts } from './job.ts';

/** EMAIL_USER and EMAIL_FIXED: mails the text to the account's address, or to the rule's. */
export async function mailText(parts: JobParts, job: Job): Promise<void> {
  const { action, caller, text } = job;
  const fixed = action.action === 'EMAIL_FIXED';
  const to = fixed ? action.action_address.trim() : await findAddress(parts.pool, caller.accountId);
  if (to === '') return endAlone(parts, job, failed(fixed ? NO_FIXED : NO_ADDRESS));
  const mail = { to, subject: `SMS from ${text.sender}`, text: textOf(text), source: 'rule.email' };
  await sendMail(parts.mail, caller, { ...mail, customString: showMessageId(text.id) }, (run, [row]) =>
    job.end(run, endingOf(row!)),
  );
}

const NO_ADDRESS = 'The account has no address: its main user needs an email address.';
const NO_FIXED = 'The rule has no address: action_address is empty.';

function textOf(text: ActedText): string {
  const lines = [
    text.body,
    '',
    '--',
    `From: ${text.sender}`,
    `To: ${text.recipient}`,
    `Received: ${new Date(text.received_at).toISOString()}`,
    `Message: ${showMessageId(text.id)}`,
  ];
  if (!text.whole) lines.push('Parts of this text never arrived.');
  if (text.answers_id !== null)
    lines.push(`Answer to: ${showMessageId(text.answers_id)}`, ...quoted(text.original_body));
  return `${lines.join('\n')}\n`;
}

const quoted = (body: string | null): string[] => (body === null ? [] : body.split('\n').map((line) => `> ${line}`));

/** EMAIL of a rule for receipts: mails what became of a message. */
export async function mailReceipt(parts: JobParts, job: Job): Promise<void> {
  const { action, caller } = job;
  const to = action.action_address.trim() || (await findAddress(parts.pool, caller.accountId));
  if (to === '') return endAlone(parts, job, failed(NO_ADDRESS));
  const fields = action.facts.receipt ?? {};
  const text = Object.entries(fields).map(([name, value]) => `${name}: ${value ?? ''}`);
  const subject = `${fields.status ?? 'Receipt'}: message to ${action.handset}`;
  const mail = { to, subject, text: `to: ${action.handset}\n${text.join('\n')}\n`, source: 'rule.receipt' };
  await sendMail(parts.mail, caller, { ...mail, customString: showMessageId(action.subject_id) }, (run, [row]) =>
    job.end(run, endingOf(row!)),
  );
}

const endingOf = ({ refusal, words, recipient }: NewMessage): Ending =>
  refusal === null ? done(`Mailed to ${recipient}.`) : failed(`Not mailed to ${recipient} (${refusal}): ${words}`);
