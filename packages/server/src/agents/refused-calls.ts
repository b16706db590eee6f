import type { Clock } from '@veredus/protocols/clock';

/** Refused calls of one actor that are written down in a minute: enough to see what goes wrong, and no way to fill a disk. */
const MOST_A_MINUTE = 60;
const MINUTE_MS = 60_000;
/** What is kept of the arguments of a refused call, in characters. */
const ARGUMENTS = 1_000;

/** Answers, per actor, whether one more is written down. */
export function refusalBudget(clock: Clock): (actor: string) => boolean {
  let began = clock.monotonic();
  const counts = new Map<string, number>();
  return (actor) => {
    const now = clock.monotonic();
    if (now - began >= MINUTE_MS) {
      began = now;
      counts.clear();
    }
    const before = counts.get(actor) ?? 0;
    if (before >= MOST_A_MINUTE) return false;
    counts.set(actor, before + 1);
    return true;
  };
}

/** Masked arguments as JSON text, shortened to what tells a slip: which there were. */
export function shortArguments(text: string): string {
  if (text.length <= ARGUMENTS) return text;
  const names = Object.keys(JSON.parse(text))
    .join(', ')
    .slice(0, ARGUMENTS / 2);
  return JSON.stringify({ '…': `${text.length} characters: ${names}` });
}
