import { expect, test } from 'vitest';
import { commands, looseCommands } from './commands.ts';
import { asksForHelp, helpFor, unknownCommand } from './help.ts';

const namesIn = (text: string) => [...text.matchAll(/^veredus ([a-z-]+(?: [a-z-]+)?)/gm)].map(([, name]) => name);
const agentCommands = commands.map(({ name }) => name).filter((name) => name.startsWith('agent '));

test.each([['agent'], ['help agent'], ['agent help'], ['agent --help'], ['agent rotate'], ['agent rotate -h']])(
  '%s leads to the commands of agents only',
  (line) => expect(namesIn(helpFor(line.split(' ')))).toEqual(agentCommands),
);

test.each([['agent rotate-key --help'], ['help agent rotate-key'], ['agent rotate-key ana desk --help']])(
  '%s leads to the one command',
  (line) => expect(namesIn(helpFor(line.split(' ')))).toEqual(['agent rotate-key']),
);

test('what leads nowhere gets them all', () => {
  const all = ['start', ...commands.map(({ name }) => name), ...looseCommands.map(({ name }) => name)].sort();
  for (const line of ['help', '--help', 'nonsense', 'agen', 'help nonsense'])
    expect(namesIn(helpFor(line.split(' '))).sort(), line).toEqual(all);
  expect(namesIn(helpFor(['start', '--help']))).toEqual(['start']);
});

test('a command is no question, whatever it is about', () => {
  for (const line of ['agent create ana desk', 'agent show ana help', 'agent rotate', 'start'])
    expect(asksForHelp(line.split(' ')), line).toBe(false);
  for (const line of ['help', '-h', 'agent help', 'agent show ana --help', 'start --help'])
    expect(asksForHelp(line.split(' ')), line).toBe(true);
});

test('a slip of the pen is told what there is nearby', () => {
  const words = unknownCommand(['agent', 'rotate']);
  expect(words).toContain('There is no command "agent rotate". There are:');
  expect(namesIn(words)).toEqual(agentCommands);
});
