import type { Method } from '@veredus/contract/endpoint';
import { z } from 'zod';

/** The four hints of MCP. Clients take the worst where one is absent, so each is always said. */
export interface Hints {
  /** Changes nothing. */
  readonly readOnly: boolean;
  /** May destroy or replace what is there; false = only adds. */
  readonly destructive: boolean;
  /** Repeating it with equal arguments adds nothing. */
  readonly idempotent: boolean;
  /** Touches outside parties: somebody gets a message, or a URL is fetched. */
  readonly openWorld: boolean;
}

/** The call of the ClickSend wire behind an action. */
export interface ActionEndpoint {
  /** Its id in the contract's table; null = not a part of it (yet), so that only the ClickSend cloud can answer it. */
  readonly id: string | null;
  readonly method: Method;
  /** With `{name}` where a parameter stands. */
  readonly path: `/v3/${string}`;
}

/** The parts of one call, as JSON values. */
export interface Operation {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
}

/** One thing an agent can do. An entry like this is all it takes to add another. */
export interface Action<Input extends z.ZodObject = z.ZodObject> {
  /** Upper case, at most 64 characters: `CLICKSEND_CREATE_SMS_SEND`. */
  readonly slug: string;
  /** What it does, honestly, in a few words. */
  readonly title: string;
  /** For models: what it does, when to use it, what to mind. */
  readonly description: string;
  readonly input: Input;
  readonly hints: Hints;
  /** Whether it can cost money. */
  readonly spends: boolean;
  /** Words it is searched by, beside its hints. */
  readonly topics: readonly string[];
  readonly endpoint: ActionEndpoint;
  /** Where one sees whether it was done, said when no answer came: `CLICKSEND_GET_SMS_HISTORY`. Absent where it changes nothing. */
  readonly seenIn?: string;
  operation(input: z.output<Input>): Operation;
  /** What was made of the arguments that their sender should know, such as a name that was cut. */
  notes?(input: z.output<Input>): readonly string[];
  /**
   * Judges the `data` of a successful envelope: `error` where nothing was done after all (every message refused, say), in
   * words a model can act on; `warnings` for what was done in part.
   */
  judge?(
    data: unknown,
    input: z.output<Input>,
  ): { readonly error: string | null; readonly warnings: readonly string[] };
}

export const IDEMPOTENCY_KEY = 'idempotency_key';

const idempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .describe(
    'Any text of your own, up to 255 characters, that stands for this one intention. Repeat a call with the same key and the same arguments, and it is done once; the first answer comes again.',
  );

/** Whether a repetition would do it again, so that its caller may say that it is one. */
export const takesKey = ({ readOnly, idempotent }: Hints): boolean => !readOnly && !idempotent;

/**
 * Declares an action; `operation` gets what its own `input` reads. An action that would be done again by a repetition takes
 * the argument `idempotency_key` besides; nobody has to think of it.
 */
export function action<Input extends z.ZodObject>(declared: Action<Input>): Action {
  const known = declared as unknown as Action;
  if (!takesKey(known.hints)) return known;
  return { ...known, input: known.input.safeExtend({ [IDEMPOTENCY_KEY]: idempotencyKey }) };
}

/** What every face answers for a run. `data` is a JSON object on the wire: ClickSend's envelope, where there is one. */
export interface ActionResult {
  readonly data: Readonly<Record<string, unknown>>;
  readonly error: string | null;
  readonly successful: boolean;
}
