import type { BridgeSettings } from './settings.ts';

/** What the bridge works with. */
export interface BridgeParts {
  readonly settings: BridgeSettings;
  /** Standard input. */
  readonly input: AsyncIterable<Uint8Array>;
  readonly fetch: typeof fetch;
  /** Writes one line to standard output. Throws where nobody reads it any more. */
  write(line: string): Promise<void>;
  /** For people, on standard error. */
  say(words: string): void;
  pause(milliseconds: number): Promise<void>;
}
