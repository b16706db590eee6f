import type { Caller } from '../accounts/caller.ts';
import { auditActor } from '../audit/actor-name.ts';
import { recordAudit } from '../audit/record.ts';
import { asAccountClient, type Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { inTransaction } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import { isAuthConfigId, newAuthConfigId } from './ids.ts';
import { type ConnectionParts, TARGET_NAMES, type TargetName } from './parts.ts';
import {
  deleteConfigRows,
  findAuthConfig,
  findUsualConfig,
  insertAuthConfig,
  listConfigRows,
  lockAuthConfigs,
  setConfigEnabled,
  updateConfigRow,
} from './store-auth-configs.ts';

/** How an account's people and agents connect. */
export interface AuthConfig {
  /** ac_… */
  authConfigId: string;
  accountId: number;
  toolkit: string;
  /** Never changes. */
  target: TargetName;
  name: string;
  /** Made by itself when it was first needed. */
  isDefault: boolean;
  enabled: boolean;
  /** Slugs that may be run over its connections; null = all. */
  executionActions: readonly string[] | null;
  /** Slugs to show where a connection is made; null = all. */
  connectionActions: readonly string[] | null;
  /** How many it has. */
  connections: number;
  createdAt: number;
  updatedAt: number;
}

export interface AuthConfigWish {
  name: string | null;
  /** Null = VEREDUS_CONNECT_TARGET. */
  target: TargetName | null;
  executionActions: readonly string[] | null;
  connectionActions: readonly string[] | null;
}

/** Absent = as it is; null = all. */
export interface AuthConfigChange {
  name?: string;
  executionActions?: readonly string[] | null;
  connectionActions?: readonly string[] | null;
}

export interface AuthConfigFilters {
  toolkit?: string | null;
  target?: TargetName | null;
  isDefault?: boolean | null;
  /** Also the disabled ones; false unless told. */
  showDisabled?: boolean;
  /** A part of the name or the whole id. */
  search?: string | null;
  skip?: number;
  /** At most 100, which is all there can be. */
  limit?: number;
}

/** The most an account may have. */
export const MOST_AUTH_CONFIGS = 100;
const NAME = 100;
const ACTIONS = 500;

type Reading = Pick<ConnectionParts, 'db'>;

/** @throws Refusal bad-request for a field that is not taken, or where there are 100. */
export async function createAuthConfig(
  parts: ConnectionParts,
  caller: Caller,
  wish: AuthConfigWish,
): Promise<AuthConfig> {
  const target = wish.target ?? parts.defaultTarget;
  const checked = {
    target,
    name: wish.name === null ? usualName(target) : checkName(wish.name),
    executionActions: checkActions(wish.executionActions, 'execution_actions'),
    connectionActions: checkActions(wish.connectionActions, 'connection_actions'),
  };
  return inTransaction(parts.pool, (run) => insert(run, parts, caller, { ...checked, isDefault: false }));
}

/** Enabled ones first, of these the newest. */
export async function listAuthConfigs(
  { db }: Reading,
  accountId: number,
  filters: AuthConfigFilters,
): Promise<{ total: number; rows: AuthConfig[] }> {
  return asAccountClient(db, accountId, (run) => listConfigRows(run, accountId, filters));
}

/** @throws Refusal not-found, as all below. */
export async function showAuthConfig({ db }: Reading, accountId: number, authConfigId: string): Promise<AuthConfig> {
  if (!isAuthConfigId(authConfigId)) throw noAuthConfig(authConfigId);
  const found = await asAccountClient(db, accountId, (run) => findAuthConfig(run, accountId, authConfigId));
  if (found === null) throw noAuthConfig(authConfigId);
  return found;
}

export async function updateAuthConfig(
  parts: ConnectionParts,
  caller: Caller,
  authConfigId: string,
  change: AuthConfigChange,
): Promise<AuthConfig> {
  const checked = {
    name: change.name === undefined ? null : checkName(change.name),
    execution: changed(change.executionActions, 'execution_actions'),
    connection: changed(change.connectionActions, 'connection_actions'),
  };
  await alter(parts, caller, authConfigId, async (run, of) => {
    if (!(await updateConfigRow(run, { ...of, ...checked }))) return null;
    const facts = { name: checked.name ?? undefined, execution_actions: checked.execution?.actions };
    return { action: 'auth_config.changed', facts };
  });
  return showAuthConfig(parts, caller.accountId, authConfigId);
}

export async function setAuthConfigEnabled(
  parts: ConnectionParts,
  caller: Caller,
  authConfigId: string,
  enabled: boolean,
): Promise<AuthConfig> {
  await alter(parts, caller, authConfigId, async (run, of) => {
    const done = await setConfigEnabled(run, { ...of, enabled });
    if (done === null) return null;
    return { action: done === 'changed' ? `auth_config.${enabled ? 'enabled' : 'disabled'}` : null, facts: {} };
  });
  return showAuthConfig(parts, caller.accountId, authConfigId);
}

/** Its connections go with it. */
export async function deleteAuthConfig(parts: ConnectionParts, caller: Caller, authConfigId: string): Promise<void> {
  await alter(parts, caller, authConfigId, async (run, { accountId, id }) => {
    const connections = await deleteConfigRows(run, accountId, id);
    return connections === null ? null : { action: 'auth_config.deleted', facts: { connections } };
  });
}

/**
 * The usual one of a target (VEREDUS_CONNECT_TARGET unless told): its default, made now where there is none. Where that was
 * disabled, the newest that is not.
 *
 * @throws Refusal bad-request where all of that target are disabled.
 */
export async function defaultAuthConfig(
  parts: ConnectionParts,
  caller: Caller,
  target: TargetName = parts.defaultTarget,
): Promise<AuthConfig> {
  const { accountId } = caller;
  const usual = () => asAccountClient(parts.db, accountId, (run) => findUsualConfig(run, accountId, target));
  const found = await usual();
  if (found) return found;
  const wish = { target, name: usualName(target), isDefault: true, executionActions: null, connectionActions: null };
  await inTransaction(parts.pool, (run) => insert(run, parts, caller, wish)).catch((error) => {
    if (!(error instanceof TakenDefault)) throw error;
  });
  const made = await usual();
  if (made) return made;
  throw new Refusal('bad-request', `Every auth config for ${TARGET_NAMES[target]} is disabled: enable one first.`);
}

export function noAuthConfig(id: string): Refusal {
  return new Refusal('not-found', `There is no auth config ${JSON.stringify(id.slice(0, 40))}.`);
}

/** Another call made it in the same moment, or it is disabled. */
class TakenDefault extends Error {}

type Insert = Pick<AuthConfig, 'target' | 'name' | 'isDefault' | 'executionActions' | 'connectionActions'>;

async function insert(run: Runner, parts: ConnectionParts, caller: Caller, wish: Insert): Promise<AuthConfig> {
  const { accountId } = caller;
  if ((await lockAuthConfigs(run, accountId)) >= MOST_AUTH_CONFIGS) {
    throw new Refusal('bad-request', `An account may have ${MOST_AUTH_CONFIGS} auth configs: delete one first.`);
  }
  const at = parts.clock.now();
  const authConfigId = newAuthConfigId(parts.random);
  if (!(await insertAuthConfig(run, { ...wish, authConfigId, accountId, at }))) throw new TakenDefault();
  const facts = { auth_config_id: authConfigId, target: wish.target, name: wish.name, is_default: wish.isDefault };
  await recordAudit(run, { accountId, at, actor: auditActor(caller), action: 'auth_config.created', facts });
  return (await findAuthConfig(run, accountId, authConfigId))!;
}

type Alteration = (
  run: Runner,
  of: { accountId: number; id: string; at: number },
) => Promise<{ action: string | null; facts: Record<string, unknown> } | null>;

/** One change with its place in the audit log, in one transaction. */
async function alter(parts: ConnectionParts, caller: Caller, id: string, work: Alteration): Promise<void> {
  if (!isAuthConfigId(id)) throw noAuthConfig(id);
  const { accountId } = caller;
  const at = parts.clock.now();
  await inTransaction(parts.pool, async (run) => {
    const done = await work(run, { accountId, id, at });
    if (done === null) throw noAuthConfig(id);
    const { action, facts } = done;
    if (action === null) return;
    await recordAudit(run, {
      accountId,
      at,
      actor: auditActor(caller),
      action,
      facts: { auth_config_id: id, ...facts },
    });
  });
}

const usualName = (target: TargetName) => `ClickSend on ${TARGET_NAMES[target]}`;

function checkName(name: string): string {
  const text = storable(name).trim();
  if (text !== '' && text.length <= NAME) return text;
  throw fault('name', text === '' ? 'must not be empty.' : `must have ${NAME} characters at most.`);
}

function changed(actions: readonly string[] | null | undefined, field: string) {
  return actions === undefined ? null : { actions: checkActions(actions, field) };
}

/** Slugs in upper case, each once. One this release does not know may come with the next. */
function checkActions(actions: readonly string[] | null, field: string): readonly string[] | null {
  if (actions === null) return null;
  if (actions.length > ACTIONS) throw fault(field, `must name ${ACTIONS} actions at most.`);
  const slugs = actions.map((slug) => slug.trim().toUpperCase());
  const odd = slugs.find((slug) => !/^[A-Z0-9_]{1,64}$/.test(slug));
  if (odd !== undefined) throw fault(field, `must hold slugs of actions, such as CLICKSEND_CREATE_SMS_SEND.`);
  return [...new Set(slugs)];
}

function fault(field: string, words: string): Refusal {
  return new Refusal('bad-request', `${field} ${words}`, { fields: { [field]: words } });
}
