import type { Caller } from '../../accounts/caller.ts';
import type { MailParts } from '../../channels/email/send-mail.ts';
import type { SmsParts } from '../../channels/sms/send.ts';
import type { Runner } from '../../db/runner.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Ending, TakenAction } from '../action.ts';
import type { ActedText } from '../store-subjects.ts';

export interface JobParts extends SmsParts {
  mail: MailParts;
  log(event: string, facts: Record<string, unknown>): void;
}

/** An action in the hands of this node. */
export interface Job {
  action: TakenAction;
  /** The text it is about; of actions for receipts there is none. */
  text: ActedText;
  caller: Caller;
  /** Says how it ended, in the transaction of its effect; throws where another has taken it, which undoes that. */
  end(run: Runner, ending: Ending): Promise<void>;
}

/** Another node has taken the action: what was about to be done is undone. */
export class Lost extends Error {}

/** Ends an action that has no effect. */
export async function endAlone({ pool }: JobParts, job: Job, ending: Ending): Promise<void> {
  await inTransaction(pool, (run) => job.end(run, ending));
}
