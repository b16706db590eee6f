/** The server answered, and it is no answer of the protocol. */
export class NoAnswer extends Error {
  readonly status: number;

  /** 0 = whatever the status said, nobody knows whether the call was done. */
  constructor(status: number, words: string) {
    super(words);
    this.status = status;
  }
}

/** In bytes, of an answer or of one event of a stream. No message comes near it, and what is read is held in memory. */
export const LARGEST = 16 * 1024 * 1024;

export const tooLarge = (): NoAnswer => new NoAnswer(0, 'it is larger than 16 MiB, and the rest was not read');
