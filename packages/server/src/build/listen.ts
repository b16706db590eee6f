import type { AddressInfo } from 'node:net';
import type { Config } from '../config.ts';
import { StartRefused } from '../db/start-refused.ts';

/** What an operator can mend of a port that cannot be had, in a sentence; anything else is as it was. */
export function listenFault(error: Error & { code?: string }, { host, port }: Config): Error {
  if (error.code === 'EADDRINUSE')
    return new StartRefused(
      `Port ${port} on ${host} is in use by another program: set PORT to another one, or to 0 for any free one.`,
    );
  if (error.code === 'EACCES')
    return new StartRefused(`This user may not listen on port ${port}: set PORT to one above 1023.`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new StartRefused(`HOST ${host} is no address of this machine.`);
  return error;
}

/** How this machine reaches the server. */
export function addressOf({ address, port, family }: AddressInfo, host: string): string {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${shown}:${port}`;
}
