import { existsSync } from 'node:fs';
import { peer } from '../rig/peers.ts';

/**
 * The broker's own SDK for Node, unmodified but for its address, in two versions, installed apart in test/clients; what is
 * used of it is described by hand. It checks every answer against its schemas, and warns or throws where one does not fit.
 */

const CLIENTS = new URL('../clients/node_modules/', import.meta.url);

export type SdkVersion = '0-17' | '0-8';

const entryOf = (version: SdkVersion) => new URL(`composio-core-${version}/dist/index.mjs`, CLIENTS);

export const sdkIsInstalled = (version: SdkVersion): boolean => existsSync(entryOf(version));

export const withSdk = (version: SdkVersion) =>
  peer(`@composio/core ${version.replace('-', '.')}`, () => sdkIsInstalled(version));

export interface SdkTool {
  slug: string;
  name: string;
  tags?: string[];
  inputParameters?: { properties?: object };
  toolkit?: { slug: string };
}

export interface SdkToolkit {
  slug: string;
  name: string;
  meta: { toolsCount: number; logo?: string };
}

export interface SdkResult {
  data: Record<string, unknown>;
  error: string | null;
  successful: boolean;
  logId?: string;
}

export interface SdkAccount {
  id: string;
  status: string;
  statusReason: string | null;
  isDisabled: boolean;
  state?: { authScheme: string; val: { status: string; username?: string; password?: string } };
}

export interface SdkRequest {
  id: string;
  status: string;
  redirectUrl: string | null;
  waitForConnection(timeout?: number): Promise<SdkAccount>;
}

interface SdkAuthConfig {
  id: string;
  name: string;
  status: string;
  noOfConnections: number;
  isComposioManaged: boolean;
}

interface ToolsWish {
  toolkits?: string[];
  tools?: string[];
  search?: string;
  tags?: string[];
  limit?: number;
  important?: boolean;
}

interface OpenAiTool {
  type: 'function';
  function: { name: string; description?: string; parameters?: { type: string } };
}

export interface Sdk {
  toolkits: {
    get(slug: string): Promise<SdkToolkit>;
    get(wish: object): Promise<SdkToolkit[]>;
    authorize(userId: string, toolkit: string): Promise<SdkRequest>;
    getConnectedAccountInitiationFields(toolkit: string, scheme: string): Promise<{ name: string }[]>;
    getAuthConfigCreationFields(toolkit: string, scheme: string): Promise<{ name: string }[]>;
  };
  tools: {
    get(userId: string, wish: ToolsWish): Promise<OpenAiTool[]>;
    getRawComposioTools(wish: ToolsWish): Promise<SdkTool[]>;
    getRawComposioToolBySlug(slug: string): Promise<SdkTool>;
    execute(slug: string, call: object): Promise<SdkResult>;
  };
  provider: { executeToolCall(userId: string, call: object): Promise<string> };
  authConfigs: {
    list(wish?: object): Promise<{ items: SdkAuthConfig[] }>;
    create(toolkit: string, wish: object): Promise<{ id: string; authScheme: string; isComposioManaged: boolean }>;
    get(id: string): Promise<SdkAuthConfig>;
    update(id: string, wish: object): Promise<unknown>;
    enable(id: string): Promise<unknown>;
    disable(id: string): Promise<unknown>;
    delete(id: string): Promise<unknown>;
  };
  connectedAccounts: {
    initiate(userId: string, authConfigId: string, wish?: object): Promise<SdkRequest>;
    link(userId: string, authConfigId: string, wish?: object): Promise<SdkRequest>;
    list(wish?: object): Promise<{ items: SdkAccount[] }>;
    get(id: string): Promise<SdkAccount>;
    enable(id: string): Promise<{ success: boolean }>;
    disable(id: string): Promise<{ success: boolean }>;
    refresh(id: string): Promise<{ id: string; status: string }>;
    delete(id: string): Promise<unknown>;
    waitForConnection(id: string, timeout?: number): Promise<SdkAccount>;
  };
}

interface Module {
  Composio: new (options: object) => Sdk;
  AuthScheme: { Basic(credentials: { username: string; password: string }): object };
}

/** The SDK aimed at a server. It asks nobody else: neither telemetry nor the registry. */
export async function openSdk(version: SdkVersion, baseURL: string, apiKey: string) {
  const { Composio, AuthScheme } = (await import(entryOf(version).href)) as Module;
  const sdk = new Composio({ apiKey, baseURL, allowTracking: false, disableVersionCheck: true });
  return { sdk, basic: (username: string, password: string) => AuthScheme.Basic({ username, password }) };
}
