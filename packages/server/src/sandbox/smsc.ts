import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Clock } from '@veredus/protocols/clock';
import { countParts, encodePart, splitText } from '@veredus/protocols/gsm/parts';
import type { Random } from '@veredus/protocols/random';
import type { IncomingMessage } from '@veredus/protocols/smpp/ending';
import { LIMITS } from '@veredus/protocols/smpp/limits';
import type { MessagePdu, ShortMessage } from '@veredus/protocols/smpp/pdu';
import { type MessageState, writeReceipt } from '@veredus/protocols/smpp/receipts';
import { ServerSession } from '@veredus/protocols/smpp/server-session';
import { STATUS } from '@veredus/protocols/smpp/status';
import { NO_TLVS } from '@veredus/protocols/smpp/tlv';
import { readAir } from './air.ts';
import { Deliveries, type Delivery, TICK_MS } from './deliveries.ts';
import { type PhoneMessage, Phones } from './phones.ts';
import { type Behaviour, behaviourOf } from './sentinels.ts';

export interface SmscParts {
  clock: Clock;
  random: Random;
  log(event: string, facts: Record<string, unknown>): void;
  systemId: string;
  password: string;
}

export interface Smsc {
  readonly port: number;
  /** How a carrier reaches it. Holds the password. */
  readonly url: string;
  readonly phones: {
    list(): string[];
    messages(e164: string): readonly PhoneMessage[];
    /** A text from a handset; false when nobody is bound to take it. */
    answer(e164: string, message: { to: string; body: string }): boolean;
  };
  close(): Promise<void>;
}

/** A handset takes between these to answer. */
const QUICKEST_MS = 40;
const SLOWEST_MS = 200;
const LATE_MS = 60_000;

const OUTCOME: Record<Behaviour, { state: MessageState; error: string } | null> = {
  deliver: { state: 'delivered', error: '000' },
  absent: { state: 'undeliverable', error: '001' },
  refuse: null,
  expire: { state: 'expired', error: '020' },
  'throttle-once': { state: 'delivered', error: '000' },
  silent: null,
  'receipt-first': { state: 'delivered', error: '000' },
  'deliver-late': { state: 'delivered', error: '000' },
};

/**
 * A message centre of our own on the loopback: real SMPP, pretend handsets. What it does with a message depends on its
 * number alone (sentinels.ts), and its delays on the seed of `random`.
 */
