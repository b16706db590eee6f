import type { ServerResponse } from 'node:http';
import type { Clock } from '@veredus/protocols/clock';

/** Nothing between here and the reader may keep it, change it or wait for more of it. */
export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  // The end of the stream is the end of the connection, so that a server that stops waits for none of them.
  connection: 'close',
} as const;

/** How long a reader may take no byte before he is cut off; he goes on by the last id he has. */
const PATIENCE_MS = 30_000;

/** One event as it stands in the stream. JSON has no line break, and neither has anything else here. */
export const frame = (id: string, kind: string, data: unknown): string =>
  `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;

/** A stream of server-sent events to one reader, of whom no more is held than he has room for. */
export interface EventStream {
  /** Writes, and resolves when there is room for more, or nobody to read it. */
  write(text: string): Promise<void>;
  /** Writes where there is room at once; somebody who reads nothing needs no sign of life. */
  beat(text: string): void;
  /** Says why in a comment and hangs up; one who does not read is cut off. */
  end(why: string): void;
}

export function openEventStream(response: ServerResponse, clock: Clock): EventStream {
  // A reader who goes away while something is written to him is no fault.
  response.on('error', () => {});
  return {
    async write(text) {
      if (response.destroyed || response.writableEnded) return;
      if (!response.write(text)) await drained(response, clock);
    },
    beat(text) {
      if (!response.destroyed && !response.writableEnded && !response.writableNeedDrain) response.write(text);
    },
    end(why) {
      if (response.writableNeedDrain) response.destroy();
      else response.end(`: ${why}\n\n`);
    },
  };
}

function drained(response: ServerResponse, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      response.off('drain', done).off('close', done);
      resolve();
    };
    const cancel = clock.after(PATIENCE_MS, () => response.destroy());
    response.once('drain', done).once('close', done);
  });
}
