import { Refusal } from '../../refusal.ts';
import type { Route } from './door.ts';
import type { BrokerParts } from './parts.ts';

/** What clients may ask for and this server does not do, each with what to do instead. */
const NOT_SERVED: readonly [method: Route['method'], url: string, words: string][] = [
  [
    'POST',
    '/files/upload/request',
    'Files are not uploaded over this API: give tools a public URL of the file, or upload it with POST /v3/uploads and give its address.',
  ],
  [
    'POST',
    '/tools/execute/proxy',
    'Calls are not passed on as they are: use a tool, or this server’s own API under /v3.',
  ],
  [
    'POST',
    '/tools/execute/:slug/input',
    'This server asks no model to make arguments: send arguments to tools/execute/{slug}.',
  ],
];

/** Sessions would be kept between calls; what they are for is what MCP is. */
const SESSIONS = [
  ['POST', ''],
  ...(['GET', 'PATCH', 'DELETE'] as const).map((method) => [method, '/:id'] as const),
  ...(['tools', 'toolkits'] as const).map((what) => ['GET', `/:id/${what}`] as const),
  ...(['execute', 'link', 'search'] as const).map((what) => ['POST', `/:id/${what}`] as const),
] as const satisfies readonly (readonly [Route['method'], string])[];

export function routesNotServed({ publicUrl }: Pick<BrokerParts, 'publicUrl'>): Route[] {
  const refuse = (words: () => string) => () => {
    throw new Refusal('bad-request', words());
  };
  const sessions = () =>
    `Sessions are not kept here. Speak MCP at ${publicUrl()}/mcp with the same key, or use tools, connected_accounts and tools/execute.`;
  return [
    ...NOT_SERVED.map(
      ([method, url, words]): Route => ({ method, url, need: 'none', execution: true, work: refuse(() => words) }),
    ),
    ...SESSIONS.map(
      ([method, path]): Route => ({
        method,
        url: `/tool_router/session${path}`,
        need: 'none',
        execution: true,
        work: refuse(sessions),
      }),
    ),
  ];
}
