import type { CampaignStatus, campaignStates } from '@veredus/contract/endpoints/sms-campaign';

/** Where a campaign stands. The numbers are stored (campaigns.state); never renumber. Pausing is beside it (paused_at). */
export const CampaignState = {
  /** Waits for its time; may be changed and cancelled. */
  scheduled: 1,
  /** Launched: its audience and its price are taken. */
  sending: 2,
  /** Every recipient has left the queue. */
  sent: 3,
  cancelled: 4,
  /** It could not be launched; the row says why. */
  failed: 5,
  /** Its time was missed by too much: somebody has to say that it should still go. */
  held: 6,
} as const;

export type CampaignState = (typeof CampaignState)[keyof typeof CampaignState];

type Word = (typeof campaignStates)[number];

/** What of a campaign says where it stands. */
export interface Standing {
  state: number;
  paused_at: number | null;
  expanded: number;
}

export function stateWord({ state, paused_at }: Standing): Word {
  if (paused_at !== null && (state === CampaignState.sending || state === CampaignState.scheduled)) return 'paused';
  return WORDS[state as CampaignState];
}

const WORDS: Record<CampaignState, Word> = {
  [CampaignState.scheduled]: 'scheduled',
  [CampaignState.sending]: 'sending',
  [CampaignState.sent]: 'sent',
  [CampaignState.cancelled]: 'cancelled',
  [CampaignState.failed]: 'failed',
  [CampaignState.held]: 'held',
};

/** In ClickSend's words, which know neither pausing nor holding: both wait for somebody's word. */
export function statusOf(standing: Standing): CampaignStatus {
  const word = stateWord(standing);
  if (word === 'sending') return standing.expanded === 0 ? 'Queued' : 'Sending';
  return STATUS[word];
}

const STATUS: Record<Exclude<Word, 'sending'>, CampaignStatus> = {
  scheduled: 'Scheduled',
  paused: 'WaitApproval',
  held: 'WaitApproval',
  sent: 'Sent',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

/** Every standing there is, for searching by status: a word of ClickSend's leads to those that show it. */
export const STANDINGS: readonly Standing[] = Object.values(CampaignState).flatMap((state) => [
  { state, paused_at: null, expanded: 0 },
  { state, paused_at: null, expanded: 1 },
  { state, paused_at: 1, expanded: 0 },
  { state, paused_at: 1, expanded: 1 },
]);
