import type { Task } from '../periodic.ts';
import { alertMailer } from '../rules/alerts.ts';
import { receiptRunner } from '../rules/run-receipts.ts';
import { type RunnerParts, ruleRunner } from '../rules/run-rules.ts';

/** What a node that works does by itself because of texts from handsets, receipts and alerts. */
export interface Automation {
  /** Whole texts were stored. */
  textsStored(): void;
  readonly tasks: readonly Task[];
  stop(): Promise<void>;
}

export function openAutomation(parts: RunnerParts): Automation {
  const rules = ruleRunner(parts);
  const receipts = receiptRunner({ ...parts, wakeActions: rules.wakeActions });
  const alerts = alertMailer({ ...parts.mail, log: parts.log });
  return {
    textsStored: rules.wake,
    tasks: [
      { name: 'run rules', everyMs: 1_000, run: () => rules.tick() },
      { name: 'run receipt rules', everyMs: 500, run: () => receipts.run() },
      { name: 'mail alerts', everyMs: 1_000, run: () => alerts.run() },
    ],
    async stop() {
      await Promise.all([rules.stop(), receipts.stop(), alerts.stop()]);
    },
  };
}
