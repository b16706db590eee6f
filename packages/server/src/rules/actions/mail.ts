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
  const body = `${textOf(text)}\n${whyOf(job)}`;
  const mail = { to, subject: `SMS from ${text.sender}`, text: body, source: 'rule.email' };
  await sendMail(parts.mail, caller, { ...mail, customString: showMessageId(text.id) }, (run, [row]) =>
    job.end(run, endingOf(row!)),
  );
}

const NO_ADDRESS =
  'The account has no address: its main user needs one. The operator gives it by `veredus user set <username> --email <address>`.';
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

/** Whoever gets a mail from this server is told whose it is, and why it comes. */
function whyOf({ action, caller }: Job): string {
  const what = action.kind === 'receipt' ? 'receipts of its messages' : 'texts that are written to it';
  const account = `"${oneLine(caller.account.name)}" (number ${caller.accountId})`;
  return `You get this mail because a rule of the account ${account}, "${oneLine(action.rule_name)}", mails ${what} to this address.
If you do not want it, ask them, or whoever runs this server, to end that.
`;
}

const oneLine = (name: string): string => name.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

const quoted = (body: string | null): string[] => (body === null ? [] : body.split('\n').map((line) => `> ${line}`));

/** EMAIL of a rule for receipts: mails what became of a message. */
export async function mailReceipt(parts: JobParts, job: Job): Promise<void> {
  const { action, caller } = job;
  const to = action.action_address.trim() || (await findAddress(parts.pool, caller.accountId));
  if (to === '') return endAlone(parts, job, failed(NO_ADDRESS));
  const fields = action.facts.receipt ?? {};
  const text = Object.entries(fields).map(([name, value]) => `${name}: ${value ?? ''}`);
  const subject = `${fields.status ?? 'Receipt'}: message to ${action.handset}`;
  const body = `to: ${action.handset}\n${text.join('\n')}\n\n--\n${whyOf(job)}`;
  const mail = { to, subject, text: body, source: 'rule.receipt' };
  await sendMail(parts.mail, caller, { ...mail, customString: showMessageId(action.subject_id) }, (run, [row]) =>
    job.end(run, endingOf(row!)),
  );
}

const endingOf = ({ id, refusal, words, recipient }: NewMessage): Ending =>
  refusal === null
    ? done(
        `Mail to ${recipient} queued as message ${showMessageId(id)}; what became of it is told by the event stream.`,
      )
    : failed(`Not mailed to ${recipient} (${refusal}): ${words}`);
