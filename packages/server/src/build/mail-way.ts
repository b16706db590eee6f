import { findContents } from '../channels/email/store.ts';
import { Channel } from '../messages/message.ts';
import { type Mailbox, openMailbox } from '../sandbox/mailbox.ts';
import { openWayOut, type WayOut, type WayParts } from './way-out.ts';

/** The pretend mail server, where no carrier is set. */
export const openSandboxMailbox = ({
  clock,
  random,
  log,
}: Pick<WayParts, 'clock' | 'random' | 'log'>): Promise<Mailbox> => openMailbox({ clock, random, log });

export interface MailWayParts extends WayParts {
  /** Null where a real carrier is set. */
  mailbox: Mailbox | null;
}

/** How mails leave this node. Nothing comes back by a mail carrier. @throws StartRefused for a carrier URL that cannot be used. */
export function openMailWay(parts: MailWayParts): Promise<WayOut> {
  const { config, db, mailbox } = parts;
  return openWayOut(parts, {
    channel: Channel.email,
    sends: 'email',
    carrierUrl: mailbox ? mailbox.url : config.emailCarrier!,
    setting: 'VEREDUS_EMAIL_CARRIER',
    sandboxName: mailbox ? 'sandbox mailbox' : null,
    async inbound() {},
    contents: (messages) => findContents(db.enginePool, messages),
  });
}
