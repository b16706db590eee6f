import type { Readable, Writable } from 'node:stream';
import { runBridge } from './bridge.ts';
import { type BridgeEnvironment, readBridgeSettings } from './settings.ts';

export interface StdioParts {
  readonly env: BridgeEnvironment;
  readonly input: Readable;
  readonly output: Writable;
  readonly fetch: typeof fetch;
  say(words: string): void;
  pause(milliseconds: number): Promise<void>;
}

/** The bridge on a process's own streams. Answers the exit code. */
export async function runStdio(parts: StdioParts): Promise<number> {
  const settings = readBridgeSettings(parts.env);
  if (typeof settings === 'string') {
    parts.say(settings);
    return 2;
  }
  // A client that has gone reads nothing more; what is under way ends as it would, and then the process.
  parts.output.on('error', () => parts.input.destroy());
  await runBridge({ ...parts, settings, write: (line) => writeLine(parts.output, line) }).catch((error) => {
    if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
  return 0;
}

function writeLine(output: Writable, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
  });
}
