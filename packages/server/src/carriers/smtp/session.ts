import { Readable } from 'node:stream';
import type { Clock } from '@veredus/protocols/clock';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpSettings } from './settings.ts';

/** What became of one message on a connection. */
export type Said =
  | { kind: 'taken'; words: string }
  /** The server said no, and to what. */
  | { kind: 'refused'; stage: 'sender' | 'recipient' | 'data'; code: number; words: string }
  /** Nobody said anything any more. `ended`: the end of the message may have left. */
  | { kind: 'lost'; ended: boolean; words: string };

/** Beyond our own times, which the passed-in clock keeps: only where that clock stands still. */
const BACKSTOP_MS = 60_000;
/** How long a goodbye may take. */
const GOODBYE_MS = 1_000;
const CHUNK_BYTES = 64 * 1024;
const LONGEST_WORDS = 300;

/** One connection to a mail server. One message at a time. */
export class Session {
  readonly #settings: SmtpSettings;
  readonly #clock: Clock;
  readonly #connection: SMTPConnection;
  #usable = false;
  #fault: string | null = null;
  /** Who waits for something, and is told when the connection is over. */
  #lost: ((words: string) => void) | null = null;

  constructor(settings: SmtpSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#connection = new SMTPConnection(optionsOf(settings));
    this.#connection.on('error', (error) => this.#end(wordsOf(error)));
    this.#connection.on('end', () => this.#end('The connection ended.'));
  }

  /** Connects, encrypts and signs in. @throws Error with what the operator can make of it. */
  async open(): Promise<void> {
    const { user, password, connectTimeoutMs } = this.#settings;
    const late = `The server was not ready within ${connectTimeoutMs / 1000} s.`;
    await this.#within(connectTimeoutMs, late, (done) => this.#connection.connect(done));
    if (user !== null) {
      const credentials = { credentials: { user, pass: password } };
      await this.#within(connectTimeoutMs, late, (done) => this.#connection.login(credentials, done));
    }
    this.#usable = true;
  }

  /** Whether another message can go over it. */
  get usable(): boolean {
    return this.#usable;
  }

  async send(envelope: { from: string; to: string }, mail: Buffer): Promise<Said> {
    const body = new Body(mail);
    const said = await this.#transact({ ...envelope, size: mail.length }, body);
    if (said.kind === 'taken') return said;
    // Refused in the envelope, the server is ready for the next one; otherwise nobody knows where it stands.
    const goesOn = said.kind === 'refused' && said.stage !== 'data' && said.code !== 421;
    if (!goesOn || !(await this.#reset())) this.destroy();
    return said;
  }

  /** Says goodbye and hangs up. */
  quit(): void {
    if (!this.#usable) return;
    this.#usable = false;
    this.#connection.quit();
    this.#clock.after(GOODBYE_MS, () => this.#connection.close());
  }

  /** Hangs up at once; what is under way is lost. */
  destroy(): void {
    this.#end('We hung up.');
    this.#connection.close();
  }

  #end(words: string): void {
    this.#usable = false;
    this.#fault ??= words;
    this.#lost?.(words);
  }

  #transact(envelope: SMTPConnection.Envelope, body: Body): Promise<Said> {
    const { timeoutMs } = this.#settings;
    return new Promise((resolve) => {
      const end = (said: Said) => {
        cancel();
        this.#lost = null;
        resolve(said);
      };
      const cancel = this.#clock.after(timeoutMs, () => this.#end(`No answer within ${timeoutMs / 1000} s.`));
      this.#lost = (words) => end({ kind: 'lost', ended: body.ended, words });
      if (this.#fault !== null) return this.#lost(this.#fault);
      this.#connection.send(envelope, body, (error, info) => {
        if (error) end(saidOf(error, body.ended));
        // An answer to a message whose end is not out is none.
        else if (!body.ended) end({ kind: 'lost', ended: true, words: `Answered early: ${clean(info.response)}` });
        else end({ kind: 'taken', words: clean(info.response) });
      });
    });
  }

  #reset(): Promise<boolean> {
    const step = this.#within(this.#settings.connectTimeoutMs, 'No answer to RSET.', (done) =>
      this.#connection.reset(done),
    );
    return step.then(
      () => true,
      () => false,
    );
  }

  /** A step that must end in time; when it fails the connection is over. */
  #within(milliseconds: number, late: string, step: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (words: string | null) => {
        cancel();
        this.#lost = null;
        if (words === null) return resolve();
        this.destroy();
        reject(new Error(words));
      };
      const cancel = this.#clock.after(milliseconds, () => end(late));
      this.#lost = end;
      if (this.#fault !== null) return end(this.#fault);
      step((error) => end(error ? wordsOf(error) : null));
    });
  }
}

function optionsOf(settings: SmtpSettings): SMTPConnection.Options {
  return {
    host: settings.host,
    port: settings.port,
    secure: settings.tls === 'implicit',
    requireTLS: settings.tls === 'required',
    ignoreTLS: settings.tls === 'off',
    ...(settings.helo === null ? {} : { name: settings.helo }),
    ...(settings.tlsName === null ? {} : { tls: { servername: settings.tlsName } }),
    connectionTimeout: settings.connectTimeoutMs + BACKSTOP_MS,
    greetingTimeout: settings.connectTimeoutMs + BACKSTOP_MS,
    socketTimeout: settings.timeoutMs + BACKSTOP_MS,
  };
}

/** The bytes of a message, which knows whether its last one has been asked for: only then can its end have left. */
class Body extends Readable {
  ended = false;
  #rest: Buffer;

  constructor(mail: Buffer) {
    super({ highWaterMark: CHUNK_BYTES });
    this.#rest = mail;
  }

  override _read(): void {
    const chunk = this.#rest.subarray(0, CHUNK_BYTES);
    this.#rest = this.#rest.subarray(CHUNK_BYTES);
    if (chunk.length > 0) this.push(chunk);
    if (this.#rest.length > 0) return;
    this.ended = true;
    this.push(null);
  }
}

const STAGES: Readonly<Record<string, 'sender' | 'recipient' | 'data'>> = {
  'MAIL FROM': 'sender',
  'RCPT TO': 'recipient',
  DATA: 'data',
};
/** RFC 1870: what a server says to a message that is too large. */
const TOO_LARGE = 552;
const REFUSED = 550;

function saidOf(error: SMTPConnection.SMTPError, ended: boolean): Said {
  const stage = STAGES[error.command ?? ''];
  const words = wordsOf(error);
  // Only an answer to a command of ours says anything of the message.
  if (stage && error.responseCode) return { kind: 'refused', stage, code: error.responseCode, words };
  if (error.code === 'EMESSAGE' && stage === 'sender') return { kind: 'refused', stage, code: TOO_LARGE, words };
  if (error.code === 'EENVELOPE' && !ended) return { kind: 'refused', stage: 'recipient', code: REFUSED, words };
  return { kind: 'lost', ended, words };
}

/**
 * The server's own words where there are some. Of a sign-in only its number is told: a server may repeat what it was given, and
 * that is the password.
 */
function wordsOf(error: SMTPConnection.SMTPError): string {
  if (error.code !== 'EAUTH' && !error.command?.startsWith('AUTH')) return clean(error.response || error.message);
  const code = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(error.response ?? '')?.[0];
  return `The server refused the sign-in${code ? ` (${code})` : ''}.`;
}

function clean(text: string): string {
  const line = text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .toWellFormed();
  return line.length <= LONGEST_WORDS ? line : [...line].slice(0, LONGEST_WORDS).join('');
}
