export interface KannelPorts {
  admin: number;
  /** Where smsbox meets bearerbox. */
  box: number;
  sendSms: number;
  /** The pretend carrier's. */
  carrier: number;
}

/**
 * The configuration under which Kannel was fastest of those tried: its store in one file, receipts kept in memory, log
 * almost silent, no throughput limit. Neither store is flushed to the disk: what it accepted survives a crash of the
 * process, not of the machine.
 */
export function kannelConfig(folder: string, ports: KannelPorts, window: number): string {
  return groups([
    {
      group: 'core',
      'admin-port': ports.admin,
      'admin-password': 'bench',
      'admin-interface': '127.0.0.1',
      'smsbox-port': ports.box,
      'smsbox-interface': '127.0.0.1',
      'box-allow-ip': '127.0.0.1',
      'log-file': `${folder}/bearerbox.log`,
      'log-level': 3,
      'store-type': 'file',
      'store-location': `${folder}/store`,
      'store-dump-freq': 10,
      'sms-outgoing-queue-limit': 1_000_000,
      'dlr-storage': 'internal',
    },
    {
      group: 'smsc',
      smsc: 'smpp',
      'smsc-id': 'sink',
      host: '127.0.0.1',
      port: ports.carrier,
      'transceiver-mode': 'true',
      'smsc-username': 'u',
      'smsc-password': 'p',
      'system-type': '""',
      'max-pending-submits': window,
      throughput: 0,
      'source-addr-autodetect': 'true',
    },
    {
      group: 'smsbox',
      'bearerbox-host': '127.0.0.1',
      'bearerbox-port': ports.box,
      'sendsms-port': ports.sendSms,
      'sendsms-interface': '127.0.0.1',
      'log-file': `${folder}/smsbox.log`,
      'log-level': 3,
      'max-pending-requests': 512,
    },
    { group: 'sendsms-user', username: 'bench', password: 'bench' },
  ]);
}

const groups = (all: readonly Record<string, string | number>[]): string =>
  all
    .map((group) =>
      Object.entries(group)
        .map(([name, value]) => `${name} = ${value}\n`)
        .join(''),
    )
    .join('\n');
