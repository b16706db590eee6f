import type { Money, Status } from './status.ts';

/** The channels a message can take. The numbers are stored (messages.channel); never renumber. */
export const Channel = { sms: 1, mms: 2, email: 3, fax: 4, letter: 5, voice: 6 } as const;
export type Channel = (typeof Channel)[keyof typeof Channel];

const NAMES = new Map(Object.entries(Channel).map(([name, number]) => [number as number, name]));

/** The name of a channel, as rules, receipts and events write it. */
export const channelName = (channel: number): string => NAMES.get(channel) ?? '';

/** Which traffic goes first. The numbers are stored and order the claims: lower goes first. */
export const Priority = { transactional: 0, campaign: 5 } as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

/** A message as it is accepted: everything that is frozen at that moment. Times in ms, money in micro-units. */
export interface NewMessage {
  /** UUIDv7, lower case. */
  id: string;
  accountId: number;
  userId: number;
  channel: Channel;
  status: Status;
  money: Money;
  priority: Priority;
  createdAt: number;
  /** When it is due; null when nothing is due (claimed at birth, refused). */
  nextAttemptAt: number | null;
  /** The time its sender chose; null = at once. */
  scheduleAt: number | null;
  validUntil: number;
  parts: number;
  priceMicro: number;
  claimToken: number | null;
  recipient: string;
  sender: string;
  /** True where the carrier's shared number stands in for a sender that was not named. */
  sharedSender: boolean;
  country: string;
  body: string;
  customString: string;
  source: string;
  fromEmail: string | null;
  listId: number | null;
  contactId: string | null;
  /** The campaign it belongs to; null = none. */
  campaignId: number | null;
  /** A ClickSend message status such as INVALID_RECIPIENT; null = accepted. */
  refusal: string | null;
  /** Why, in a sentence; null = nothing to say. */
  words: string | null;
}
