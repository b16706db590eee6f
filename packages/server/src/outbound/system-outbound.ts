import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Clock } from '@veredus/protocols/clock';
import { buildConnector } from 'undici';
import { sameHost } from './guard-url.ts';
import type { OutboundParts, Target } from './parts.ts';
import { nameResolver } from './resolve-name.ts';

const CONNECT_MS = 10_000;

/** The machine's own network, and its name servers where `servers` names none. */
export function systemOutbound(
  { allow }: Pick<OutboundParts, 'allow'>,
  clock: Clock,
  servers?: readonly string[],
): OutboundParts {
  const isOwn = (host: string) => allow.some((entry) => sameHost(entry.host, host));
  return { clock, allow, resolve: nameResolver({ clock, isOwn, ...(servers ? { servers } : {}) }), connect };
}

/** Connects to the pinned addresses, IPv6 and IPv4 side by side (RFC 8305); a certificate must be the host's. */
function connect({ url, host, port, addresses }: Target): Promise<Socket> {
  const pinned: LookupFunction = (_host, options, done) => {
    if (options.all)
      done(
        null,
        addresses.map((address) => ({ ...address })),
      );
    else done(null, addresses[0]!.address, addresses[0]!.family);
  };
  const connector = buildConnector({
    timeout: CONNECT_MS,
    allowH2: false,
    maxCachedSessions: 0,
    lookup: pinned,
    autoSelectFamily: true,
    ...(isIP(host) ? {} : { servername: host }),
  });
  return new Promise((resolve, reject) => {
    const options = { hostname: host, host, protocol: url.protocol, port: String(port) };
    connector(options, (error, socket) => (error ? reject(error) : resolve(socket!)));
  });
}
