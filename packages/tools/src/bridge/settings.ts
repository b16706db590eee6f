/** Where the bridge leads to, and with which key. */
export interface BridgeSettings {
  readonly endpoint: URL;
  readonly key: string;
}

/** As they stand in the environment; empty counts as unset. */
export interface BridgeEnvironment {
  readonly VEREDUS_URL?: string | undefined;
  readonly VEREDUS_AGENT_KEY?: string | undefined;
  readonly VEREDUS_MCP_MODE?: string | undefined;
  readonly VEREDUS_ALLOW_INSECURE_HTTP?: string | undefined;
}

/** The settings, or a sentence for who set them. The key is never repeated. */
export function readBridgeSettings(env: BridgeEnvironment): BridgeSettings | string {
  const url = env.VEREDUS_URL?.trim() ?? '';
  const key = env.VEREDUS_AGENT_KEY?.trim() ?? '';
  if (url === '') return 'VEREDUS_URL is not set: the address of the Veredus server, such as http://127.0.0.1:8080.';
  if (key === '') return 'VEREDUS_AGENT_KEY is not set: the key of an agent on that server.';
  if (!/^[\x21-\x7e]+$/.test(key)) return 'VEREDUS_AGENT_KEY holds letters that no key has.';
  if (!URL.canParse(url)) return 'VEREDUS_URL is not an address, such as https://veredus.example.com.';
  const endpoint = new URL(url);
  if (endpoint.protocol !== 'https:' && endpoint.protocol !== 'http:') return 'VEREDUS_URL must begin with https://.';
  if (endpoint.username || endpoint.password)
    return 'VEREDUS_URL holds no user and no password: see VEREDUS_AGENT_KEY.';
  if (endpoint.protocol === 'http:' && !isLoopback(endpoint.hostname) && env.VEREDUS_ALLOW_INSECURE_HTTP !== '1') {
    return 'VEREDUS_URL must be https: over http everybody on the way reads the key. In a network that you trust, set VEREDUS_ALLOW_INSECURE_HTTP=1.';
  }
  const mode = env.VEREDUS_MCP_MODE?.trim() || 'full';
  if (mode !== 'full' && mode !== 'compact') return 'VEREDUS_MCP_MODE must be full or compact.';
  const path = endpoint.pathname.replace(/\/+$/, '');
  endpoint.pathname = path.endsWith('/mcp') ? path : `${path}/mcp`;
  endpoint.search = mode === 'compact' ? '?mode=compact' : '';
  endpoint.hash = '';
  return { endpoint, key };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
