import { connect } from 'node:net';
import type { Clock } from '@veredus/protocols/clock';
import { encodePart, splitText } from '@veredus/protocols/gsm/parts';
import { ClientSession } from '@veredus/protocols/smpp/client-session';
import type { Ending, IncomingMessage } from '@veredus/protocols/smpp/ending';
import { LIMITS } from '@veredus/protocols/smpp/limits';
import type { BindMode, ShortMessage } from '@veredus/protocols/smpp/pdu';
import { numberTlv, TAG } from '@veredus/protocols/smpp/tlv';
import type { Caller } from '@veredus/server/accounts/caller';
import type { SmsParts } from '@veredus/server/channels/sms/send';
import type { Database } from '@veredus/server/db/db';
import { openSmppDoor, type SmppDoor } from '@veredus/server/doors/smpp/door';
import { addEsme } from '@veredus/server/esmes/esme';
import { committer } from '@veredus/server/messages/commit';
import { messageIds } from '@veredus/server/messages/ids';
import { duplicateGuard } from '@veredus/server/messages/throttle';
import { openRates } from '@veredus/server/pricing/rates';
import { systemRandom } from '@veredus/server/system';
import { type HandClock, handClock } from './hand-clock.ts';
import { bindFields, submit } from './smpp-pdus.ts';

/** Turns of the event loop until all that is on its way over the loopback has come, or `seen` says so. */
export async function until<T>(seen: () => T | undefined | false | null, what = 'it'): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const value = seen();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`${what} was not seen within 10 s`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export interface TestEsme {
  systemId: string;
  password: string;
}

/** A door on a database of its own, its clock moved by hand. Nothing is dispatched: what it takes waits in the table. */
export interface DoorRig {
  readonly clock: HandClock;
  readonly door: SmppDoor;
  readonly port: number;
  readonly sms: SmsParts;
  readonly newId: () => string;
  readonly logged: { event: string; facts: Record<string, unknown> }[];
  esme(caller: Caller, options?: { systemId?: string; binds?: number }): Promise<TestEsme>;
  /** Binds; resolves when it is let in, rejects with why it was not. */
  bind(esme: TestEsme, mode?: BindMode, version?: number): Promise<TestClient>;
  /** Moves the clock on by half a second again and again until `seen`. */
  later<T>(seen: () => Promise<T | undefined | false | null>): Promise<T>;
  close(): Promise<void>;
}

export interface RigOptions {
  /** Stands between the door and the store. */
  commit?: (commit: SmsParts['commit']) => SmsParts['commit'];
  clock?: HandClock;
  /** The door's own statements go through this one. */
  pool?: SmsParts['pool'];
}

export async function openDoorRig(db: Database, options: RigOptions = {}): Promise<DoorRig> {
  const clock = options.clock ?? handClock(Date.UTC(2026, 0, 1));
  const pool = db.enginePool;
  const logged: DoorRig['logged'] = [];
  const log = (event: string, facts: Record<string, unknown>) => void logged.push({ event, facts });
  const newId = messageIds(clock, systemRandom);
  const rates = await openRates({ pool, clock, channel: 'sms', log });
  const commit = committer({ pool, clock, dispatcher: () => null, log });
  const sms: SmsParts = {
    pool,
    clock,
    newId,
    commit: options.commit?.(commit) ?? commit,
    guard: duplicateGuard(clock),
    policies: [],
    rates,
    sharedNumber: '+61491570006',
    random: systemRandom,
    linkBase: () => 'https://acme.link',
  };
  const door = await openSmppDoor({ ...sms, pool: options.pool ?? pool, log }, { host: '127.0.0.1', port: 0 });
  const port = Number(door.address.split(':').at(-1));
  const clients: TestClient[] = [];
  return {
    clock,
    door,
    port,
    sms,
    newId,
    logged,
    esme: (caller, wanted = {}) =>
      addEsme(
        { clock, random: systemRandom, db: db.engine },
        { accountId: caller.accountId, userId: caller.userId, ...wanted },
      ),
    async bind(esme, mode = 'transceiver', version = 0x34) {
      const client = await bindTo(port, clock, esme, mode, version);
      clients.push(client);
      return client;
    },
    async later(seen) {
      for (let looks = 0; looks < 600; looks++) {
        const value = await seen();
        if (value) return value;
        clock.advance(500);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error('not seen within 300 s of its clock');
    },
    async close() {
      for (const client of clients) client.session.close('the test is over');
      await door.stop();
      rates.close();
    },
  };
}

/** An ESME of ours, bound. */
export interface TestClient {
  readonly session: ClientSession<string>;
  readonly deliveries: IncomingMessage[];
  readonly closed: string[];
  /** What deliver_sm is answered with; null = nothing. */
  answer: number | null;
  /** Sends one submit_sm; resolves with its ending. */
  send(fields: Partial<ShortMessage>): Promise<Ending<string>>;
}

const limits = { ...LIMITS, window: 5_000 };

export function bindTo(
  port: number,
  clock: Clock,
  esme: TestEsme,
  mode: BindMode,
  version: number,
): Promise<TestClient> {
  return new Promise((resolve, reject) => {
    const waiting = new Map<string, (ending: Ending<string>) => void>();
    let tokens = 0;
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    const bind = { ...bindFields, ...esme, interfaceVersion: version };
    const session = new ClientSession<string>(
      socket,
      { clock, random: systemRandom },
      { mode, bind, limits },
      {
        bound: () => resolve(client),
        responses(endings) {
          for (const ending of endings) waiting.get(ending.token)?.(ending);
        },
        deliveries(messages) {
          client.deliveries.push(...messages);
          if (client.answer !== null)
            session.acknowledge(
              messages.map(({ sequence }) => sequence),
              client.answer,
            );
        },
        ready: () => {},
        closed(why) {
          client.closed.push(why);
          reject(new Error(why));
        },
        fault: (error) => reject(error),
      },
    );
    const client: TestClient = {
      session,
      deliveries: [],
      closed: [],
      answer: 0,
      send: (fields) =>
        new Promise((answered, failed) => {
          const token = String(++tokens);
          waiting.set(token, answered);
          const taken = session.submit({ ...submit, validityPeriod: '', registeredDelivery: 0, ...fields }, token);
          if (taken !== 'taken') failed(new Error(taken));
        }),
    };
  });
}

/** A long text in parts, as UDH of one octet or two, or as sar TLVs. */
export function partsOf(body: string, way: 'udh' | 'udh16' | 'sar', reference = 7): Partial<ShortMessage>[] {
  const { parts, encoding } = splitText(body);
  const of = parts.length;
  return parts.map((part, i) => {
    const octets = encodePart(part, encoding);
    const dataCoding = encoding === 'ucs2' ? 8 : 0;
    if (way === 'sar') {
      const tlvs = [
        numberTlv(TAG.sar_msg_ref_num, reference, 2),
        numberTlv(TAG.sar_total_segments, of, 1),
        numberTlv(TAG.sar_segment_seqnum, i + 1, 1),
      ];
      return { shortMessage: octets, dataCoding, tlvs };
    }
    const header =
      way === 'udh' ? [5, 0, 3, reference, of, i + 1] : [6, 8, 4, reference >> 8, reference & 255, of, i + 1];
    return { esmClass: 0x40, dataCoding, shortMessage: Buffer.concat([Buffer.from(header), octets]) };
  });
}
