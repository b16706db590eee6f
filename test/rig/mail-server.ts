import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';

/** What a server says instead of yes. */
export const saying = (responseCode: number, words: string): Error => Object.assign(new Error(words), { responseCode });

/** A mail server that does as the test says: what it takes by default is everything. */
export interface MailServer {
  readonly port: number;
  /** What it took, as it came. */
  readonly mails: string[];
  readonly envelopes: { from: string; to: string[]; secure: boolean; user: unknown }[];
  /** How many connections there were, and how many mails began and ended. */
  connections: number;
  begun: number;
  heard: number;
  /** Reads no mail that begins from now on. */
  deaf: boolean;
  /** Replaced by tests. Called once a mail is there, before it is taken; null = the connection breaks instead. */
  verdict: (mail: string) => Promise<Error | null | undefined> | Error | null | undefined;
  /** How many connections there are. */
  open(): number;
  /** Cuts all connections. */
  cut(): void;
  close(): Promise<void>;
}

export async function openMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 1,
    logger: false,
    ...options,
    onConnect(session, done) {
      mine.connections += 1;
      if (options.onConnect) options.onConnect.call(server, session, done);
      else done();
    },
    onData: (stream, session, done) => void take(stream, session, done),
  });
  server.on('error', () => {});
  const cut = () => {
    for (const connection of server.connections) connection._socket.destroy();
  };
  const take = async (stream: Readable, session: SMTPServerSession, done: (error?: Error | null) => void) => {
    mine.begun += 1;
    if (mine.deaf) return;
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const mail = Buffer.concat(chunks).toString();
    mine.heard += 1;
    const verdict = await mine.verdict(mail);
    if (verdict === null) return cut();
    if (verdict) return done(verdict);
    const { mailFrom, rcptTo } = session.envelope;
    mine.mails.push(mail);
    mine.envelopes.push({
      from: mailFrom ? mailFrom.address : '',
      to: rcptTo.map(({ address }) => address),
      ...{ secure: session.secure, user: session.user },
    });
    done();
  };
  const mine = {
    ...{
      port: 0,
      mails: [] as string[],
      envelopes: [] as MailServer['envelopes'],
      connections: 0,
      begun: 0,
      heard: 0,
      deaf: false,
    },
    open: () => server.connections.size,
    ...{ verdict: (() => undefined) as MailServer['verdict'], cut },
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mine.port = (server.server.address() as AddressInfo).port;
  return mine;
}
