import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { IncomingMessage } from '@veredus/protocols/smpp/ending';
import { LIMITS } from '@veredus/protocols/smpp/limits';
import type { ShortMessage } from '@veredus/protocols/smpp/pdu';
import { type MessageState, writeReceipt } from '@veredus/protocols/smpp/receipts';
import { ServerSession } from '@veredus/protocols/smpp/server-session';
import { systemClock as clock, systemRandom as random } from '@veredus/server/system';

/** One submit_sm as it came in. The log of them is only ever added to: it is what the judge believes. */
export interface Submit {
  readonly at: number;
  /** Which connection it came over, counted from 1. */
  readonly bind: number;
  readonly destination: string;
  /** The sender's own reference, which stands in every part of its text: `r000123`. */
  readonly ref: string;
  readonly part: number;
  readonly of: number;
  readonly text: string;
  /** The id it was given, in hexadecimal. */
  readonly id: string;
  /** What it is answered, if it is answered: 0 = taken. */
  status: number;
}

export interface Report {
  state: MessageState;
  afterMs: number;
  /** How the id is written in the receipt; as in the response where absent. */
  id?(id: string): string;
}

/** What the centre does with a submit. */
export interface Reaction {
  /** Until the response; null = none, ever. */
  afterMs: number | null;
  /** SMPP status; 0 = taken. */
  status: number;
  reports: readonly Report[];
  /** Hang up once it is read, whatever else is out. */
  hangUp?: boolean;
}

export type Behaviour = (submit: Submit) => Reaction;

export const takeAndDeliver: Behaviour = () => ({
  afterMs: 0,
  status: 0,
  reports: [{ state: 'delivered', afterMs: 0 }],
});

interface Bind {
  readonly number: number;
  readonly socket: Socket;
  session: ServerSession<Waiting>;
}

/** What is owed to whoever is bound: a receipt, or a text from a handset. */
type Waiting = { readonly submit: Submit; readonly report: Report } | { readonly handset: HandsetText };

export interface HandsetText {
  readonly from: string;
  readonly to: string;
  readonly body: string;
}

export interface FakeSmsc {
  readonly url: string;
  readonly log: readonly Submit[];
  /** Submits that were answered with status 0. */
  readonly taken: readonly Submit[];
  behaviour: Behaviour;
  /** While true, receipts wait. */
  holdReceipts: boolean;
  /** Says of submits, whatever became of their responses, that they were delivered. */
  report(submits: readonly Submit[]): void;
  /** A handset writes; as long as nobody acknowledges it, the centre tries again. */
  say(texts: readonly HandsetText[]): void;
  /** Hangs up on everybody. */
  hangUp(): void;
  /** Receipts and texts that no peer has acknowledged yet. */
  readonly owed: number;
  /** How often a peer said that it could not keep one. */
  readonly turnedDown: number;
  close(): Promise<void>;
}

/**
 * A message centre that does as it is told, in the process of the test, so that it outlives the server under test. A
 * receipt is its own until somebody acknowledges it: unacknowledged ones come again over the next bind, as in real life.
 */
