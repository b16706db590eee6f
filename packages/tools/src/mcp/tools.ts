import type { Tool } from '@modelcontextprotocol/server';
import type { Action, Hints } from '../action.ts';
import { describeAction } from '../describe-action.ts';

/** Where a caller may act. */
export interface Places {
  readonly connections: readonly { readonly id: string; readonly label: string }[];
  readonly ownAccount: boolean;
}

export const CONNECTION = 'connected_account_id';

/**
 * What every tool answers. Only the envelope is fixed: clients hold an answer to this schema, and an answer of ClickSend's
 * that is new to us must not make a sent message look like a failed one.
 */
export const ENVELOPE = {
  type: 'object',
  properties: {
    data: { type: 'object', description: 'What came of it; empty where nothing was done.' },
    error: { type: ['string', 'null'], description: 'Why it was not done, and how to mend it; null where it was.' },
    successful: { type: 'boolean' },
  },
  required: ['data', 'error', 'successful'],
} as const satisfies Tool['outputSchema'];

/** An action as clients list it. Equal for everybody, but for the connections there are to choose among. */
export function toolOf(action: Action, places: Places): Tool {
  const { slug, name, description, input_parameters } = describeAction(action);
  return {
    name: slug,
    title: name,
    description,
    inputSchema: withConnection(input_parameters, places) as Tool['inputSchema'],
    outputSchema: ENVELOPE,
    annotations: annotationsOf(name, action.hints),
  };
}

/** All four, always: clients assume the worst of one that is absent. */
export function annotationsOf(title: string, hints: Hints): NonNullable<Tool['annotations']> {
  return {
    title,
    readOnlyHint: hints.readOnly,
    destructiveHint: hints.destructive,
    idempotentHint: hints.idempotent,
    openWorldHint: hints.openWorld,
  };
}

/** Where there is one place to act on, or none, there is nothing to choose and the argument is not there. */
export function withConnection(
  schema: Readonly<Record<string, unknown>>,
  { connections, ownAccount }: Places,
): Readonly<Record<string, unknown>> {
  if (connections.length + (ownAccount ? 1 : 0) < 2) return schema;
  const usual = ownAccount ? 'this account itself' : 'the newest of them';
  const labels = connections.map(({ id, label }) => `${id} (${label})`).join(', ');
  const choice = {
    type: 'string',
    enum: connections.map(({ id }) => id),
    description: `Which connection to act on: ${labels}. Left out: ${usual}.`,
  };
  const properties = schema.properties as Readonly<Record<string, unknown>> | undefined;
  return { ...schema, properties: { ...properties, [CONNECTION]: choice } };
}
