import type { CallToolRequestParams, CallToolResult, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Action } from '../action.ts';
import { describeAction } from '../describe-action.ts';
import { readObject } from '../read-arguments.ts';
import { failed, succeeded } from '../result.ts';
import { resultOf } from './answer.ts';
import { CALL, DESCRIBE, SEARCH } from './compact-tools.ts';
import { findTool, meantTool, shownName } from './find-tool.ts';
import type { McpParts } from './options.ts';
import { invalid, readToolCall } from './read-call.ts';
import { runTool } from './run-tool.ts';
import { searchActions } from './search-actions.ts';
import { CONNECTION } from './tools.ts';

const MOST_FOUND = 100;
const foundWords = `must be from 1 to ${MOST_FOUND}.`;
const searching = z.strictObject({
  query: z.string().max(500).optional(),
  limit: z.int().min(1, foundWords).max(MOST_FOUND, foundWords).optional(),
});
const describing = z.strictObject({ slug: z.string() });
const calling = z.strictObject({
  slug: z.string(),
  // Some models write an object as its JSON text; the action's own reader takes both, and has the words for anything else.
  arguments: z.unknown().optional(),
  idempotency_key: z.string().min(1).max(255).optional(),
  [CONNECTION]: z.string().optional(),
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
  throw invalid(`There is no tool ${shownName(params.name)}; there are ${[SEARCH, DESCRIBE, CALL].join(', ')}.`);
}

function search({ host }: McpParts, given: unknown): CallToolResult {
  const read = readObject(SEARCH, searching, given);
  if (!read.ok) return resultOf(failed(read.error));
  const { query = '', limit = 10 } = read.input;
  const found = searchActions(host.actions(), query);
  const actions = found.slice(0, limit).map(({ slug, title, description }) => {
    return { slug, title, description: firstSentence(description) };
  });
  return resultOf(succeeded({ actions, total: found.length }));
}

function describe({ host }: McpParts, given: unknown): CallToolResult {
  const read = readObject(DESCRIBE, describing, given);
  if (!read.ok) return resultOf(failed(read.error));
  const action = findTool(host.actions(), read.input.slug);
  if (!action) return unknown(host.actions(), read.input.slug);
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
  const given = params.arguments ?? {};
  const actions = parts.host.actions();
  const beside = besideSlug(actions, given);
  if (beside !== null) return resultOf(failed(beside));
  const read = readObject(CALL, calling, given);
  if (!read.ok) return resultOf(failed(read.error));
  const { slug, arguments: own = {}, idempotency_key = null, [CONNECTION]: connectionId = null } = read.input;
  const action = findTool(actions, slug);
  if (!action) return unknown(actions, slug);
  const named = readToolCall({ name: action.slug, _meta: params._meta }, parts.options.runId);
  const idempotencyKey = named.idempotencyKey ?? idempotency_key;
  return runTool(parts, action, { ...named, arguments: own, connectionId, idempotencyKey }, context);
}

/** The action's own arguments beside its slug, where models that know the action by itself put them; null = none. */
function besideSlug(actions: readonly Action[], given: Readonly<Record<string, unknown>>): string | null {
  const action = typeof given.slug === 'string' ? findTool(actions, given.slug) : undefined;
  if (!action) return null;
  const names = Object.keys(given).filter(
    (name) => !Object.hasOwn(calling.shape, name) && Object.hasOwn(action.input.shape, name),
  );
  if (names.length === 0) return null;
  const whole = `{"slug": "${action.slug}", "arguments": {"${names[0]}": …}}`;
  return `Nothing was done. Put ${names.join(', ')} into arguments, not beside slug: ${whole}.`;
}

/** One that the caller may not run is as unknown as one that does not exist. */
function unknown(actions: readonly Action[], slug: string): CallToolResult {
  const words = `There is no action ${shownName(slug)} for this key; ${SEARCH} finds those there are.`;
  return resultOf(failed(`${words}${meantTool(actions, slug)}`));
}

function firstSentence(text: string): string {
  return /^.+?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
}
