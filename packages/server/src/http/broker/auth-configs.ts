import { z } from 'zod';
import {
  type AuthConfig,
  createAuthConfig,
  defaultAuthConfig,
  deleteAuthConfig,
  listAuthConfigs,
  setAuthConfigEnabled,
  showAuthConfig,
  updateAuthConfig,
} from '../../connections/auth-configs.ts';
import type { BrokerCall, Route } from './door.ts';
import { LOGO } from './logo.ts';
import { listed, pageOf } from './page.ts';
import type { BrokerParts } from './parts.ts';
import { fault } from './query.ts';
import { readBody } from './read-body.ts';
import { CREDENTIALS, isOurs, noToolkit, SCHEME } from './toolkits.ts';

export function authConfigRoutes({ connections: parts }: BrokerParts): Route[] {
  const id = ({ params }: BrokerCall) => params.id!;
  return [
    { method: 'GET', url: '/auth_configs', need: 'see', work: (call) => list(parts, call) },
    { method: 'POST', url: '/auth_configs', need: 'change', work: (call) => create(parts, call) },
    {
      method: 'GET',
      url: '/auth_configs/:id',
      need: 'see',
      work: async (call) => show(await showAuthConfig(parts, call.actor.caller.accountId, id(call))),
    },
    { method: 'PATCH', url: '/auth_configs/:id', need: 'change', work: (call) => update(parts, call, id(call)) },
    {
      method: 'DELETE',
      url: '/auth_configs/:id',
      need: 'change',
      work: async (call) => {
        await deleteAuthConfig(parts, call.actor.caller, id(call));
        return {};
      },
    },
    {
      method: 'PATCH',
      url: '/auth_configs/:id/:status',
      need: 'change',
      work: async (call) => {
        const status = call.params.status!.toUpperCase();
        if (status !== 'ENABLED' && status !== 'DISABLED') throw fault('status', 'must be ENABLED or DISABLED.');
        await setAuthConfigEnabled(parts, call.actor.caller, id(call), status === 'ENABLED');
        return {};
      },
    },
  ];
}

type Parts = BrokerParts['connections'];

const SLUGS = z.array(z.string()).max(1_000).nullish();
const ACCESS = z
  .object({ tools_available_for_execution: SLUGS, tools_for_connected_account_creation: SLUGS })
  .nullish();

const CREATE = z.object({
  toolkit: z.object({ slug: z.string() }),
  auth_config: z
    .object({
      type: z.enum(['use_composio_managed_auth', 'use_custom_auth'], {
        error: 'must be use_composio_managed_auth or use_custom_auth.',
      }),
      name: z.string().nullish(),
      authScheme: z.string().nullish(),
      auth_scheme: z.string().nullish(),
      tool_access_config: ACCESS,
      restrict_to_following_tools: SLUGS,
      // Ours: where its connections act.
      target: z.enum(['local', 'cloud'], { error: 'must be local or cloud.' }).nullish(),
    })
    .nullish(),
});

const UPDATE = z.object({
  type: z.enum(['custom', 'default'], { error: 'must be custom or default.' }).nullish(),
  name: z.string().nullish(),
  tool_access_config: ACCESS,
  restrict_to_following_tools: SLUGS,
});

/** Without a wish of its own it is the account's usual one, so that connecting is one line. */
async function create(parts: Parts, { actor, body, reply }: BrokerCall) {
  const { toolkit, auth_config: wish } = readBody(CREATE, body);
  if (!isOurs(toolkit.slug)) throw fault('toolkit.slug', `is unknown: ${noToolkit(toolkit.slug).message}`);
  const scheme = wish?.authScheme ?? wish?.auth_scheme ?? SCHEME;
  if (scheme !== SCHEME)
    throw fault('auth_config.authScheme', `must be ${SCHEME}: this toolkit takes a username and a password.`);
  const usual = wish == null || wish.type === 'use_composio_managed_auth';
  // A name for it is not a wish: clients send one along when they connect in one line.
  const plain = !wish?.tool_access_config && !wish?.restrict_to_following_tools;
  const made =
    usual && plain
      ? await defaultAuthConfig(parts, actor.caller, wish?.target ?? undefined)
      : await createAuthConfig(parts, actor.caller, {
          name: wish?.name || null,
          target: wish?.target ?? null,
          executionActions: executionOf(wish ?? {}) ?? null,
          connectionActions: wish?.tool_access_config?.tools_for_connected_account_creation ?? null,
        });
  reply.status(201);
  return {
    toolkit: { slug: made.toolkit },
    auth_config: { id: made.authConfigId, auth_scheme: SCHEME, is_composio_managed: made.isDefault },
  };
}

/** Two fields for one thing; undefined = it is not said, null = all. */
function executionOf(wish: Pick<z.output<typeof UPDATE>, 'tool_access_config' | 'restrict_to_following_tools'>) {
  const said = wish.tool_access_config?.tools_available_for_execution;
  return said === undefined ? wish.restrict_to_following_tools : said;
}

async function update(parts: Parts, { actor, body }: BrokerCall, id: string) {
  const change = readBody(UPDATE, body);
  const execution = executionOf(change);
  const connection = change.tool_access_config?.tools_for_connected_account_creation;
  await updateAuthConfig(parts, actor.caller, id, {
    ...(change.name != null && { name: change.name }),
    ...(execution !== undefined && { executionActions: execution }),
    ...(connection !== undefined && { connectionActions: connection }),
  });
  return {};
}

async function list(parts: Parts, { actor, query }: BrokerCall) {
  const page = pageOf(query);
  const toolkits = query.list('toolkit_slug');
  if (toolkits && !toolkits.some(isOurs)) return listed([], 0, page);
  const { total, rows } = await listAuthConfigs(parts, actor.caller.accountId, {
    isDefault: query.flag('is_composio_managed'),
    showDisabled: query.flag('show_disabled') ?? false,
    search: query.text('search'),
    ...page,
  });
  return listed(rows.map(show), total, page);
}

function show(config: AuthConfig) {
  return {
    id: config.authConfigId,
    uuid: config.authConfigId,
    type: config.isDefault ? 'default' : 'custom',
    toolkit: { slug: config.toolkit, logo: LOGO },
    name: config.name,
    status: config.enabled ? 'ENABLED' : 'DISABLED',
    no_of_connections: config.connections,
    auth_scheme: SCHEME,
    is_composio_managed: config.isDefault,
    tool_access_config: {
      ...(config.executionActions && { tools_available_for_execution: config.executionActions }),
      ...(config.connectionActions && { tools_for_connected_account_creation: config.connectionActions }),
    },
    ...(config.executionActions && { restrict_to_following_tools: config.executionActions }),
    expected_input_fields: CREDENTIALS,
    credentials: {},
    is_enabled_for_tool_router: true,
    created_at: new Date(config.createdAt).toISOString(),
    last_updated_at: new Date(config.updatedAt).toISOString(),
    target: config.target,
  };
}
