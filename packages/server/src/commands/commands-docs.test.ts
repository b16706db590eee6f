import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { commands } from './commands.ts';
import { COMMANDS_PAGE, commandsPage } from './commands-docs.ts';

test('docs/commands.md is current', async () => {
  const run = 'run `node packages/server/src/commands/commands-docs.ts`';
  expect(await readFile(COMMANDS_PAGE, 'utf8'), run).toBe(commandsPage());
});

test('the page has every command with its usage and what it does', () => {
  const page = commandsPage();
  for (const { name, usage, summary } of commands)
    expect(page).toContain(`\n\`\`\`\n${`veredus ${name} ${usage}`.trimEnd()}\n\`\`\`\n\n${summary}\n`);
});
