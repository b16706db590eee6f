import { rotateVaultKey } from '../connections/rotate-vault.ts';
import { openVault } from '../connections/vault.ts';
import { type Command, readArgs } from './command.ts';

export const vaultRotate: Command = {
  name: 'vault rotate',
  usage: '',
  summary:
    'Seal the credentials of connections under a new key of the vault. Nobody has to connect again; if it is cut off, the server finishes it by itself.',
  async run(parts, args) {
    readArgs(this, args, [], {});
    const vault = openVault({ secretKey: await parts.secretKey(), random: parts.random });
    const { generation, resealed, unreadable } = await rotateVaultKey({
      ...{ pool: parts.db.enginePool, clock: parts.clock, vault },
    });
    parts.out(`The vault’s key is of generation ${generation} now; ${resealed} connection(s) were sealed again.`);
    if (unreadable === 0) return 0;
    parts.out(
      `${unreadable} cannot be read with this secret key and stay as they are: somebody has to connect them again.`,
    );
    return 1;
  },
};
