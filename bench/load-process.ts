import { jsonLine, lineOf, startProgram } from './children.ts';
import type { LoadOrder, LoadReport } from './load.ts';

/** Runs a load to its end. Fails, with an answer to show, when a message was not accepted: a figure of refusals is none. */
export async function runLoad(order: LoadOrder): Promise<LoadReport> {
  return checked(await lineOf(startProgram('load.ts', [JSON.stringify(order)]), jsonLine<LoadReport>));
}

/** Sends single calls every `everyMs` until told to end. */
export function startProbe(order: LoadOrder & { everyMs: number }): { end(): Promise<LoadReport> } {
  const child = startProgram('load.ts', [JSON.stringify(order)]);
  const report = lineOf(child, jsonLine<LoadReport>);
  // Whoever awaits it is told; nobody may for a while.
  report.catch(() => {});
  return {
    async end() {
      child.stdin!.end();
      return checked(await report);
    },
  };
}

function checked(report: LoadReport): LoadReport {
  if (report.refused > 0) throw new Error(`${report.refused} messages were not accepted, e.g.: ${report.sample}`);
  return report;
}

/** The value that a share of the sorted values does not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  const at = Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1);
  return sorted[Math.max(0, at)] ?? Number.NaN;
}
