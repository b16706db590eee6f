import type { Socket } from 'node:net';
import type { Clock } from '@veredus/protocols/clock';

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Where one request goes: judged, and pinned to the addresses that were judged. */
export interface Target {
  readonly url: URL;
  /** As in the URL, without the brackets of IPv6 and without a dot at its end; what a certificate must name. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Connect to one of these and to nothing else. Never empty. */
  readonly addresses: readonly Address[];
}

/** What a request to a user's URL needs of the outside. Tests bring their own, so that none of theirs leaves. */
export interface OutboundParts {
  readonly clock: Clock;
  /** All addresses of a name; asked once for each hop. */
  resolve(host: string): Promise<readonly Address[]>;
  /** A connected socket, TLS included. Rejects when nobody is there. */
  connect(target: Target): Promise<Socket>;
  /** Hosts and ports of the operator's own network that may be reached all the same. */
  readonly allow: readonly { readonly host: string; readonly port: number }[];
}
