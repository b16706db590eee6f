import type { Tool } from '@modelcontextprotocol/server';
import type { Action, Hints } from '../action.ts';
import { hints } from '../hints.ts';
import { annotationsOf, ENVELOPE, type Places, withConnection } from './tools.ts';

export const SEARCH = 'search_actions';
export const DESCRIBE = 'describe_action';
export const CALL = 'call_action';

const slug = { type: 'string', description: 'An action’s name, as search_actions gives it.' };

/** Three tools in place of one for each action, for clients that cannot hold so many. By name, as every list. */
export function compactTools(actions: readonly Action[], places: Places): Tool[] {
  return [callTool(actions, places), describeTool(), searchTool(actions.length)];
}

function searchTool(count: number): Tool {
  return {
    name: SEARCH,
    title: 'Search actions',
    description: `Finds what can be done here, by words such as "send sms", "contacts" or "price": there are ${count} actions. Answers names, titles and one line each, the best fit first. Start here.`,
    inputSchema: {
      type: 'object',
      properties: {
        query: { type: 'string', maxLength: 500, description: 'A few words of English; left out, all are listed.' },
        limit: { type: 'integer', minimum: 1, maximum: 100, default: 10, description: 'How many at most.' },
      },
      additionalProperties: false,
    },
    outputSchema: ENVELOPE,
    annotations: annotationsOf('Search actions', hints.reads),
  };
}

function describeTool(): Tool {
  return {
    name: DESCRIBE,
    title: 'Describe an action',
    description:
      'Everything about one action: what it does, its arguments as a JSON Schema, and whether it changes, sends or destroys something. Read it before you call an action for the first time.',
    inputSchema: { type: 'object', properties: { slug }, required: ['slug'], additionalProperties: false },
    outputSchema: ENVELOPE,
    annotations: annotationsOf('Describe an action', hints.reads),
  };
}

function callTool(actions: readonly Action[], places: Places): Tool {
  const schema = {
    type: 'object',
    properties: {
      slug,
      arguments: { type: 'object', description: 'The action’s own arguments, as describe_action shows them.' },
      idempotency_key: {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        description:
          'Any text of your own that stands for this one intention. Repeat a call with the same key and the same arguments, and it is done once.',
      },
    },
    required: ['slug'],
    additionalProperties: false,
  };
  return {
    name: CALL,
    title: 'Call an action',
    description:
      'Runs one action. What that does, and whether it sends something or costs money, is for the action to say: describe_action tells.',
    inputSchema: withConnection(schema, places) as Tool['inputSchema'],
    outputSchema: ENVELOPE,
    annotations: annotationsOf('Call an action', worstOf(actions)),
  };
}

/** One tool that runs them all is as harmless as the least harmless of them. */
function worstOf(actions: readonly Action[]): Hints {
  const all = actions.map((action) => action.hints);
  return {
    readOnly: all.every((one) => one.readOnly),
    destructive: all.some((one) => one.destructive),
    idempotent: all.every((one) => one.idempotent),
    openWorld: all.some((one) => one.openWorld),
  };
}
