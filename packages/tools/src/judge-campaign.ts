import { passedWords, type Scheduled } from './judge-schedule.ts';

interface Judgement {
  error: string | null;
  warnings: string[];
}

const REFUSED = new Set(['Failed', 'Cancelled', 'Draft']);

/** Judges a campaign (or its price): one that will not be sent is an error; one that waits for somebody is worth a warning. */
export function judgeCampaign(data: unknown, asked: Scheduled): Judgement {
  if (typeof data !== 'object' || data === null) return { error: null, warnings: [] };
  const { status, sms_campaign_id, _reason, _warnings, _excluded } = data as Record<string, unknown>;
  const warnings = Array.isArray(_warnings) ? _warnings.filter((word) => typeof word === 'string') : [];
  const excluded = exclusions(_excluded);
  if (excluded !== null) warnings.push(excluded);
  const reason = typeof _reason === 'string' ? ` ${_reason}` : '';
  if (typeof status === 'string' && REFUSED.has(status)) {
    return { error: `Campaign ${sms_campaign_id} is not being sent: its status is ${status}.${reason}`, warnings };
  }
  const passed = passedWords(asked, { schedule: (data as Scheduled).schedule });
  if (passed !== null) warnings.push(`Campaign ${sms_campaign_id}: ${passed}`);
  if (status === 'WaitApproval') {
    warnings.push(`Campaign ${sms_campaign_id} waits until somebody lets it go on.${reason}`);
  }
  return { error: null, warnings };
}

/** Contacts that are left out, by reason: `{opted_out: 2}`. */
function exclusions(raw: unknown): string | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const counts = Object.entries(raw).filter(([, count]) => typeof count === 'number' && count > 0);
  if (counts.length === 0) return null;
  return `Contacts of the list that are left out: ${counts.map(([why, count]) => `${count} ${why.replaceAll('_', ' ')}`).join(', ')}.`;
}
