import { callerFor } from '../accounts/act-for.ts';
import { isUnavailable } from '../db/patient-pool.ts';
import type { Runner } from '../db/runner.ts';
import { inTransaction } from '../db/transaction.ts';
import { recordEvent } from '../events/record.ts';
import { Refusal } from '../refusal.ts';
import { ActionState, type Ending, FAULT, failed, type TakenAction } from './action.ts';
import { createContact, moveContact } from './actions/contacts.ts';
import { forwardSms } from './actions/forward.ts';
import { forwardToList } from './actions/group.ts';
import { type Job, type JobParts, Lost } from './actions/job.ts';
import { mailReceipt, mailText } from './actions/mail.ts';
import { autoReply } from './actions/reply.ts';
import { failedEvent } from './events.ts';
import { endAction, putOff, takeActions } from './store-actions.ts';
import { findActedText } from './store-subjects.ts';
import { noSuchAction } from './want.ts';

export interface ActionDoer {
  wake(): void;
  /** Takes what is due, as far as there is room. Resolves when it is taken, not when it is done. */
  takeUp(): Promise<void>;
  /** Resolves when nothing is due and nothing runs here. */
  run(): Promise<void>;
  stop(): Promise<void>;
}

/** Actions of one node at a time, and of one account among them. Forwards to lists, each chunk a thousand messages, are apart. */
const LANES = [
  { toLists: false, places: 14, each: 4 },
  { toLists: true, places: 2, each: 1 },
] as const;
/** Whoever took an action and fell silent has it no longer than that. */
const LEASE_MS = 60_000;
/** What goes wrong for no fault of the rule's is tried again so much later, and so on… */
const RETRY_MS = [1_000, 5_000, 30_000, 120_000, 600_000];
/** …until it is too old to be of any use. */
const GIVE_UP_MS = 24 * 3_600_000;

type Act = (parts: JobParts, job: Job) => Promise<void>;

const ACTS: Readonly<Record<string, Act>> = {
  'inbound AUTO_REPLY': autoReply,
  'inbound EMAIL_USER': mailText,
  'inbound EMAIL_FIXED': mailText,
  'inbound SMS': forwardSms,
  'inbound GROUP_SMS': forwardToList,
  'inbound MOVE_CONTACT': moveContact,
  'inbound CREATE_CONTACT': createContact,
  'inbound CREATE_CONTACT_PLUS_NAME': createContact,
  'inbound CREATE_CONTACT_PLUS_EMAIL': createContact,
  'inbound CREATE_CONTACT_PLUS_NAME_EMAIL': createContact,
  'receipt EMAIL': mailReceipt,
};

/** Does the actions that wait, each in one transaction with its effect; several at once, so that a long one holds up nobody. */
export function actionDoer(parts: JobParts): ActionDoer {
  const { pool, clock } = parts;
  const lanes = LANES.map((lane) => ({ ...lane, running: new Map<number, number>() }));
  const running = new Set<Promise<void>>();
  /** The last of those that wait for each other. */
  const lines = new Map<string, Promise<void>>();
  let stopping = false;
  let asked = false;
  let taking: Promise<void> | null = null;

  const take = async () => {
    while (asked && !stopping) {
      asked = false;
      for (const lane of lanes) await fill(lane);
    }
  };
  const fill = async (lane: Lane) => {
    for (let room = roomIn(lane); room > 0 && !stopping; room = roomIn(lane)) {
      const now = clock.now();
      const taken = await takeActions(pool, { ...lane, now, until: now + LEASE_MS, limit: room });
      for (const action of taken.sort(asTheyWereMade)) start(lane, action);
      if (taken.length < room) return;
    }
  };
  const start = (lane: Lane, action: TakenAction) => {
    const line = lineOf(action);
    const before = lines.get(line) ?? Promise.resolve();
    count(lane.running, action.account_id, 1);
    const work = before
      .then(() => perform(parts, action))
      .finally(() => {
        running.delete(work);
        count(lane.running, action.account_id, -1);
        if (lines.get(line) === work) lines.delete(line);
        wake();
      });
    running.add(work);
    lines.set(line, work);
  };
  const takeUp = (): Promise<void> => {
    asked = true;
    taking ??= take().finally(() => {
      taking = null;
      if (asked && !stopping) wake();
    });
    return taking;
  };
  const wake = () => {
    if (!stopping) takeUp().catch((error: Error) => parts.log('rules.round-failed', { error: error.message }));
  };
  return {
    wake,
    takeUp,
    async run() {
      await takeUp();
      while (running.size > 0) {
        await Promise.all(running);
        await taking;
      }
    },
    async stop() {
      stopping = true;
      await taking?.catch(() => {});
      await Promise.all(running);
    },
  };
}

