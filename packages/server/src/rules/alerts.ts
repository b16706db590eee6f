import { callerFor } from '../accounts/act-for.ts';
import { findAddress } from '../accounts/store.ts';
import { type MailParts, sendMail } from '../channels/email/send-mail.ts';
import { isUnavailable } from '../db/patient-pool.ts';
import { type Rounds, rounds } from './rounds.ts';
import { type Alert, clearAlert, dueAlerts } from './store-alerts.ts';

export interface AlertParts extends MailParts {
  log(event: string, facts: Record<string, unknown>): void;
}

const CHUNK = 50;
/** An alert that could not be mailed is left alone so long. */
const REST_MS = 60_000;

/** Another node has mailed it: ours is undone. */
class Mailed extends Error {}

/** Mails alerts to the main user of their account: one mail each, stored in the transaction that says it is. */
export function alertMailer(parts: AlertParts): Rounds {
  const resting = new Map<number, number>();
  const restingNow = () => {
    const now = parts.clock.monotonic();
    for (const [id, until] of resting) if (until <= now) resting.delete(id);
    return [...resting.keys()];
  };

  const mailAll = async (stopping: () => boolean) => {
    for (;;) {
      const alerts = await dueAlerts(parts.pool, restingNow(), CHUNK);
      for (const alert of alerts) {
        if (stopping()) return;
        try {
          await mailOne(parts, alert);
        } catch (error) {
          if (error instanceof Mailed) continue;
          if (isUnavailable(error)) throw error;
          parts.log('alert.failed', { event: alert.event_id, error: (error as Error).message });
          resting.set(alert.event_id, parts.clock.monotonic() + REST_MS);
        }
      }
      if (alerts.length < CHUNK) return;
    }
  };
  return rounds(mailAll, (error) => parts.log('alert.round-failed', { error: error.message }));
}

async function mailOne(parts: AlertParts, alert: Alert): Promise<void> {
  const { event_id: event, account_id: accountId, facts } = alert;
  const caller = await callerFor(parts.pool, { accountId });
  const to = caller === null ? '' : await findAddress(parts.pool, accountId);
  const subject = String(facts.subject ?? 'Something needs your attention');
  if (caller === null || to === '') {
    if (await clearAlert(parts.pool, event)) parts.log('alert.nobody', { event, account: accountId, subject });
    return;
  }
  const mail = { to, subject, text: String(facts.text ?? subject), source: 'alert', customString: `event-${event}` };
  const { rows } = await sendMail(parts, caller, mail, async (run) => {
    if (!(await clearAlert(run, event))) throw new Mailed();
  });
  const [row] = rows;
  if (row?.refusal) parts.log('alert.refused', { event, account: accountId, why: row.words });
}
