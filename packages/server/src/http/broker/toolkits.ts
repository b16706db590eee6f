import { toolkit } from '@veredus/tools/catalogue';
import { z } from 'zod';
import type { Actor } from '../../agents/actor.ts';
import { Refusal } from '../../refusal.ts';
import type { BrokerCall, Route } from './door.ts';
import { LOGO } from './logo.ts';
import { listedOf, type Page, pageOf } from './page.ts';
import type { BrokerParts } from './parts.ts';
import type { Query } from './query.ts';
import { readBody } from './read-body.ts';

export const SCHEME = 'BASIC';
const CATEGORY = { id: 'communication', name: 'Communication' };

export function toolkitRoutes(parts: BrokerParts): Route[] {
  const count = (actor: Actor) => parts.allowedActions(actor).length;
  return [
    {
      method: 'GET',
      url: '/toolkits',
      need: 'none',
      work: ({ actor, query }) => listedOf(matches(query) ? [0] : [], pageOf(query), () => item(count(actor))),
    },
    {
      method: 'POST',
      url: '/toolkits/multi',
      need: 'none',
      work: ({ actor, body }) => {
        const { toolkits } = readBody(MULTI, body);
        const named = toolkits == null || toolkits.some(isOurs);
        return listedOf(named ? [0] : [], WHOLE, () => item(count(actor)));
      },
    },
    {
      method: 'GET',
      url: '/toolkits/categories',
      need: 'none',
      work: ({ query }) => listedOf([CATEGORY], pageOf(query), (one) => one),
    },
    {
      method: 'GET',
      url: '/toolkits/changelog',
      need: 'none',
      work: () => ({
        items: [{ name: toolkit.name, display_name: toolkit.name, slug: toolkit.slug, versions: changes() }],
      }),
    },
    { method: 'GET', url: '/toolkits/:slug', need: 'none', work: (call) => one(call, count(call.actor)) },
  ];
}

const WHOLE: Page = { skip: 0, limit: 1_000 };
const MULTI = z.object({ toolkits: z.array(z.string()).max(1_000).nullish() });

export const isOurs = (slug: string): boolean => slug.trim().toLowerCase() === toolkit.slug;

/** @throws Refusal not-found for a version there never was. */
export function checkVersion(version: string | null): void {
  if (version === null || version === '' || version === 'latest' || toolkit.versions.includes(version)) return;
  throw new Refusal(
    'not-found',
    `There is no version ${JSON.stringify(version.slice(0, 40))} of ${toolkit.slug}; there are: ${toolkit.versions.join(', ')}, latest.`,
  );
}

function matches(query: Query): boolean {
  const search = query.text('search')?.toLowerCase() ?? '';
  const category = query.text('category')?.toLowerCase() ?? CATEGORY.id;
  const type = query.text('type')?.toLowerCase() ?? 'native';
  const managed = query.text('managed_by')?.toLowerCase() ?? 'all';
  const known = `${toolkit.slug} ${toolkit.name} ${toolkit.description}`.toLowerCase();
  return (
    known.includes(search) &&
    [CATEGORY.id, CATEGORY.name.toLowerCase()].includes(category) &&
    ['native', 'all'].includes(type) &&
    managed !== 'project'
  );
}

function meta(tools: number) {
  return {
    created_at: toolkit.createdAt,
    updated_at: toolkit.updatedAt,
    description: toolkit.description,
    logo: LOGO,
    tools_count: tools,
    triggers_count: 0,
    version: toolkit.version,
    app_url: null,
  };
}

const BASICS = {
  slug: toolkit.slug,
  name: toolkit.name,
  is_local_toolkit: false,
  type: 'native',
  no_auth: false,
  auth_guide_url: null,
  auth_schemes: [SCHEME],
  composio_managed_auth_schemes: [],
};

function item(tools: number) {
  return { ...BASICS, meta: { ...meta(tools), categories: [CATEGORY] }, deprecated: { toolkitId: toolkit.slug } };
}

function one({ params, query }: BrokerCall, tools: number) {
  if (!isOurs(params.slug!)) throw noToolkit(params.slug!);
  checkVersion(query.text('version'));
  const categories = [{ slug: CATEGORY.id, name: CATEGORY.name }];
  return {
    ...BASICS,
    enabled: true,
    meta: { ...meta(tools), categories, available_versions: [...toolkit.versions] },
    composio_managed_auth: [],
    deprecated: { toolkitId: toolkit.slug, rawProxyInfoByAuthSchemes: [] },
    auth_config_details: [
      {
        mode: SCHEME,
        name: `${toolkit.slug}_basic`,
        auth_hint_url: null,
        fields: {
          auth_config_creation: { required: [], optional: [] },
          connected_account_initiation: { required: CREDENTIALS, optional: [] },
        },
      },
    ],
  };
}

export function noToolkit(slug: string): Refusal {
  return new Refusal(
    'not-found',
    `There is no toolkit ${JSON.stringify(slug.slice(0, 40))} here, only ${toolkit.slug}.`,
  );
}

const credential = (name: string, displayName: string, description: string, secret: boolean) => ({
  name,
  displayName,
  description,
  type: 'string',
  required: true,
  default: null,
  is_secret: secret,
  legacy_template_name: name,
});

/** What somebody needs to connect. */
export const CREDENTIALS = [
  credential(
    'username',
    'Username',
    'The username of the account, often the e-mail address it was registered with.',
    false,
  ),
  credential('password', 'Password or API key', 'An API key of the account, or its password.', true),
];

function changes() {
  return toolkit.versions.map((version) => ({ version, changelog: 'The actions of this release.' }));
}
