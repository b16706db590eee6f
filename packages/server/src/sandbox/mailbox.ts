import type { AddressInfo } from 'node:net';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { mailBehaviourOf } from './mail-sentinels.ts';
import { Mails } from './mails.ts';

export interface MailboxParts {
  clock: Clock;
  random: Random;
  log(event: string, facts: Record<string, unknown>): void;
}

/** A mail as the sandbox's API shows it. */
export interface MailboxMail {
  id: string;
  message_id: string;
  from: string;
  to: string;
  subject: string;
  text: string;
  /** Unix seconds. */
  received_at: number;
  /** Bytes of its raw form. */
  size: number;
}

export interface Mailbox {
  /** How a carrier reaches it. Holds the password. */
  readonly url: string;
  /** The newest last; of one recipient, or all. */
  list(to: string | null): MailboxMail[];
  /** As it came, byte for byte. */
  raw(id: string): Buffer | null;
  close(): Promise<void>;
}

const LARGEST_BYTES = 25 * 1024 * 1024;
/** Mails put off whose second try is awaited. */
const MOST_DEFERRED = 1_000;
const USER = 'sandbox';

/**
 * A mail server of our own on the loopback: real SMTP, one pretend mailbox for everybody. What it does with a mail depends on
 * its recipient alone (mail-sentinels.ts).
 */
export async function openMailbox(parts: MailboxParts): Promise<Mailbox> {
  const mails = new Mails();
  const password = Buffer.from(parts.random.bytes(8)).toString('hex');
  const takeMail = mailTaker(parts, mails);
  const server = new SMTPServer({
    name: 'mailbox.sandbox.test',
    banner: 'Veredus sandbox',
    authMethods: ['PLAIN'],
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    size: LARGEST_BYTES,
    rejectOversized: true,
    logger: false,
    onAuth: (auth, _session, done) =>
      auth.username === USER && auth.password === password
        ? done(null, { user: USER })
        : done(saying(535, 'Wrong user name or password')),
    onRcptTo: ({ address }, _session, done) =>
      mailBehaviourOf(address) === 'bounce' ? done(saying(550, 'No such mailbox here')) : done(),
    onData(stream, session, done) {
      takeMail(stream, session).then(
        (words) => (words === null ? breakOff(server, session) : done(null, words)),
        (error: Error) => done(error),
      );
    },
  });
  server.on('error', (error) => parts.log('sandbox.fault', { error: error.message }));
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;

  return {
    url: `smtp://${USER}:${password}@127.0.0.1:${port}?from=noreply@sandbox.test&from_name=Veredus&tls=off`,
    list: (to) =>
      mails
        .list()
        .filter((mail) => to === null || mail.to.toLowerCase() === to.trim().toLowerCase())
        .map(({ id, messageId, from, to, subject, text, receivedAt, raw }) => ({
          ...{ id, message_id: messageId, from, to, subject, text },
          ...{ received_at: Math.floor(receivedAt / 1000), size: raw.length },
        })),
    raw: (id) => mails.find(id)?.raw ?? null,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

/** Takes a mail in and says so; null = the connection is to break instead. @throws Error what the server says to it */
function mailTaker({ clock }: MailboxParts, mails: Mails) {
  const deferred = new Set<string>();
  return async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string | null> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk as Buffer);
    if (stream.sizeExceeded) throw saying(552, 'The mail is too large');
    const raw = Buffer.concat(chunks);
    const mail = await simpleParser(raw);
    const said = mail.messageId?.replace(/^<|>$/g, '') ?? '';
    const recipients = session.envelope.rcptTo.map(({ address }) => address);
    const behaviours = recipients.map(mailBehaviourOf);
    if (behaviours.includes('defer-once') && !deferred.delete(said)) {
      deferred.add(said);
      if (deferred.size > MOST_DEFERRED) deferred.delete(deferred.values().next().value!);
      throw saying(451, 'Not now, try again later');
    }
    for (const to of recipients) {
      mails.keep({
        ...{ messageId: idIn(said), from: mail.from?.value[0]?.address ?? '', to },
        ...{ subject: mail.subject ?? '', text: (mail.text ?? '').replace(/\n$/, '') },
        ...{ receivedAt: clock.now(), raw },
      });
    }
    return behaviours.includes('break-off') ? null : 'It lies in the mailbox';
  };
}

function breakOff(server: SMTPServer, session: SMTPServerSession): void {
  for (const connection of server.connections) {
    if (connection.id === session.id) connection._socket.destroy();
  }
}

/** What the server says instead of yes. */
const saying = (responseCode: number, words: string): Error => Object.assign(new Error(words), { responseCode });

const UUID_BEFORE_AT = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@/i;

/** As the API shows a message's id. */
const idIn = (messageId: string): string => UUID_BEFORE_AT.exec(messageId)?.[1]?.toUpperCase() ?? messageId;
