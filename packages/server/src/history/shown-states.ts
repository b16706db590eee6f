import { type MessageStatus, messageStatusNames } from '@veredus/contract/codes';
import { type DeliveryError, errorCodes } from '@veredus/contract/statuses';
import { type Shown, Status, showStatus } from '../messages/status.ts';

/**
 * A stored state as ClickSend's clients see it. A queued message is shown in three ways, told apart by its schedule and
 * its attempts; every other state in one. All of it is asked of showStatus, so the words stand in one table only.
 */
export interface ShownState {
  readonly state: Status;
  /** Null for every state but queued. */
  readonly queuedAs: 'scheduled' | 'retrying' | 'fresh' | null;
  readonly shown: Shown;
}

const plainly = { attempts: 0, scheduled: false, errorCode: null, refusal: null };

export const SHOWN_STATES: readonly ShownState[] = [
  ...queued('scheduled', { ...plainly, scheduled: true }),
  ...queued('retrying', { ...plainly, attempts: 1 }),
  ...queued('fresh', plainly),
  ...(Object.values(Status) as Status[])
    .filter((state) => state !== Status.queued)
    .map((state) => ({ state, queuedAs: null, shown: showStatus({ ...plainly, status: state }) })),
];

function queued(queuedAs: ShownState['queuedAs'], seen: typeof plainly): ShownState[] {
  return [{ state: Status.queued, queuedAs, shown: showStatus({ ...seen, status: Status.queued }) }];
}

/** The states whose `status` or `status_code` contains the text, in any case. */
export function statesWith(field: 'status' | 'status_code', text: string): ShownState[] {
  const wanted = text.toLowerCase();
  return SHOWN_STATES.filter(({ shown }) => shown[field].toLowerCase().includes(wanted));
}

/**
 * What a `status_text` stands for: states, and for refused messages the refusals, since their text ends in the refusal.
 */
export function statesWithText(text: string): { states: ShownState[]; refusals: MessageStatus[] } {
  const wanted = text.toLowerCase();
  const contains = (words: string) => words.toLowerCase().includes(wanted);
  return {
    states: SHOWN_STATES.filter(({ state, shown }) => state !== Status.refused && contains(shown.status_text)),
    refusals: messageStatusNames.filter((refusal) =>
      contains(showStatus({ ...plainly, status: Status.refused, refusal }).status_text),
    ),
  };
}

/** ClickSend's sentence for one of its error numbers; null for a number outside its list. */
export const errorText = (code: number): string | null => errorCodes[code as DeliveryError]?.text ?? null;

/** The error numbers whose sentence contains the text, in any case. */
export function errorsWithText(text: string): number[] {
  const wanted = text.toLowerCase();
  return Object.keys(errorCodes)
    .map(Number)
    .filter((code) => errorText(code)?.toLowerCase().includes(wanted));
}
