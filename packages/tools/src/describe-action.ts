import { z } from 'zod';
import type { Action, Hints } from './action.ts';
import { toolkit } from './catalogue.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** An action as brokers and MCP list it. */
export interface ActionDescription {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly input_parameters: JsonSchema;
  readonly output_parameters: JsonSchema;
  readonly tags: readonly string[];
  readonly version: string;
  readonly available_versions: readonly string[];
}

/** The result, which is the same of every action. `data` is left open: clients check it, and a target may add to it. */
const output: JsonSchema = fixed({
  type: 'object',
  properties: {
    data: {
      type: 'object',
      description:
        "What the platform answered: ClickSend's envelope with http_code, response_code, response_msg and data; warnings, where something is worth knowing.",
    },
    error: { type: ['string', 'null'], description: 'Why it was not done, and how to mend it; null when it was.' },
    successful: { type: 'boolean', description: 'Whether it was done.' },
  },
  required: ['data', 'error', 'successful'],
});

const described = new Map<string, ActionDescription>();

/** Computed once for each action. */
export function describeAction(action: Action): ActionDescription {
  const known = described.get(action.slug);
  if (known !== undefined) return known;
  const description = fixed({
    slug: action.slug,
    name: action.title,
    description: action.description,
    input_parameters: inputSchema(action),
    output_parameters: output,
    tags: ['important', ...hintTags(action.hints), ...action.topics],
    version: toolkit.version,
    available_versions: [...toolkit.versions],
  });
  described.set(action.slug, description);
  return description;
}

const hintTags = (hints: Hints): string[] =>
  Object.entries(hints).flatMap(([name, holds]) => (holds === true ? [`${name}Hint`] : []));

function inputSchema(action: Action): JsonSchema {
  const { $schema: _, type, ...schema } = z.toJSONSchema(action.input, { io: 'input', override: withoutNoise });
  return JSON.parse(JSON.stringify({ type, properties: {}, ...schema }));
}

/** Bounds that only say that JavaScript's numbers end somewhere. */
function withoutNoise({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}

/** Shared by all who ask, so nobody may change it. */
function fixed<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) fixed(inner);
  return Object.freeze(value);
}
