import type { Backlog } from './backlog.ts';
import { Priority } from './message.ts';

/** The most claimed messages in memory; beyond it they wait in the table. About 0.6 kB each. */
const BACKLOG_LIMIT = 20_000;
/** Of which so many may be of campaigns: a single message must find room behind any of them. */
const CAMPAIGN_LIMIT = BACKLOG_LIMIT / 2;

const PRIORITIES: readonly Priority[] = [Priority.transactional, Priority.campaign];
const limitOf = (priority: number): number => (priority === Priority.transactional ? BACKLOG_LIMIT : CAMPAIGN_LIMIT);

/** What may still be taken into memory, by priority: what waits there, what is promised, and what may wait in the table. */
export class Intake {
  readonly #backlog: Backlog;
  readonly #promised = new Map<number, number>();
  /** Priorities of which messages may wait in the table. */
  readonly #inTable = new Set<number>(PRIORITIES);

  constructor(backlog: Backlog) {
    this.#backlog = backlog;
  }

  /** In the order in which they are claimed. */
  get priorities(): readonly Priority[] {
    return PRIORITIES;
  }

  /** Messages of a priority that fit into memory, beside those that are promised. */
  roomFor(priority: number): number {
    const single = priority === Priority.transactional;
    const taken = single ? this.#backlog.count : this.#backlog.countOf(priority);
    const promised = single ? [...this.#promised.values()] : [this.#promised.get(priority) ?? 0];
    return limitOf(priority) - taken - promised.reduce((sum, count) => sum + count, 0);
  }

  /** Whether there is room for something that is worth a statement. */
  get hasRoom(): boolean {
    return PRIORITIES.some((priority) => this.#isRoomy(priority));
  }

  /** Whether something may wait in the table for which there is room. */
  get shouldClaim(): boolean {
    return PRIORITIES.some((priority) => this.#inTable.has(priority) && this.#isRoomy(priority));
  }

  /** Messages of a priority, or of any, were left in the table. */
  left(priority?: number): void {
    for (const one of PRIORITIES) if (priority === undefined || one === priority) this.#inTable.add(one);
  }

  /** The table held no more of a priority that was due. */
  emptied(priority: number): void {
    this.#inTable.delete(priority);
  }

  /** Whether so many may be born claimed: only while nothing older waits in the table. Then they are promised their room. */
  promise(count: number, priority: number): boolean {
    if (this.#inTable.has(priority)) return false;
    if (count > this.roomFor(priority)) {
      this.#inTable.add(priority);
      return false;
    }
    this.#promised.set(priority, (this.#promised.get(priority) ?? 0) + count);
    return true;
  }

  /** Promised messages (of one priority) have come, or will not. */
  keep(messages: readonly { priority: number }[]): void {
    const priority = messages[0]?.priority;
    if (priority !== undefined) this.#promised.set(priority, (this.#promised.get(priority) ?? 0) - messages.length);
  }

  #isRoomy(priority: number): boolean {
    return this.roomFor(priority) > limitOf(priority) / 4;
  }
}
