import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { seeded } from '../../../../test/faults/rig/seeded.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { bindFields, bytesOf, submit } from '../../../../test/rig/smpp-pdus.ts';
import { ClientSession } from './client-session.ts';
import { COMMAND } from './command.ts';
import { LIMITS } from './limits.ts';
import { MOST_LENGTH, type Pdu } from './pdu.ts';
import { ServerSession } from './server-session.ts';
import { NO_TLVS, numberTlv, TAG } from './tlv.ts';

/** One number replays a run. */
const SEED = 20_260_101;
/** Counted only while the session is open: what comes after its end proves nothing. */
const PDUS = 10_000;
const MOST_A_SESSION = 30;

const random = seeded(SEED);
const { next, below } = random;

const SOUND: Pdu[] = [
  submit,
  { ...submit, command: 'deliver_sm', esmClass: 4, tlvs: [numberTlv(TAG.message_state, 2, 1)] },
  { ...submit, tlvs: [{ tag: TAG.message_payload, value: Buffer.alloc(300, 0x41) }] },
  { command: 'submit_sm_resp', sequence: 1, status: 0, messageId: 'abc', tlvs: NO_TLVS },
  { command: 'deliver_sm_resp', sequence: 1, status: 0, messageId: '', tlvs: NO_TLVS },
  { command: 'bind_transceiver', sequence: 1, status: 0, ...bindFields },
  { command: 'enquire_link', sequence: 1, status: 0 },
  { command: 'generic_nack', sequence: 1, status: 3 },
  { command: 'query_sm', sequence: 1, status: 0, messageId: 'a', sourceTon: 1, sourceNpi: 1, source: '614' },
];
const IDS = [...Object.values(COMMAND), 0x102, 0x80000102, 0xffff_ffff];
const LENGTHS = [0, 1, 3, 8, 15, 16, 17, MOST_LENGTH, MOST_LENGTH + 1, 0x7fff_ffff, 0xffff_ffff];

/** A sound PDU with up to two things wrong inside its frame, and once in 300 the frame itself. */
function mutated(): Buffer {
  let bytes = bytesOf({ ...SOUND[below(SOUND.length)]!, sequence: 1 + below(40) } as Pdu);
  for (let changes = Math.max(0, below(6) - 3); changes > 0; changes--) {
    if (bytes.length > 16 && next() < 0.5) bytes[16 + below(bytes.length - 16)] = below(256);
    if (next() < 0.1) bytes = Buffer.concat([bytes, Buffer.from([4, below(256), below(2), below(256)])]);
    if (next() < 0.1) bytes = bytes.subarray(0, 16 + below(bytes.length - 15));
    if (next() < 0.1) bytes.writeUInt32BE(IDS[below(IDS.length)]!, 4);
  }
  bytes.writeUInt32BE(next() < 0.003 ? LENGTHS[below(LENGTHS.length)]! : bytes.length, 0);
  return bytes;
}

/** Writes in pieces cut at random, so that frames straddle chunks. */
function dribble(write: (piece: Buffer) => void, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + below(next() < 0.5 ? 20 : 5_000));
    write(bytes.subarray(at, end));
    at = end;
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A bound session of one side with five requests out, and the far end of its stream. */
async function boundSession(side: 'client' | 'server') {
  const [ours, theirs] = duplexPair();
  const seen = { back: 0, endings: 0, closed: [] as string[], faults: [] as unknown[] };
  theirs.on('data', (bytes: Buffer) => {
    seen.back += bytes.length;
  });
  const parts = { clock: handClock(), random };
  const limits = { ...LIMITS, window: 10, owedLimit: 20 };
  const events = {
    bind: () => 0,
    bound: () => {},
    submits: () => {},
    deliveries: () => {},
    responses: (endings: unknown[]) => {
      seen.endings += endings.length;
    },
    ready: () => {},
    closed: (why: string) => seen.closed.push(why),
    fault: (error: unknown) => seen.faults.push(error),
  };
  const greeting: Pdu =
    side === 'server'
      ? { command: 'bind_transceiver', sequence: 1, status: 0, ...bindFields }
      : { command: 'bind_transceiver_resp', sequence: 1, status: 0, systemId: 's', tlvs: NO_TLVS };
  const session =
    side === 'server'
      ? new ServerSession<number>(ours, parts, { systemId: 's', bindTimeoutMs: 5_000, limits }, events)
      : new ClientSession<number>(ours, parts, { mode: 'transceiver', bind: bindFields, limits }, events);
  theirs.write(bytesOf(greeting));
  await turn();
  for (let i = 0; i < 5; i++) {
    expect(session instanceof ServerSession ? session.deliver(submit, i) : session.submit(submit, i)).toBe('taken');
  }
  await turn();
  const write = (piece: Buffer) => {
    if (!theirs.writableEnded && !theirs.destroyed) theirs.write(piece);
  };
  const end = () => {
    ours.destroy();
    theirs.destroy();
  };
  return { seen, write, end };
}

test.each(['client', 'server'] as const)(
  `[smpp:fuzz] a %s that reads ${PDUS} broken PDUs answers, nacks or closes; it never wedges and never grows (seed ${SEED})`,
  async (side) => {
    let fed = 0;
    let closedInside = 0;
    let closedAtTheEnd = 0;
    while (fed < PDUS) {
      const { seen, write, end } = await boundSession(side);
      for (let i = 0; i < MOST_A_SESSION && seen.closed.length === 0; i++, fed++) dribble(write, mutated());
      await turn();
      if (seen.closed.length > 0) closedInside += 1;
      else closedAtTheEnd += 1;
      // A frame may still be open. This fills it up and is no length itself: a session that is not wedged must close.
      write(Buffer.alloc(MOST_LENGTH + 4, 0xff));
      await turn();
      expect(seen.closed).toHaveLength(1);
      expect(seen.endings).toBe(5);
      expect(seen.back).toBeLessThan(MOST_A_SESSION * 100);
      expect(seen.faults).toEqual([]);
      end();
    }
    expect(closedInside).toBeGreaterThan(50);
    expect(closedAtTheEnd).toBeGreaterThan(50);
  },
);
