import type { CallToolRequestParams, CallToolResult, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Action } from '../action.ts';
import { describeAction } from '../describe-action.ts';
import { failed, succeeded } from '../result.ts';
import { resultOf } from './answer.ts';
import { CALL, DESCRIBE, SEARCH } from './compact-tools.ts';
import type { McpParts } from './options.ts';
import { invalid, readToolCall } from './read-call.ts';
import { runTool } from './run-tool.ts';
import { searchActions } from './search-actions.ts';
import { CONNECTION } from './tools.ts';

const searching = z.strictObject({
  query: z.string().max(500).default(''),
  limit: z.number().int().min(1).max(100).default(10),
});
const describing = z.strictObject({ slug: z.string() });
const calling = z.strictObject({
  slug: z.string(),
  // Some models write an object as its JSON text; the action's own reader takes both.
  arguments: z.union([z.record(z.string(), z.unknown()), z.string()]).default({}),
  idempotency_key: z.string().min(1).max(255).nullish(),
  [CONNECTION]: z.string().nullish(),
});

/** What a model got wrong in one of the three tools is a result, for it to mend. */
export async function callCompactTool(
  parts: McpParts,
  params: CallToolRequestParams,
  context: ServerContext,
): Promise<CallToolResult> {
  const given = params.arguments ?? {};
  if (params.name === SEARCH) return search(parts, given);
  if (params.name === DESCRIBE) return describe(parts, given);
  if (params.name === CALL) return call(parts, params, context);
  throw invalid(`Unknown tool: ${params.name}. There are ${[SEARCH, DESCRIBE, CALL].join(', ')}.`);
}

function search({ host }: McpParts, given: unknown): CallToolResult {
  const read = searching.safeParse(given);
  if (!read.success) return wrong(read.error);
  const found = searchActions(host.actions(), read.data.query);
  const actions = found.slice(0, read.data.limit).map(({ slug, title, description }) => {
    return { slug, title, description: firstSentence(description) };
  });
  return resultOf(succeeded({ actions, total: found.length }));
}

function describe({ host }: McpParts, given: unknown): CallToolResult {
  const read = describing.safeParse(given);
  if (!read.success) return wrong(read.error);
  const action = find(host.actions(), read.data.slug);
  if (!action) return unknown(read.data.slug);
  const { slug, name, description, input_parameters } = describeAction(action);
  const { readOnly, destructive, idempotent, openWorld } = action.hints;
  return resultOf(
    succeeded({
      ...{ slug, title: name, description, input_schema: input_parameters, spends: action.spends },
      hints: { read_only: readOnly, destructive, idempotent, open_world: openWorld },
    }),
  );
}

async function call(parts: McpParts, params: CallToolRequestParams, context: ServerContext): Promise<CallToolResult> {
  const read = calling.safeParse(params.arguments ?? {});
  if (!read.success) return wrong(read.error);
  const action = find(parts.host.actions(), read.data.slug);
  if (!action) return unknown(read.data.slug);
  const named = readToolCall({ name: action.slug, _meta: params._meta }, parts.options.runId);
  const wish = {
    ...named,
    arguments: read.data.arguments,
    connectionId: read.data[CONNECTION] ?? null,
    idempotencyKey: named.idempotencyKey ?? read.data.idempotency_key ?? null,
  };
  return runTool(parts, action, wish, context);
}

/** In any case of letters. One that the caller may not run is as unknown as one that does not exist. */
function find(actions: readonly Action[], slug: string): Action | undefined {
  const name = slug.trim().toUpperCase();
  return actions.find((action) => action.slug === name);
}

function unknown(slug: string): CallToolResult {
  return resultOf(failed(`There is no action ${JSON.stringify(slug)} here: ${SEARCH} finds those there are.`));
}

function wrong(error: z.ZodError): CallToolResult {
  const faults = error.issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`);
  return resultOf(failed(`The call could not be read. ${faults.join('; ')}.`));
}

function firstSentence(text: string): string {
  return /^.+?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
}