export async function openSmsc(parts: SmscParts): Promise<Smsc> {
  const { clock, random } = parts;
  const phones = new Phones();
  const sessions = new Set<ServerSession<Delivery>>();
  const deliveries = new Deliveries(clock);
  const sockets = new Set<Socket>();
  const throttled = new Set<string>();
  let nextId = 1 + Math.floor(random.next() * 0x0fffffff);

  const take = (session: ServerSession<Delivery>, message: IncomingMessage) => {
    if (message.command !== 'submit_sm') return void session.respond(message.sequence, STATUS.ESME_RINVCMDID, '');
    if (deliveries.full) return void session.respond(message.sequence, STATUS.ESME_RMSGQFUL, '');
    const to = `+${message.destination.replace(/\D/g, '')}`;
    const behaviour = behaviourOf(to);
    if (behaviour === 'refuse') return void session.respond(message.sequence, STATUS.ESME_RINVDSTADR, '');
    if (behaviour === 'throttle-once' && !throttled.delete(`${to} ${message.source}`)) {
      throttled.add(`${to} ${message.source}`);
      return void session.respond(message.sequence, STATUS.ESME_RTHROTTLED, '');
    }
    carry(session, message, behaviour);
  };

  const carry = (session: ServerSession<Delivery>, message: MessagePdu, behaviour: Behaviour) => {
    const id = (nextId++).toString(16).padStart(8, '0');
    const outcome = OUTCOME[behaviour];
    const now = clock.now();
    if (outcome?.state === 'delivered') phones.receive(readAir(message, id, now));
    const receipt = outcome && (message.registeredDelivery & 1) === 1 ? receiptOf(message, id, outcome, now) : null;
    if (receipt && behaviour === 'receipt-first') {
      deliveries.add({ message: receipt, session, tries: 0 }, 0);
      clock.after(TICK_MS, () => session.respond(message.sequence, 0, id));
      return;
    }
    session.respond(message.sequence, 0, id);
    if (!receipt) return;
    const wait = behaviour === 'deliver-late' ? LATE_MS : QUICKEST_MS + random.next() * (SLOWEST_MS - QUICKEST_MS);
    deliveries.add({ message: receipt, session, tries: 0 }, wait);
  };

  const server = createServer((socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const options = { systemId: parts.systemId, bindTimeoutMs: 10_000, limits: { ...LIMITS, window: 500 } };
    const session: ServerSession<Delivery> = new ServerSession<Delivery>(socket, { clock, random }, options, {
      bind: (bind) =>
        bind.systemId === parts.systemId && bind.password === parts.password ? STATUS.ESME_ROK : STATUS.ESME_RBINDFAIL,
      bound: () => deliveries.join(session),
      submits: (messages) => {
        for (const message of messages) take(session, message);
      },
      responses: (endings) => deliveries.answered(endings),
      ready: () => deliveries.pump(),
      closed: () => {
        sessions.delete(session);
        deliveries.leave(session);
      },
      fault: (error) => parts.log('sandbox.fault', { error: (error as Error).message }),
    });
    sessions.add(session);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: `smpp://${parts.systemId}:${parts.password}@127.0.0.1:${port}`,
    phones: {
      list: () => phones.list(),
      messages: (e164) => phones.messages(e164),
      answer(e164, { to, body }) {
        const session = deliveries.taker;
        if (session === null) return false;
        for (const message of handsetTexts(e164, to, body, nextId++ & 0xff || 1)) {
          deliveries.add({ message, session, tries: 0 }, 0);
        }
        return true;
      },
    },
    async close() {
      for (const session of sessions) session.close('the sandbox stops');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Also those that never bound, or whose peer keeps its end open.
      for (const socket of sockets) socket.destroySoon();
      await closed;
    },
  };
}

const address = (number: string): string => number.replace(/^\+/, '');

const EMPTY: Omit<ShortMessage, 'source' | 'destination' | 'shortMessage'> = {
  serviceType: '',
  sourceTon: 1,
  sourceNpi: 1,
  destinationTon: 1,
  destinationNpi: 1,
  esmClass: 0,
  protocolId: 0,
  priority: 0,
  scheduleDelivery: '',
  validityPeriod: '',
  registeredDelivery: 0,
  replaceIfPresent: 0,
  dataCoding: 0,
  defaultMessageId: 0,
  tlvs: NO_TLVS,
};

const RECEIPT = 0x04;
const UDHI = 0x40;
const UCS_2 = 8;

function receiptOf(
  message: MessagePdu,
  messageId: string,
  { state, error }: { state: MessageState; error: string },
  now: number,
): ShortMessage {
  const text = writeReceipt({ messageId, state, error, submittedAt: now, doneAt: now, text: '' });
  return {
    ...EMPTY,
    source: message.destination,
    destination: message.source,
    esmClass: RECEIPT,
    shortMessage: Buffer.from(text, 'latin1'),
  };
}

/** A handset's text in as many parts as it takes. */
function handsetTexts(from: string, to: string, body: string, reference: number): ShortMessage[] {
  const { parts, encoding } = splitText(body);
  const of = countParts(body).parts;
  return parts.map((part, i) => {
    const octets = encodePart(part, encoding);
    const header = of === 1 ? Buffer.alloc(0) : Buffer.from([5, 0, 3, reference, of, i + 1]);
    return {
      ...EMPTY,
      source: address(from),
      destination: address(to),
      esmClass: of === 1 ? 0 : UDHI,
      dataCoding: encoding === 'ucs2' ? UCS_2 : 0,
      shortMessage: Buffer.concat([header, octets]),
    };
  });
}
