import type { Action } from '@veredus/tools/action';
import { findAction, toolkit } from '@veredus/tools/catalogue';
import { describeAction } from '@veredus/tools/describe-action';
import type { Actor } from '../../agents/actor.ts';
import { listAuthConfigs } from '../../connections/auth-configs.ts';
import { Refusal } from '../../refusal.ts';
import type { BrokerCall, Route } from './door.ts';
import { searchActions } from './find-tools.ts';
import { LOGO } from './logo.ts';
import { listedOf, pageOf } from './page.ts';
import type { BrokerParts } from './parts.ts';
import { fault, type Query } from './query.ts';
import { checkVersion, isOurs } from './toolkits.ts';

export function toolRoutes(parts: BrokerParts): Route[] {
  return [
    { method: 'GET', url: '/tools', need: 'none', work: (call) => listTools(parts, call) },
    {
      method: 'GET',
      url: '/tools/enum',
      need: 'none',
      work: ({ actor }) => parts.allowedActions(actor).map(({ slug }) => slug),
    },
    {
      method: 'GET',
      url: '/tools/:slug',
      need: 'none',
      work: ({ actor, params, query }) => {
        checkVersion(query.text('version'));
        checkVersions(query);
        return showTool(toolOf(parts, actor, params.slug!));
      },
    },
  ];
}

/** @throws Refusal not-found for a tool that is none, and in the same words for one this key may not use. */
export function toolOf(parts: Pick<BrokerParts, 'allowedActions'>, actor: Actor, slug: string): Action {
  const action = findAction(slug);
  if (action && parts.allowedActions(actor).includes(action)) return action;
  throw new Refusal(
    'not-found',
    `There is no tool ${JSON.stringify(slug.slice(0, 80))} for this key; GET tools lists those there are.`,
  );
}

async function listTools(parts: BrokerParts, { actor, query }: BrokerCall) {
  checkVersions(query);
  const page = pageOf(query);
  const all = parts.allowedActions(actor);
  const slugs = query.list('tool_slugs')?.map((slug) => slug.toUpperCase());
  if (slugs)
    return listedOf(
      all.filter(({ slug }) => slugs.includes(slug)),
      page,
      showTool,
    );
  const allowed = await byAuthConfigs(parts, actor, query.list('auth_config_ids'));
  const search = query.text('query') ?? query.text('search');
  const chosen = all.filter((action) => allowed(action) && matches(action, query));
  return listedOf(search === null ? chosen : searchActions(chosen, search), page, showTool);
}

/** What one of these auth configs of the account lets run; all where none was named. */
async function byAuthConfigs(
  parts: BrokerParts,
  { caller }: Actor,
  ids: readonly string[] | null,
): Promise<(action: Action) => boolean> {
  if (ids === null) return () => true;
  const { rows } = await listAuthConfigs(parts.connections, caller.accountId, { showDisabled: true, limit: 100 });
  const named = rows.filter(({ authConfigId }) => ids.includes(authConfigId));
  return ({ slug }) =>
    named.some(({ executionActions }) => executionActions === null || executionActions.includes(slug));
}

function matches(action: Action, query: Query): boolean {
  const { tags } = describeAction(action);
  const toolkits = query.list('toolkit_slug');
  if (toolkits && !toolkits.some(isOurs)) return false;
  // Ours ask for no OAuth scopes, so none is among those that do.
  if (query.list('scopes')) return false;
  if (query.flag('important') === true && !tags.includes('important')) return false;
  const wanted = query.list('tags');
  return wanted?.some((tag) => tags.includes(tag)) ?? true;
}

/** `toolkit_versions`: one for all, or one for each toolkit in brackets. */
function checkVersions(query: Query): void {
  checkVersion(query.text('toolkit_versions'));
  const versions = query.map('toolkit_versions');
  if (versions.size > 1_000) throw fault('toolkit_versions', 'may name 1,000 toolkits at most.');
  checkVersion(versions.get(toolkit.slug) ?? null);
}

const shown = new Map<string, object>();

/** A tool as brokers list it. Computed once: the list is asked for before every conversation. */
export function showTool(action: Action): object {
  const known = shown.get(action.slug);
  if (known) return known;
  const described = describeAction(action);
  const { name, version, available_versions } = described;
  const made = {
    ...described,
    human_description: described.description,
    toolkit: { slug: toolkit.slug, name: toolkit.name, logo: LOGO },
    no_auth: false,
    scopes: [],
    scope_requirements: null,
    is_deprecated: false,
    deprecated: { displayName: name, version, available_versions, is_deprecated: false, toolkit: { logo: LOGO } },
  };
  shown.set(action.slug, made);
  return made;
}
