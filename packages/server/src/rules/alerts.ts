import { callerFor } from '../accounts/act-for.ts';
import { findAddress } from '../accounts/store.ts';
import { type MailParts, sendMail } from '../channels/email/send-mail.ts';
import { isUnavailable } from '../db/patient-pool.ts';
import { Refusal } from '../refusal.ts';
import { type Rounds, rounds } from './rounds.ts';
import { type Alert, clearAlert, dueAlerts } from './store-alerts.ts';

export interface AlertParts extends MailParts {
  log(event: string, facts: Record<string, unknown>): void;
}

const CHUNK = 50;
/** An alert that could not be mailed is left alone so long. */
const REST_MS = 60_000;
/** What one account is mailed within an hour, by each node. Then it is told that there is more, and of that no more. */
export const ALERTS = 20;
const HOUR_MS = 3_600_000;

/** Another node has mailed it: ours is undone. */
class Mailed extends Error {}

/** Mails alerts to the main user of their account: one mail each, stored in the transaction that says it is, and no flood of them. */
export function alertMailer(parts: AlertParts): Rounds {
  const resting = new Map<number, number>();
  const restingNow = () => {
    const now = parts.clock.monotonic();
    for (const [id, until] of resting) if (until <= now) resting.delete(id);
    return [...resting.keys()];
  };

  const mailed = hourly(parts.clock);
  const mailAll = async (stopping: () => boolean) => {
    for (;;) {
      const alerts = await dueAlerts(parts.pool, restingNow(), CHUNK);
      for (const alert of alerts) {
        if (stopping()) return;
        try {
          await mailOne(parts, alert, mailed.of(alert.account_id));
          mailed.add(alert.account_id);
        } catch (error) {
          if (error instanceof Mailed) continue;
          if (isUnavailable(error)) throw error;
          // Refused as a whole it would be tomorrow as well.
          if (error instanceof Refusal) await clearAlert(parts.pool, alert.event_id);
          parts.log('alert.failed', { event: alert.event_id, error: (error as Error).message });
          resting.set(alert.event_id, parts.clock.monotonic() + REST_MS);
        }
      }
      if (alerts.length < CHUNK) return;
    }
  };
  return rounds(mailAll, (error) => parts.log('alert.round-failed', { error: error.message }));
}

/** How often something was done for an account, within an hour of the first time. */
function hourly(clock: AlertParts['clock']) {
  const counts = new Map<number, { until: number; count: number }>();
  const of = (accountId: number): number => {
    for (const [id, { until }] of counts) if (until <= clock.monotonic()) counts.delete(id);
    return counts.get(accountId)?.count ?? 0;
  };
  return {
    of,
    add(accountId: number) {
      const count = of(accountId) + 1;
      const until = counts.get(accountId)?.until ?? clock.monotonic() + HOUR_MS;
      counts.set(accountId, { until, count });
    },
  };
}

const MORE: Alert['facts'] = {
  subject: 'More needs your attention than is mailed',
  text: `There were more than ${ALERTS} alerts for this account within an hour. Those that follow within this hour are not mailed.

What they are about is in the event stream, GET /v3/events, and, of rules, in what each did: GET /v3/automations/sms/inbound/{id}/actions.
`,
};

async function mailOne(parts: AlertParts, alert: Alert, before: number): Promise<void> {
  const { event_id: event, account_id: accountId } = alert;
  const facts = before === ALERTS ? MORE : alert.facts;
  const caller = await callerFor(parts.pool, { accountId });
  const to = caller === null ? '' : await findAddress(parts.pool, accountId);
  const subject = String(facts.subject ?? 'Something needs your attention');
  if (caller === null || to === '') {
    if (await clearAlert(parts.pool, event)) parts.log('alert.nobody', { event, account: accountId, subject });
    return;
  }
  if (before > ALERTS) {
    if (await clearAlert(parts.pool, event)) parts.log('alert.left-out', { event, account: accountId, subject });
    return;
  }
  const mail = { to, subject, text: String(facts.text ?? subject), source: 'alert', customString: `event-${event}` };
  const { rows } = await sendMail(parts, caller, mail, async (run) => {
    if (!(await clearAlert(run, event))) throw new Mailed();
  });
  const [row] = rows;
  if (row?.refusal) parts.log('alert.refused', { event, account: accountId, why: row.words });
}
