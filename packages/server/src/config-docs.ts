import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SETTINGS, type Setting } from './config.ts';

export const SETTINGS_PAGE = fileURLToPath(new URL('../../../docs/settings.md', import.meta.url));

const HEADER = `# Settings

Environment variables, read once at the start; an empty one counts as unset. A wrong one stops the start with a sentence
that says what was expected, all of them at once. Written by \`node packages/server/src/config-docs.ts\` from the table in
\`packages/server/src/config.ts\`.

| name | value | default | what |
|---|---|---|---|
`;

/** The page of all settings, in Markdown. */
export function settingsPage(): string {
  const rows = Object.values<Setting<unknown>>(SETTINGS).map((setting) => {
    const { name, kind, about } = setting;
    const cells = [`\`${name}\``, kind.expects, setting.otherwise ?? `\`${String(setting.fallback)}\``, about];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return `${HEADER}${rows.join('\n')}\n`;
}

if (import.meta.main) await writeFile(SETTINGS_PAGE, settingsPage());
