import MailComposer from 'nodemailer/lib/mail-composer';
import type { Outgoing } from '../../messages/carrier.ts';
import type { SmtpSettings } from './settings.ts';

/**
 * The Message-ID of a message, without its brackets. It is the same at every attempt, so that whoever gets a mail twice can
 * see that it is one, and a bounce that quotes it can be matched.
 */
export const messageIdOf = (id: string, settings: Pick<SmtpSettings, 'from'>): string =>
  `${id}@${settings.from.slice(settings.from.lastIndexOf('@') + 1)}`;

/** The mail as it goes over the wire, before dots are stuffed. */
export function composeMail(message: Outgoing, settings: SmtpSettings, now: number): Promise<Buffer> {
  const composer = new MailComposer({
    // As objects, so that nothing in them is read as a list of addresses.
    from: { name: settings.fromName, address: message.sender || settings.from },
    to: { name: '', address: message.recipient },
    subject: message.content?.subject ?? '',
    text: message.body,
    messageId: `<${messageIdOf(message.id, settings)}>`,
    date: new Date(now),
    // All there is are notices of an account's rules: an answering machine must not answer them (RFC 3834 §5).
    headers: { 'Auto-Submitted': 'auto-generated' },
    // A text is a text, whatever it looks like.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
