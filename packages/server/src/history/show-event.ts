import type { Happening } from '../events/read-events.ts';
import type { NamedMessage } from '../events/store.ts';
import { showMessageId } from '../messages/ids.ts';
import { channelName } from '../messages/message.ts';
import { Status, showStatus } from '../messages/status.ts';

/** What is told of one thing that happened, by the stream and by the pages alike. Times in Unix seconds. */
export function showEvent(happening: Happening): { at: number } & Record<string, unknown> {
  const at = Math.floor(happening.at / 1_000);
  const { kind, message } = happening;
  // Facts are for people to read as they are, but may not pass for another event.
  if (message === null) return Object.assign({ kind, at }, happening.facts, { kind, at });
  const status = message.status as Status;
  // A message comes back to the queue only after an attempt.
  const attempts = status === Status.queued ? 1 : 0;
  const shown = showStatus({ status, attempts, scheduled: false, errorCode: message.errorCode, refusal: null });
  return {
    message_id: showMessageId(message.id),
    status: shown.status,
    status_code: shown.status_code,
    status_text: shown.status_text,
    error_code: shown.error,
    delivered: status === Status.delivered,
    at,
    ...(message.named && nameOf(message.named, status)),
  };
}

const TROUBLE: readonly Status[] = [Status.failed, Status.expired, Status.unknown, Status.partial];

/** Which of the account's messages it is, and, where it did not simply go, why: in the carrier's words or ours. */
const nameOf = ({ channel, custom_string, words }: NamedMessage, status: Status) => ({
  message_type: channelName(channel),
  ...(custom_string === '' ? {} : { custom_string }),
  ...(TROUBLE.includes(status) && words ? { reason: words } : {}),
});
