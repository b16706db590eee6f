import type { Clock } from '@veredus/protocols/clock';
import { type ReplyReader, replyReader } from '../inbound/read-replies.ts';
import { storeInbound } from '../inbound/store.ts';
import { Channel } from '../messages/message.ts';
import { openSmsc, type Smsc } from '../sandbox/smsc.ts';
import { openWayOut, type WayOut, type WayParts } from './way-out.ts';

/** The number that stands for "shared" in the sandbox: one of those that are never given to anybody. */
export const SANDBOX_NUMBER = '+61491570006';

/** The pretend centre, where no carrier is set. */
export async function openSandboxSmsc(
  { random, log }: Pick<SmsWayParts, 'random' | 'log'>,
  clock: Clock,
): Promise<Smsc> {
  const password = Buffer.from(random.bytes(4)).toString('hex');
  return openSmsc({ clock, random, log, systemId: 'sandbox', password });
}

/** How SMS leave this node, and how their receipts and replies come back. */
export interface SmsWay extends WayOut {
  replies: ReplyReader;
}

export interface SmsWayParts extends WayParts {
  /** Null where a real carrier is set. */
  smsc: Smsc | null;
  /** Whole texts from handsets were stored. */
  textsStored(): void;
}

/** @throws StartRefused for a carrier URL that cannot be used. */
export async function openSmsWay(parts: SmsWayParts): Promise<SmsWay> {
  const { config, clock, db, newId, smsc, log } = parts;
  const replies = replyReader({ pool: db.enginePool, clock, log, textsStored: parts.textsStored });
  const out = await openWayOut(parts, {
    channel: Channel.sms,
    sends: 'sms',
    carrierUrl: smsc ? smsc.url : config.smsCarrier!,
    setting: 'VEREDUS_SMS_CARRIER',
    sandboxName: smsc ? 'sandbox' : null,
    async inbound(messages, carrierId) {
      await storeInbound(db.enginePool, messages, { carrierId, at: clock.now(), newId });
      replies.wake();
    },
  });
  return { ...out, replies };
}
