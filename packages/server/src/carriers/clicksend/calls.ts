import type { Clock } from '@veredus/protocols/clock';
import { type CarefulAnswer, openCarefulCalls } from '../../outbound/careful-calls.ts';
import type { ClicksendSettings } from './settings.ts';

export interface Call {
  method: 'GET' | 'POST' | 'PUT';
  /** With its query. */
  path: string;
  /** JSON text. */
  body?: string;
  /** Sent as `Idempotency-Key`. */
  key?: string;
}

/** What came of a call: the three things that decide whether it may be made again. */
export type Answer = CarefulAnswer;

export interface Calls {
  make(call: Call): Promise<Answer>;
  /** Ends every call under way, each as `unwritten` or `cut`. */
  destroy(): void;
}

/** A page of 100 receipts is about 40 kB, the answer to 1,000 messages about 700 kB. */
const ANSWER_LIMIT = 8 * 1024 * 1024;
const CONNECTIONS = 8;

/** The connections to the cloud, as the one whose messages leave by it. */
export function openCalls(settings: ClicksendSettings, clock: Clock): Calls {
  const { origin, timeoutMs } = settings;
  const calls = openCarefulCalls(
    { origin, timeoutMs, connections: CONNECTIONS, answerLimit: ANSWER_LIMIT, owner: 'the carrier' },
    clock,
  );
  return {
    make: (call) =>
      calls.make({ method: call.method, path: call.path, headers: headersOf(call, settings), body: call.body }),
    destroy: calls.destroy,
  };
}

function headersOf(call: Call, settings: ClicksendSettings): Record<string, string> {
  return {
    authorization: settings.authorization,
    accept: 'application/json',
    'user-agent': 'Veredus',
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(call.key === undefined ? {} : { 'idempotency-key': call.key }),
  };
}
