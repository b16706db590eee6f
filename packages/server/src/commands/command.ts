import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { StdioParts } from '@veredus/tools/bridge/run-stdio';
import type { Database } from '../db/db.ts';
import { Refusal } from '../refusal.ts';

/** What a command works with. */
export interface CommandParts {
  db: Database;
  clock: Clock;
  random: Random;
  /** Prints one line. */
  out(line: string): void;
  /** Prints one line for the person only: on standard error, so that a script that reads a key finds the key alone. */
  note(line: string): void;
  /** All of standard input, for secrets: a command line can be read by every user of the machine. */
  input(): Promise<string>;
  /** The server's own key, for what is sealed under keys derived from it. */
  secretKey(): Promise<Buffer>;
  config: { currency: string; country: string };
}

/** A command of `veredus`. */
export interface Command {
  /** As typed, e.g. `ledger verify`. */
  name: string;
  /** What follows the name. */
  usage: string;
  summary: string;
  /** Answers the exit code. @throws Refusal what the person at the terminal can mend. */
  run(parts: CommandParts, args: readonly string[]): Promise<number>;
}

/** What a command works with that speaks to a running server, and so opens no database. */
export interface LooseParts extends StdioParts {
  dataDir: string;
}

export interface LooseCommand extends Omit<Command, 'run'> {
  run(parts: LooseParts, args: readonly string[]): Promise<number>;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Reads exactly the positionals named, and options. @throws Refusal `bad-request` with the usage where they do not fit.
 */
export function readArgs<const N extends readonly string[], const O extends Options>(
  command: Pick<Command, 'name' | 'usage'>,
  args: readonly string[],
  names: N,
  options: O,
) {
  const parsed = parse(command, args, options);
  const missing = names.slice(parsed.positionals.length);
  if (missing.length > 0)
    throw misuse(command, `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing.`);
  // What is too much may be a secret, and is not said again.
  if (parsed.positionals.length > names.length)
    throw misuse(command, `Too many arguments: it takes ${names.join(' and ') || 'none'}.`);
  const named = Object.fromEntries(names.map((name, i) => [name, parsed.positionals[i]]));
  return { ...(named as Record<N[number], string>), options: parsed.values };
}

function parse<const O extends Options>(command: Pick<Command, 'name' | 'usage'>, args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw misuse(command, (error as Error).message);
  }
}

function misuse({ name, usage }: Pick<Command, 'name' | 'usage'>, what: string): Refusal {
  return new Refusal('bad-request', `${what}\nUsage: veredus ${name} ${usage}`);
}

/** Tells a command's `forget`: it runs in a process of its own, and nodes forget by themselves within 5 s. */
export const noCallersHere = () => {};
