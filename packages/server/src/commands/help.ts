import { listCommands } from './commands.ts';

const WORDS: ReadonlySet<string | undefined> = new Set(['help', '--help', '-h']);

/** Whether words on the command line ask what there is: `help agent`, `agent help`, `agent create --help`. */
export function asksForHelp(words: readonly string[]): boolean {
  const last = words.at(-1);
  // Further on `help` may be what somebody calls an agent.
  return WORDS.has(words[0]) || (WORDS.has(last) && (words.length === 2 || last !== 'help'));
}

/** The commands that words lead to: the one they name, else those of their first word, else all. */
export function helpFor(words: readonly string[]): string {
  const topic = words.filter((word) => !WORDS.has(word));
  const all = ['veredus start\n    Start the server.', ...listCommands()];
  for (const count of [2, 1]) {
    const begin = `veredus ${topic.slice(0, count).join(' ')}`;
    const found = all.filter((entry) => /^[ \n]/.test(entry.slice(begin.length)) && entry.startsWith(begin));
    if (topic.length >= count && found.length > 0) return found.join('\n');
  }
  return all.join('\n');
}

/** What is said where the words are no command. */
export function unknownCommand(words: readonly string[]): string {
  return `There is no command "${words.join(' ')}". There are:\n\n${helpFor(words)}`;
}
