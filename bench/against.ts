import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Case } from './cases.ts';

/** What the other program needs to know of the machinery it shares with ours. */
export interface AgainstParts {
  databaseUrl: string;
  sinkPort: number;
  window: number;
}

/**
 * Runs another program under the same load and answers its rate of full lives. In `command` {messages}, {batch},
 * {connections}, {window}, {database}, {sink} and {single} (1 for one message a call, else 0) are filled in; the last line
 * of JSON it prints must hold `fullPerSec`.
 */
export async function runAgainst(command: string, one: Case, parts: AgainstParts): Promise<number> {
  const values: Record<string, string | number> = {
    messages: one.messages,
    batch: one.batch,
    connections: one.connections,
    single: one.batch === 1 ? 1 : 0,
    window: parts.window,
    database: parts.databaseUrl,
    sink: parts.sinkPort,
  };
  const filled = command.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  const child = spawn(filled, { shell: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = (await text(child.stdout)).split('\n').filter((line) => line.startsWith('{'));
  const rate: unknown = JSON.parse(lines.at(-1) ?? '{}').fullPerSec;
  if (typeof rate !== 'number') throw new Error(`${filled} printed no fullPerSec`);
  return rate;
}
