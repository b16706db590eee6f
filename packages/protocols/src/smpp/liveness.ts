import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';

/**
 * Finds the peer that is gone without a word (half-open TCP). Asks in each interval; two intervals in which no PDU at
 * all came back mean it is dead. The interval varies by a tenth, so that a thousand sessions opened together do not
 * ask together.
 */
export class Liveness {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly intervalMs: number;
  private readonly ask: () => void;
  private readonly dead: () => void;
  private heardSince = true;
  private silent = 0;
  private cancel: () => void = () => undefined;

  constructor(parts: { clock: Clock; random: Random }, intervalMs: number, ask: () => void, dead: () => void) {
    this.clock = parts.clock;
    this.random = parts.random;
    this.intervalMs = intervalMs;
    this.ask = ask;
    this.dead = dead;
  }

  start(): void {
    this.cancel = this.clock.after(this.intervalMs * (0.9 + 0.2 * this.random.next()), () => this.tick());
  }

  heard(): void {
    this.heardSince = true;
  }

  stop(): void {
    this.cancel();
  }

  private tick(): void {
    this.silent = this.heardSince ? 0 : this.silent + 1;
    this.heardSince = false;
    if (this.silent >= 2) {
      this.dead();
      return;
    }
    this.start();
    this.ask();
  }
}
