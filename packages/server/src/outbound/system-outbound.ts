import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Clock } from '@veredus/protocols/clock';
import { buildConnector } from 'undici';
import type { Address, OutboundParts, Target } from './parts.ts';

const CONNECT_MS = 10_000;

/** The machine's own name service and network. */
export function systemOutbound(config: Pick<OutboundParts, 'allow'>, clock: Clock): OutboundParts {
  return {
    clock,
    allow: config.allow,
    resolve: (host) => lookup(host, { all: true, order: 'verbatim' }) as Promise<Address[]>,
    connect,
  };
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
