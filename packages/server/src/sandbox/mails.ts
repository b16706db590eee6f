/** A mail as it lies in the mailbox. */
export interface KeptMail {
  /** The mailbox's own number of it. */
  readonly id: string;
  /** Of the message in the API, where its Message-ID says it; else the Message-ID. */
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** ms. */
  readonly receivedAt: number;
  /** As it came, its dots unstuffed. */
  readonly raw: Buffer;
}

/** The newest that are kept; older ones are forgotten. */
export const KEPT_MAILS = 1_000;
export const KEPT_BYTES = 64 * 1024 * 1024;

/** What arrived, the newest last, bounded by number and by size. */
export class Mails {
  #mails: KeptMail[] = [];
  #bytes = 0;
  #nextId = 1;

  keep(mail: Omit<KeptMail, 'id'>): void {
    this.#mails.push({ ...mail, id: String(this.#nextId++) });
    this.#bytes += sizeOf(mail);
    while (this.#mails.length > KEPT_MAILS || this.#bytes > KEPT_BYTES) this.#bytes -= sizeOf(this.#mails.shift()!);
  }

  list(): readonly KeptMail[] {
    return this.#mails;
  }

  find(id: string): KeptMail | undefined {
    return this.#mails.find((mail) => mail.id === id);
  }
}

/** What it holds in memory: its bytes, and two for each character of its texts. */
const sizeOf = ({ raw, text, subject }: Omit<KeptMail, 'id'>): number =>
  raw.length + 2 * (text.length + subject.length);
