import type { MessageStatus } from '@veredus/contract/codes';
import { passedWords, type Scheduled } from './judge-schedule.ts';

/** What to do about a message that was refused, by its status; for models. */
const remedies: Partial<Record<MessageStatus, string>> = {
  MISSING_CREDENTIALS: 'connect the account again.',
  ACCOUNT_NOT_ACTIVATED: 'the account has to be activated by its owner.',
  INVALID_RECIPIENT: 'check the number: + and country code, and a number that exists; or the person has opted out.',
  THROTTLED:
    'the same text went there a moment ago, so it was very likely sent already: look at the history, do not repeat it.',
  INVALID_SENDER_ID: 'leave from out, or give a number of the account or 3 to 11 letters and digits.',
  INSUFFICIENT_CREDIT: 'the balance is too low: the account has to be topped up first.',
  INVALID_CREDENTIALS: 'connect the account again.',
  COUNTRY_NOT_ENABLED: 'the country has to be enabled in the settings of the account.',
  REGISTRATION_NEEDED: 'the country asks for a registered sender: use one of those the account has registered.',
  EMPTY_MESSAGE: 'give the message a body.',
  TOO_MANY_RECIPIENTS: 'split the call: 1000 recipients fit in one.',
  MISSING_REQUIRED_FIELDS: 'give every required field.',
  INVALID_SCHEDULE: 'schedule takes unix seconds of a time to come, not too far ahead.',
  INTERNAL_ERROR: 'a fault of the platform: look at the history before you try again.',
  SUBJECT_REQUIRED: 'give the message a subject.',
  INVALID_MEDIA_FILE: 'give the public URL of a jpg or gif of at most 250 kB.',
  INVALID_RETURN_ADDRESS: 'give the id of a return address of the account.',
};

const NAMED = 5;

interface Judgement {
  error: string | null;
  warnings: string[];
}

/**
 * Judges what a send (or a price) answered for each message: nothing accepted is an error, a part of it a warning, and so is a
 * time that had passed. An answer of another shape is left as it is, since the call itself said that it was a success.
 *
 * @param asked the messages in their order, where their times count.
 */
export function judgeMessages(data: unknown, verb: 'sent' | 'priced', asked: readonly Scheduled[] = []): Judgement {
  const entries = entriesOf(data);
  const refused = entries.filter(({ status }) => status !== 'SUCCESS');
  const passed = firstOf(passedAmong(entries, asked), 'data tells the schedule of each.');
  if (refused.length === 0) return { error: null, warnings: passed };
  const words = firstOf(refused.map(sentence), 'data tells the status of each.');
  if (refused.length === entries.length) {
    const noun = entries.length === 1 ? 'The message was' : `None of the ${entries.length} messages was`;
    return { error: `${noun} ${entries.length === 1 ? 'not ' : ''}${verb}. ${words.join(' ')}`, warnings: [] };
  }
  const accepted = entries.length - refused.length;
  const lead = `${accepted} of ${entries.length} messages ${accepted === 1 ? 'was' : 'were'} ${verb}; repeat none of those.`;
  return { error: null, warnings: [lead, ...words, ...passed] };
}

function firstOf(sentences: readonly string[], ofTheRest: string): string[] {
  const more = sentences.length - NAMED;
  return more > 0 ? [...sentences.slice(0, NAMED), `And ${more} more; ${ofTheRest}`] : [...sentences];
}

/** Messages are answered in their order; where their number is another, it is not known which is which. */
function passedAmong(entries: readonly Entry[], asked: readonly Scheduled[]): string[] {
  if (entries.length !== asked.length) return [];
  return entries.flatMap(({ to, status, whole }, at) => {
    const words = status === 'SUCCESS' ? passedWords(asked[at] ?? {}, whole) : null;
    return words === null ? [] : [`${to}: ${words}`];
  });
}

interface Entry {
  to: string;
  status: string;
  whole: object;
}

function entriesOf(data: unknown): Entry[] {
  if (typeof data !== 'object' || data === null) return [];
  const { messages, recipients } = data as { messages?: unknown; recipients?: unknown };
  const found = Array.isArray(messages) ? messages : recipients;
  if (!Array.isArray(found)) return [];
  return found.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return [];
    const { to, address_name, status } = one as Record<string, unknown>;
    if (typeof status !== 'string') return [];
    return [{ to: String(to ?? address_name ?? 'A recipient').slice(0, 60), status: status.slice(0, 60), whole: one }];
  });
}

function sentence({ to, status }: Entry): string {
  const remedy = Object.hasOwn(remedies, status) ? remedies[status as MessageStatus] : undefined;
  return remedy === undefined ? `${to}: ${status}.` : `${to}: ${status}; ${remedy}`;
}
