import type { Socket } from 'node:net';

/**
 * The two ends of an SMPP stream, as lean as they can be made: what is measured here must never be the measuring side.
 * Nothing is checked that a well-behaved peer cannot get wrong; the product's own codec does that.
 */

export const COMMAND = {
  submit: 0x04,
  deliver: 0x05,
  unbind: 0x06,
  bindReceiver: 0x01,
  bindTransmitter: 0x02,
  bindTransceiver: 0x09,
  enquireLink: 0x15,
  genericNack: 0x80000000,
} as const;

export const RESPONSE = 0x80000000;
export const HEADER = 16;
/** Larger than any PDU written here, by far: a buffer holds hundreds of them. */
const BUFFER = 65_536;
const LARGEST_PDU = 1_024;

/** Gathers PDUs so that many share one write: a write each costs tens of times the PDU itself. */
export class PduWriter {
  private readonly socket: Socket;
  private buffer = Buffer.allocUnsafe(BUFFER);
  private at = 0;
  private start = 0;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  begin(command: number, sequence: number): void {
    if (this.at > BUFFER - LARGEST_PDU) this.flush();
    this.start = this.at;
    this.buffer.writeUInt32BE(command, this.at + 4);
    this.buffer.writeUInt32BE(0, this.at + 8);
    this.buffer.writeUInt32BE(sequence, this.at + 12);
    this.at += HEADER;
  }

  byte(value: number): void {
    this.buffer[this.at++] = value;
  }

  zeros(count: number): void {
    this.buffer.fill(0, this.at, this.at + count);
    this.at += count;
  }

  /** A text closed by a zero byte, as SMPP writes addresses. */
  text(value: string): void {
    this.at += this.buffer.write(value, this.at, 'latin1');
    this.buffer[this.at++] = 0;
  }

  /** A text behind its length, as SMPP writes the message. */
  message(value: string): void {
    this.buffer[this.at++] = value.length;
    this.at += this.buffer.write(value, this.at, 'latin1');
  }

  /** Closes the PDU: only now is its length known. */
  end(): void {
    this.buffer.writeUInt32BE(this.at - this.start, this.start);
  }

  flush(): void {
    if (this.at === 0) return;
    this.socket.write(this.buffer.subarray(0, this.at));
    this.buffer = Buffer.allocUnsafe(BUFFER);
    this.at = 0;
  }
}

/** One PDU where it lies in a chunk: from `at`, `length` bytes, header included. */
export type OnPdu = (chunk: Buffer, at: number, length: number) => void;

/** Cuts a stream into PDUs without copying them; what follows the last whole one waits for the next chunk. */
export function pduReader(onPdu: OnPdu): (chunk: Buffer) => void {
  let rest: Buffer | null = null;
  return (incoming) => {
    const chunk: Buffer = rest === null ? incoming : Buffer.concat([rest, incoming]);
    let at = 0;
    while (chunk.length - at >= HEADER) {
      const length = chunk.readUInt32BE(at);
      if (length < HEADER || length > BUFFER) throw new RangeError(`a PDU of ${length} bytes`);
      if (chunk.length - at < length) break;
      onPdu(chunk, at, length);
      at += length;
    }
    rest = at < chunk.length ? chunk.subarray(at) : null;
  };
}

export const commandOf = (chunk: Buffer, at: number): number => chunk.readUInt32BE(at + 4);
export const statusOf = (chunk: Buffer, at: number): number => chunk.readUInt32BE(at + 8);
export const sequenceOf = (chunk: Buffer, at: number): number => chunk.readUInt32BE(at + 12);
/** SMPP counts 1 to 2^31 - 1 and starts again. */
export const nextSequence = (sequence: number): number => (sequence % 0x7fffffff) + 1;
