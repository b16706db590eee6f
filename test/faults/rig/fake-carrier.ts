import type {
  Carrier,
  CarrierReceipt,
  Link,
  LinkEvents,
  Outcome,
  Outgoing,
  ReceiptState,
} from '@veredus/server/messages/carrier';

/** One message whose bytes left, in the order they did. */
export interface Sent {
  readonly link: number;
  readonly message: Outgoing;
}

/** What the other side says to a message; null = nothing, until the test says it with `respond`. */
export type Script = (sent: Sent, nth: number) => Outcome | null;

interface OpenLink {
  events: LinkEvents;
  out: Map<string, Outgoing>;
  up: boolean;
}

export const takes = (id: string, upstreamIds: (string | null)[] = [`up-${id}`]): Outcome => ({
  kind: 'accepted',
  id,
  upstreamIds,
});

/** Takes everything at once, one upstream id a part. */
export const takeAll: Script = ({ message }) =>
  takes(
    message.id,
    Array.from({ length: message.parts }, (_, part) => `up-${message.id}-${part + 1}`),
  );

export const takeNothing: Script = () => null;

/**
 * A carrier without a network: it keeps every message it was handed in `log`, which nothing ever takes anything out of,
 * and answers by script. What the log holds twice was sent twice.
 */
export class FakeCarrier implements Carrier {
  readonly name = 'fake';
  readonly links: number;
  readonly window: number;
  readonly log: Sent[] = [];
  script: Script;
  readonly #open = new Map<number, OpenLink>();

  constructor(options: { links?: number; window?: number; script?: Script } = {}) {
    this.links = options.links ?? 1;
    this.window = options.window ?? 10;
    this.script = options.script ?? takeAll;
  }

  open(index: number, events: LinkEvents): Link {
    const link: OpenLink = { events, out: new Map(), up: true };
    this.#open.set(index, link);
    queueMicrotask(() => link.up && events.ready());
    const free = () => (link.up ? Math.max(0, this.window - partsOf(link.out.values())) : 0);
    return {
      get free() {
        return free();
      },
      send: (messages) => {
        for (const message of messages) this.#take(index, link, message);
      },
      close: async () => {
        link.up = false;
      },
    };
  }

  /** The other side's answer, now or late. */
  respond(...outcomes: Outcome[]): void {
    for (const link of this.#open.values()) {
      const mine = outcomes.filter(({ id }) => link.out.delete(id));
      if (mine.length > 0) link.events.outcomes(mine);
      outcomes = outcomes.filter((outcome) => !mine.includes(outcome));
    }
    if (outcomes.length > 0) this.#open.get(0)!.events.outcomes(outcomes);
  }

  /** The connection breaks: what is out has no answer, except the last `unwritten`, whose bytes were still ours. */
  hangUp(index = 0, unwritten = 0): void {
    const link = this.#open.get(index)!;
    link.up = false;
    const out = [...link.out.keys()];
    link.out.clear();
    const left = out.length - unwritten;
    for (const id of out.slice(left)) this.#unlog(id);
    link.events.outcomes(
      out.map((id, at) => (at < left ? { kind: 'unknown', id, words: 'closed' } : { kind: 'unsent', id })),
    );
    link.events.down('the peer hung up');
  }

  comeBack(index = 0): void {
    const link = this.#open.get(index)!;
    link.up = true;
    link.events.ready();
  }

  /** Hands in receipts over a link; resolves when the platform has them for good. */
  receipts(receipts: CarrierReceipt[], index = 0): Promise<void> {
    return this.#open.get(index)!.events.receipts(receipts);
  }

  #take(index: number, link: OpenLink, message: Outgoing): void {
    const sent = { link: index, message };
    this.log.push(sent);
    link.out.set(message.id, message);
    const outcome = this.script(sent, this.log.length);
    if (outcome === null) return;
    queueMicrotask(() => {
      if (link.out.delete(message.id)) link.events.outcomes([outcome]);
    });
  }

  /** Bytes that were never written are no submit. */
  #unlog(id: string): void {
    const at = this.log.findLastIndex(({ message }) => message.id === id);
    this.log.splice(at, 1);
  }
}

const partsOf = (messages: Iterable<Outgoing>): number => [...messages].reduce((sum, { parts }) => sum + parts, 0);

export function receipt(upstreamId: string, state: ReceiptState, recipient: string | null = null): CarrierReceipt {
  return { upstreamId, state, error: null, recipient, raw: `id:${upstreamId} stat:${state}` };
}
