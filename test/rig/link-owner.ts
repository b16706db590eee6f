import type {
  CarrierInbound,
  CarrierReceipt,
  LinkEvents,
  Outcome,
  Outgoing,
} from '../../packages/server/src/messages/carrier.ts';

/** An owner of a link that writes down everything it is told. */
export class LinkOwner implements LinkEvents {
  readonly outcomeList: Outcome[] = [];
  readonly downs: string[] = [];
  readonly receiptList: CarrierReceipt[] = [];
  readonly inboundList: CarrierInbound[] = [];
  /** How often the link said that it may have room. */
  readies = 0;
  /** What storing takes; replace it to fail or to wait. */
  storing: () => Promise<void> = async () => undefined;

  ready(): void {
    this.readies += 1;
  }

  down(why: string): void {
    this.downs.push(why);
  }

  outcomes(outcomes: Outcome[]): void {
    this.outcomeList.push(...outcomes);
  }

  async receipts(receipts: CarrierReceipt[]): Promise<void> {
    await this.storing();
    this.receiptList.push(...receipts);
  }

  async inbound(messages: CarrierInbound[]): Promise<void> {
    await this.storing();
    this.inboundList.push(...messages);
  }

  /** Outcome kinds in the order of the messages given; null where there is none yet, joined where there are several. */
  kindsOf(messages: readonly Outgoing[]): (string | null)[] {
    return messages.map(({ id }) => {
      const kinds = this.outcomeList.filter((outcome) => outcome.id === id).map(({ kind }) => kind);
      return kinds.length === 0 ? null : kinds.join();
    });
  }
}

/** Resolves once `ready` holds, looking after each turn of the event loop; the test's time limit ends a wait in vain. */
export async function until(ready: () => boolean): Promise<void> {
  while (!ready()) await new Promise((resolve) => setImmediate(resolve));
}
