import { expect, it } from 'vitest';
import { Framer } from './framer.ts';

const pdu = (sequence: number, body: number): Buffer => {
  const bytes = Buffer.alloc(16 + body, sequence);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(sequence, 12);
  return bytes;
};
const stream = [pdu(1, 0), pdu(2, 30), pdu(3, 1), pdu(4, 65_520)];
const whole = Buffer.concat(stream);

function run(chunks: Buffer[]) {
  const framer = new Framer();
  const frames: Buffer[] = [];
  let most = 0;
  for (const chunk of chunks) {
    const fault = framer.push(chunk, (bytes, start, end) => frames.push(Buffer.from(bytes.subarray(start, end))) > 0);
    most = Math.max(most, framer.holding);
    if (fault) return { frames, fault, most };
  }
  return { frames, fault: null, most };
}

it('finds the same PDUs wherever the stream is cut in two', () => {
  for (let at = 0; at <= 200; at++) {
    expect(run([whole.subarray(0, at), whole.subarray(at)]).frames).toEqual(stream);
  }
});

it('finds them byte by byte, holding never more than one', () => {
  const { frames, most } = run([...whole].map((byte) => Buffer.of(byte)));
  expect(frames).toEqual(stream);
  expect(most).toBe(65_535);
});

it.each([0, 1, 3, 8, 15, 65_537, 0xffff_ffff])('gives up at a length of %i, as soon as it is known', (length) => {
  const bad = Buffer.alloc(16);
  bad.writeUInt32BE(length, 0);
  bad.writeUInt32BE(77, 12);
  expect(run([Buffer.concat([stream[0]!, bad])])).toMatchObject({ frames: [stream[0]], fault: { sequence: 77 } });
  expect(run([Buffer.concat([stream[0]!, bad.subarray(0, 5)])]).fault).not.toBeNull();
  expect(run([...bad.subarray(0, 4)].map((byte) => Buffer.of(byte))).fault).not.toBeNull();
});

it('stops at once when told to', () => {
  const framer = new Framer();
  let seen = 0;
  framer.push(whole, () => {
    seen += 1;
    return false;
  });
  expect(seen).toBe(1);
});
