import { MessageChannel } from 'node:worker_threads';
import type { Clock } from '@veredus/protocols/clock';

/**
 * Waits. The clock's timers never keep the process alive, so between two looks at a server that has no socket to us
 * Node would find nothing left to do and exit in mid-stop; an open port holds it for as long as the pause lasts.
 */
export function pause(clock: Clock, milliseconds: number): Promise<void> {
  const { port1 } = new MessageChannel();
  port1.ref();
  return new Promise((resolve) => {
    clock.after(milliseconds, () => {
      port1.close();
      resolve();
    });
  });
}
