import type { SmsMessage } from '@veredus/contract/endpoints/sms-message';
import { sendSms } from '../../channels/sms/send.ts';
import type { ListMember } from '../../channels/sms/sms.ts';
import type { CommitJob } from '../../messages/commit.ts';
import { showMessageId } from '../../messages/ids.ts';
import type { ActedText } from '../store-subjects.ts';
import type { Job, JobParts } from './job.ts';

/** What a rule sends by SMS: one text to one or more numbers. */
export interface Texts {
  to: readonly string[];
  from: string;
  body: string;
  source: string;
  members?: readonly ListMember[];
  /** Nothing in it becomes a link. */
  verbatim: boolean;
  /** Somebody else's text: it is cut where it is too long, rather than lost. */
  cut: boolean;
}

/** Sends them in one transaction with `within`. The inbound text's id is their custom_string, so that they can be found by it. */
export async function sendTexts(parts: JobParts, { caller, text }: Job, texts: Texts, within: CommitJob['within']) {
  const { to, from, body, source, members, verbatim, cut } = texts;
  const message: Omit<SmsMessage, 'to'> = {
    list_id: null,
    body,
    from,
    schedule: null,
    custom_string: showMessageId(text.id),
    source,
    country: '',
    from_email: null,
    contact_id: null,
    exclude_no_sender_id_recipients: false,
    fault: body.trim() === '' ? { status: 'EMPTY_MESSAGE', words: 'The text to send is empty.' } : null,
  };
  const messages = to.map((number) => ({ ...message, to: number }));
  const account = { ...caller.account, truncateLong: cut || caller.account.truncateLong };
  return sendSms(
    parts,
    { ...caller, account },
    {
      messages,
      verbatim,
      depth: text.depth,
      key: null,
      ...(members && { members }),
      ...(within && { within }),
    },
  );
}

/** What others are sent of a text: who wrote, and what. */
export const forwarded = ({ sender, body }: ActedText): string => `From ${sender}: ${body}`;
