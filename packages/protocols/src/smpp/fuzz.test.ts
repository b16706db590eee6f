import { duplexPair } from 'node:stream';
import { expect, it } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { bindFields, bytesOf, submit } from '../../../../test/rig/smpp-pdus.ts';
import { ClientSession } from './client-session.ts';
import { decode } from './decode.ts';
import { LIMITS } from './limits.ts';
import type { Pdu } from './pdu.ts';
import { ServerSession } from './server-session.ts';
import { numberTlv, TAG, textTlv } from './tlv.ts';

/** A fixed sequence of numbers in [0, 1): a failure is found again by its seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const tlvs = [textTlv(TAG.receipted_message_id, 'abc'), numberTlv(TAG.message_state, 2, 1)];
const SOUND: Pdu[] = [
  { command: 'bind_transceiver', sequence: 1, status: 0, ...bindFields },
  submit,
  { ...submit, command: 'deliver_sm', sequence: 3, esmClass: 4, tlvs },
  { command: 'submit_sm_resp', sequence: 4, status: 0, messageId: 'id-1', tlvs: [] },
  { command: 'deliver_sm_resp', sequence: 5, status: 0, messageId: '', tlvs: [] },
  { command: 'enquire_link', sequence: 6, status: 0 },
  { command: 'generic_nack', sequence: 7, status: 3 },
  { command: 'unbind_resp', sequence: 8, status: 0 },
];

/** Sound PDUs with some of their bytes changed, cut, repeated or lengthened. */
function mutated(next: () => number): Buffer {
  const bytes = Buffer.from(bytesOf(SOUND[Math.floor(next() * SOUND.length)]!));
  const at = () => Math.floor(next() * bytes.length);
  switch (Math.floor(next() * 5)) {
    case 0:
      return bytes.subarray(0, at());
    case 1:
      bytes.writeUInt32BE(Math.floor(next() * 2 ** 32), 0);
      return bytes;
    case 2:
      return Buffer.concat([bytes, bytes.subarray(at())]);
    case 3:
      return Buffer.from(Array.from({ length: 1 + at() }, () => Math.floor(next() * 256)));
    default:
      for (let i = 0; i < 1 + next() * 8; i++) bytes[at()] = Math.floor(next() * 256);
      return bytes;
  }
}

const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
const nothing = () => {};

it('[smpp:fuzz] 20,000 mutated PDUs are each read or refused, and none throws', () => {
  const next = seeded(1);
  for (let i = 0; i < 20_000; i++) {
    const bytes = mutated(next);
    if (bytes.length < 16) continue;
    const pdu = decode(bytes, 0, bytes.length);
    expect(typeof pdu.command).toBe('string');
  }
});

it.each(['client', 'server'] as const)(
  '[smpp:fuzz] a %s that is fed garbage at worst closes, and never throws',
  async (side) => {
    const next = seeded(2);
    let faults = 0;
    let closed = 0;
    for (let run = 0; run < 300; run++) {
      const [near, far] = duplexPair();
      far.resume();
      near.on('error', nothing);
      const clock = handClock();
      const common = { responses: nothing, ready: nothing, closed: () => void closed++, fault: () => void faults++ };
      if (side === 'client') {
        new ClientSession<null>(
          near,
          { clock, random },
          { mode: 'transceiver', bind: bindFields, limits: LIMITS },
          {
            ...common,
            bound: nothing,
            deliveries: nothing,
          },
        );
        far.write(bytesOf({ command: 'bind_transceiver_resp', sequence: 1, status: 0, systemId: 'c', tlvs: [] }));
      } else {
        new ServerSession<null>(
          near,
          { clock, random },
          { systemId: 'c', bindTimeoutMs: 5_000, limits: LIMITS },
          {
            ...common,
            bind: () => 0,
            bound: nothing,
            submits: nothing,
          },
        );
        far.write(bytesOf(SOUND[0]!));
      }
      for (let i = 0; i < 40; i++) if (!far.destroyed) far.write(mutated(next));
      await new Promise((resolve) => setImmediate(resolve));
      far.destroy();
      clock.advance(120_000);
    }
    expect(faults).toBe(0);
    expect(closed).toBe(300);
  },
);
