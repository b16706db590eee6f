import { isObject, type Params } from './message.ts';

const VERSION = 'io.modelcontextprotocol/protocolVersion';
/** What is named in a header as well, by method. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/**
 * What the server wants to read in headers: of every message since 2026-07-28 its version, method and name; before, the
 * version that `initialize` came to.
 */
export function headersOf(method: string, params: Params, agreed: string | null): Record<string, string> {
  const version = versionOf(params);
  if (version === null) return agreed === null || method === 'initialize' ? {} : { 'mcp-protocol-version': agreed };
  const headers: Record<string, string> = { 'mcp-protocol-version': fit(version), 'mcp-method': fit(method) };
  const source = Object.hasOwn(NAMED_BY, method) ? NAMED_BY[method] : undefined;
  const name = source === undefined ? undefined : params[source];
  if (typeof name === 'string') headers['mcp-name'] = fit(name);
  return headers;
}

function versionOf(params: Params): string | null {
  const version = isObject(params._meta) ? params._meta[VERSION] : null;
  return typeof version === 'string' ? version : null;
}

/** What is no plain text for a header, or would be taken for wrapped, is wrapped in base64. */
function fit(value: string): string {
  const plain = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !/^=\?base64\?.*\?=$/.test(value);
  return plain ? value : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}