export async function openFakeSmsc(options: { window?: number; query?: string } = {}): Promise<FakeSmsc> {
  const binds = new Map<number, Bind>();
  const log: Submit[] = [];
  const taken: Submit[] = [];
  const waiting: Waiting[] = [];
  let connections = 0;
  let closed = false;
  let underWay = 0;
  let turnedDown = 0;

  const later = (milliseconds: number, run: () => void) => void setTimeout(() => closed || run(), milliseconds).unref();

  /** Hands waiting receipts to whoever is bound, in turn, as far as their windows reach. */
  const report = () => {
    if (smsc.holdReceipts) return;
    const open = [...binds.values()].filter(({ session }) => session.free > 0);
    for (let turn = 0; waiting.length > 0 && open.length > 0; turn++) {
      const { session } = open[turn % open.length]!;
      if (session.free === 0) return;
      const next = waiting.shift()!;
      if (session.deliver(deliveryOf(next), next) === 'taken') underWay += 1;
      else return void waiting.unshift(next);
    }
  };

  const react = (bind: Bind, message: IncomingMessage) => {
    const submit = read(message, bind.number, log.length);
    log.push(submit);
    const { afterMs, status, reports, hangUp } = smsc.behaviour(submit);
    submit.status = status;
    if (hangUp) return void bind.socket.destroy();
    const respond = () => {
      if (status === 0) taken.push(submit);
      bind.session.respond(message.sequence, status, status === 0 ? submit.id : '');
    };
    for (const wanted of reports) {
      later(wanted.afterMs, () => {
        waiting.push({ submit, report: wanted });
        report();
      });
    }
    if (afterMs === 0) respond();
    else if (afterMs !== null) later(afterMs, respond);
  };

  const server = createServer((socket) => {
    socket.on('error', () => {});
    const bind: Bind = { number: ++connections, socket, session: undefined as never };
    const settings = { systemId: 'fake', bindTimeoutMs: 5_000, limits: { ...LIMITS, window: 50 } };
    bind.session = new ServerSession<Waiting>(socket, { clock, random }, settings, {
      bind: () => 0,
      bound: () => {
        binds.set(bind.number, bind);
        report();
      },
      submits: (messages) => {
        for (const message of messages) react(bind, message);
      },
      responses: (endings) => {
        for (const { kind, status, token } of endings) {
          if (kind === 'late') continue;
          underWay -= 1;
          if (kind === 'response' && status !== 0) turnedDown += 1;
          if (kind !== 'response' || status !== 0) waiting.unshift(token);
        }
        report();
      },
      ready: report,
      closed: () => void binds.delete(bind.number),
      fault: (error) => {
        throw error;
      },
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const again = setInterval(report, 20);
  const query = `window=${options.window ?? 10}${options.query ?? ''}`;
  const smsc: FakeSmsc = {
    url: `smpp://fake:secret@127.0.0.1:${port}?${query}`,
    log,
    taken,
    behaviour: takeAndDeliver,
    holdReceipts: false,
    report(submits) {
      for (const submit of submits) waiting.push({ submit, report: { state: 'delivered', afterMs: 0 } });
    },
    say(texts) {
      for (const handset of texts) waiting.push({ handset });
      report();
    },
    hangUp() {
      for (const { socket } of binds.values()) socket.destroy();
    },
    get owed() {
      return waiting.length + underWay;
    },
    get turnedDown() {
      return turnedDown;
    },
    async close() {
      closed = true;
      clearInterval(again);
      smsc.hangUp();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return smsc;
}

/** SMPP 3.4 §3.2.2 marks a text in parts by a header: 05 00 03 reference of part. */
function read(message: IncomingMessage, bind: number, count: number): Submit {
  const bytes = Buffer.from('shortMessage' in message ? message.shortMessage : []);
  const inParts = (message.esmClass & 0x40) !== 0 && bytes[0] === 5;
  const text = bytes.subarray(inParts ? 6 : 0).toString('latin1');
  return {
    at: clock.now(),
    bind,
    destination: message.destination,
    ref: /r\d{6}/.exec(text)?.[0] ?? `? ${text}`,
    part: inParts ? bytes[5]! : 1,
    of: inParts ? bytes[4]! : 1,
    text,
    id: (0xa0_0000 + count).toString(16),
    status: 0,
  };
}

function deliveryOf(waiting: Waiting): ShortMessage {
  if ('handset' in waiting) {
    const { from, to, body } = waiting.handset;
    return { ...PLAIN, source: from, destination: to, shortMessage: Buffer.from(body, 'latin1') };
  }
  const { submit, report } = waiting;
  const { id, text, destination, at } = submit;
  const messageId = report.id ? report.id(id) : id;
  const words = writeReceipt({
    messageId,
    state: report.state,
    error: '000',
    submittedAt: at,
    doneAt: clock.now(),
    text,
  });
  return { ...PLAIN, source: destination, esmClass: 0x04, shortMessage: Buffer.from(words, 'latin1') };
}

const PLAIN: Omit<ShortMessage, 'source' | 'shortMessage'> = {
  serviceType: '',
  sourceTon: 1,
  sourceNpi: 1,
  destinationTon: 0,
  destinationNpi: 0,
  destination: '',
  esmClass: 0,
  protocolId: 0,
  priority: 0,
  scheduleDelivery: '',
  validityPeriod: '',
  registeredDelivery: 0,
  replaceIfPresent: 0,
  dataCoding: 0,
  defaultMessageId: 0,
  tlvs: [],
};
