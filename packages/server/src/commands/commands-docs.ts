import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { listCommands } from './commands.ts';

export const COMMANDS_PAGE = fileURLToPath(new URL('../../../../docs/commands.md', import.meta.url));

const HEADER = `# Commands

\`npm run veredus -- <command>\` in a clone; they work on the same database as the server, while it runs or not. \`veredus start\`
starts the server. What cannot be done is said in a sentence, with exit code 2, and nothing is changed. Written by
\`node packages/server/src/commands/commands-docs.ts\` from the commands themselves.
`;

/** The page of all commands, in Markdown. */
export function commandsPage(): string {
  const entries = listCommands().map((entry) => {
    const [line = '', ...summary] = entry.split('\n');
    return `\n\`\`\`\n${line}\n\`\`\`\n\n${summary.map((words) => words.trim()).join(' ')}\n`;
  });
  return HEADER + entries.join('');
}

if (import.meta.main) await writeFile(COMMANDS_PAGE, commandsPage());