interface Lane {
  toLists: boolean;
  places: number;
  each: number;
  /** By account. */
  running: Map<number, number>;
}

function roomIn({ places, running }: Lane): number {
  let taken = 0;
  for (const count of running.values()) taken += count;
  return places - taken;
}

function count(running: Map<number, number>, accountId: number, by: 1 | -1): void {
  const now = (running.get(accountId) ?? 0) + by;
  if (now === 0) running.delete(accountId);
  else running.set(accountId, now);
}

const asTheyWereMade = (a: TakenAction, b: TakenAction): number => (a.action_id < b.action_id ? -1 : 1);

/** Answers to one handset go one after the other, so that they come as the texts and the rules did; all else goes at once. */
const lineOf = ({ account_id, action, action_id, handset }: TakenAction): string =>
  action === 'AUTO_REPLY' ? `${account_id} ${handset}` : action_id;

/** Never throws: whatever goes wrong with one action is that action's. */
async function perform(parts: JobParts, action: TakenAction): Promise<void> {
  try {
    const job = await jobOf(parts, action);
    if ('outcome' in job) await inTransaction(parts.pool, (run) => end(parts, run, action, job));
    else await (ACTS[`${action.kind} ${action.action}`] as Act)(parts, job);
  } catch (error) {
    if (error instanceof Lost) return;
    await settle(parts, action, error as Error).catch((failure: Error) =>
      parts.log('rule.unsettled', { action: action.action_id, error: failure.message }),
    );
  }
}

/** What an action needs to be done, or why it cannot be. */
async function jobOf(parts: JobParts, action: TakenAction): Promise<Job | Ending> {
  if (!(`${action.kind} ${action.action}` in ACTS)) return noSuchAction(action.action);
  const caller = await callerFor(parts.pool, { accountId: action.account_id });
  if (caller === null) return failed('The account is not active.');
  const text = action.kind === 'inbound' ? await findActedText(parts.pool, action.account_id, action.subject_id) : null;
  if (action.kind === 'inbound' && text === null) return failed('The text is gone.');
  // A rule says the same to many, and that is no client that loops: the loop guard stands for the one against those.
  const account = { ...caller.account, throttleMs: 0 };
  return {
    action,
    text: text!,
    caller: { ...caller, account },
    end: (run, ending) => end(parts, run, action, ending),
  };
}

/** @throws Lost where another has taken the action meanwhile: then its effect must not be. */
async function end(parts: JobParts, run: Runner, action: TakenAction, ending: Ending): Promise<void> {
  const at = parts.clock.now();
  if (!(await endAction(run, action, ending, at))) throw new Lost();
  if (ending.state === ActionState.failed) await recordEvent(run, failedEvent(toldOf(action), ending.outcome, at));
}

const toldOf = (action: TakenAction) => ({
  accountId: action.account_id,
  kind: action.kind,
  ruleId: action.rule_id,
  ruleName: action.rule_name,
  action: action.action,
  subjectId: action.subject_id,
  handset: action.handset,
});

const AWAY = 'The database did not answer.';

/** Ended by its own fault, or tried again later where it is nobody's. The words of a fault are for the log: they may tell of the inside. */
async function settle(parts: JobParts, action: TakenAction, error: Error): Promise<void> {
  const refused = error instanceof Refusal;
  const away = isUnavailable(error);
  if (!refused && !away)
    parts.log('rule.fault', { action: action.action_id, attempt: action.attempts, error: error.message });
  const why = refused ? error.message : away ? AWAY : FAULT;
  const now = parts.clock.now();
  const over = (refused && !isTemporary(error)) || now - action.created_at > GIVE_UP_MS;
  if (over) return inTransaction(parts.pool, (run) => end(parts, run, action, failed(why)));
  const failures = action.attempts - (action.facts.chunks ?? 0);
  const wait = RETRY_MS[Math.min(Math.max(failures, 1), RETRY_MS.length) - 1]!;
  await putOff(parts.pool, action, now + wait, why);
}

const isTemporary = ({ kind }: Refusal): boolean =>
  kind === 'unavailable' || kind === 'in-progress' || kind === 'too-many-requests';
