import type { NewMessage } from '../../messages/message.ts';
import { done, type Ending, failed, stopped } from '../action.ts';
import { readNumbers } from '../actions.ts';
import { endAlone, type Job, type JobParts } from './job.ts';
import { forwarded, sendTexts } from './send-texts.ts';

/** SMS: forwards the text to every number of the rule's address, but never back to who wrote it. */
export async function forwardSms(parts: JobParts, job: Job): Promise<void> {
  const { action, text, caller } = job;
  const { numbers, wrong } = readNumbers(action.action_address, caller.account.country);
  const to = numbers.filter((number) => number !== text.sender);
  if (to.length === 0) return endAlone(parts, job, nobody(numbers, wrong));
  const texts = { to, from: '', body: forwarded(text), source: 'rule.forward', verbatim: true, cut: true };
  await sendTexts(parts, job, texts, (run, rows) => job.end(run, endingOf(rows)));
}

function nobody(numbers: readonly string[], wrong: readonly string[]): Ending {
  if (numbers.length > 0) return stopped('The only number to forward to is the one that wrote.');
  if (wrong.length > 0) return failed(`action_address holds no telephone number: ${wrong.join(', ').slice(0, 100)}.`);
  return failed('action_address holds no telephone number.');
}

function endingOf(rows: readonly NewMessage[]): Ending {
  const refused = rows.filter(({ refusal }) => refusal !== null);
  const why = refused.map(({ recipient, refusal, words }) => `${recipient} (${refusal}): ${words}`).join(' ');
  if (refused.length === rows.length) return failed(`Not forwarded to ${why}`);
  const sent = rows.filter(({ refusal }) => refusal === null).map(({ recipient }) => recipient);
  return done(`Forwarded to ${sent.join(', ')}.${why ? ` Not to ${why}` : ''}`);
}
