import type { Caller } from '../../accounts/caller.ts';
import { storable } from '../../db/storable.ts';
import { mailAddress } from '../../email-address.ts';
import { type Accepted, type AcceptParts, accept, type Draft } from '../../messages/accept.ts';
import type { CommitJob } from '../../messages/commit.ts';
import { Channel, Priority } from '../../messages/message.ts';
import { Refusal } from '../../refusal.ts';
import { insertContents } from './store.ts';

/** A notice repeats nothing its rule has not been asked to repeat: the guard against looping clients has no say here. */
export type MailParts = Omit<AcceptParts, 'guard'>;

/** One plain text mail to one address. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** What sent it, e.g. `rule`. */
  source: string;
  customString?: string;
}

/** A mail server that is away over a weekend delays a mail and does not lose it. */
const VALIDITY_MS = 72 * 3_600_000;
/** RFC 5322 §2.1.1 wants header lines below 998 octets; people read some 60 characters. */
const LONGEST_SUBJECT = 200;
const LONGEST_TEXT = 256 * 1024;
/** As every channel's: longer ones would not fit an index entry. */
const LONGEST_CUSTOM_STRING = 500;
const LONGEST_SOURCE = 64;
const LONGEST_SHOWN = 254;

const NOTHING_REPEATS = {
  judge: (_account: number, messages: readonly unknown[]) => messages.map(() => false),
  forget: () => {},
};

/**
 * Accepts one mail, by the way of every message: it is stored with its subject, or nothing is. It costs nothing: what there
 * is so far are the notices of an account's own rules, which the account did not order one by one. An address that is none
 * is answered as a refused message, not thrown.
 */
export async function sendMail(
  parts: MailParts,
  caller: Caller,
  mail: Mail,
  within?: CommitJob['within'],
): Promise<Accepted> {
  if (mail.text.length > LONGEST_TEXT)
    throw new Refusal('bad-request', `The text of a mail may have ${LONGEST_TEXT} characters at most.`, {
      fields: { text: `has more than ${LONGEST_TEXT} characters` },
    });
  const subject = oneLine(mail.subject);
  return accept({ ...parts, guard: NOTHING_REPEATS }, caller, [draftMail(mail)], {
    channel: Channel.email,
    priority: Priority.transactional,
    validityMs: VALIDITY_MS,
    key: null,
    async within(run, rows) {
      const contents = rows.map((row) => ({ accountId: row.accountId, messageId: row.id, subject }));
      await insertContents(run, contents);
      await within?.(run, rows);
    },
  });
}

function draftMail(mail: Mail): Draft {
  const address = mailAddress(mail.to);
  return {
    recipient: address ?? cut(oneLine(mail.to), LONGEST_SHOWN),
    // The carrier's own address.
    sender: '',
    sharedSender: true,
    country: '',
    body: storable(mail.text),
    parts: 1,
    priceMicro: 0,
    scheduleAt: null,
    customString: cut(storable(mail.customString ?? ''), LONGEST_CUSTOM_STRING),
    source: cut(storable(mail.source), LONGEST_SOURCE),
    fromEmail: null,
    listId: null,
    contactId: null,
    refusal: address === null ? 'INVALID_RECIPIENT' : null,
    words: address === null ? 'to is not one email address like ana@example.com.' : null,
  };
}

/** A header cannot hold line breaks; whatever else is no character of a line goes with them. */
function oneLine(text: string): string {
  const line = storable(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return cut(line, LONGEST_SUBJECT);
}

/** By code points, so that no pair is parted. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : [...text].slice(0, most).join('');
}
