import { Refusal } from '../refusal.ts';

export interface OriginParts {
  publicUrl(): string;
  /** The address the server listens on, as set. */
  boundTo: string;
}

/**
 * Pages of strangers in a user's browser must not speak to an MCP server on his machine, not even where their name has been
 * made to lead to it (DNS rebinding). Programs send no Origin.
 *
 * @throws Refusal `forbidden` for a page that is not of this server, and, on loopback, a Host that is not this machine.
 */
export function checkOrigin(parts: OriginParts, headers: { host?: string; origin?: string }): void {
  const { origin, host } = headers;
  const local = isLoopback(parts.boundTo);
  const own = new URL(parts.publicUrl());
  if (origin !== undefined && origin !== own.origin && !(local && isLoopback(hostnameOf(origin)))) {
    throw new Refusal('forbidden', 'Pages of this origin may not speak to this server.');
  }
  if (!local) return;
  const called = hostnameOf(`http://${host}`);
  if (called !== own.hostname && !isLoopback(called)) {
    throw new Refusal('forbidden', 'This server does not go by the name in the Host header: see VEREDUS_PUBLIC_URL.');
  }
}

/** Empty where it is more or less than a scheme, a name and a port: the origin `null`, or another name before an `@`. */
function hostnameOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^@/\\?#\s]+$/i.test(url) && URL.canParse(url) ? new URL(url).hostname : '';
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(hostname);
}
