import { describe, expect, it } from 'vitest';
import { readSmppUrl } from './settings.ts';

const read = (text: string) => readSmppUrl(new URL(text));
const faultsOf = (text: string) => {
  const settings = read(text);
  return 'faults' in settings ? settings.faults : [];
};

describe('a carrier URL', () => {
  it('[carrier:smpp-url] says everything about the link', () => {
    expect(
      read(
        'smpps://sys%40tem:p%3Ass@smsc.example:3551?window=50&tps=20&binds=2&mode=tx+rx&system_type=VMA&source_ton=5&source_npi=0' +
          '&dest_ton=1&dest_npi=1&alphabet=latin1&long=sar&response_timeout=10&enquire_link=15&receipt_ids=decimal-of-hex',
      ),
    ).toEqual({
      host: 'smsc.example',
      port: 3551,
      tls: true,
      systemId: 'sys@tem',
      password: 'p:ss',
      systemType: 'VMA',
      window: 50,
      tps: 20,
      binds: 2,
      mode: 'tx+rx',
      sourceTon: 5,
      sourceNpi: 0,
      destinationTon: 1,
      destinationNpi: 1,
      alphabet: 'latin1',
      long: 'sar',
      responseTimeoutMs: 10_000,
      enquireMs: 15_000,
      receiptIds: 'decimal-of-hex',
    });
  });

  it('needs no more than where and who', () => {
    expect(read('smpp://system:pass@[::1]')).toMatchObject({
      host: '::1',
      port: 2775,
      tls: false,
      window: 100,
      binds: 1,
      mode: 'trx',
    });
    expect(read('smpps://system:pass@host')).toMatchObject({ port: 3550, tls: true });
  });

  it('is refused where its credentials cannot be sent', () => {
    expect(faultsOf('smpp://system:100%@host')).toEqual([expect.stringContaining('%25')]);
    expect(faultsOf(`smpp://system:${'p'.repeat(65)}@host`)).toEqual(['password has 65 characters, at most 64 fit.']);
    expect(faultsOf('smpp://system:p@host?system_type=abcdefghijklm')).toHaveLength(1);
    expect(faultsOf('smpp://system:%CE%A9@host')).toEqual([expect.stringContaining('password')]);
  });

  it('is told all that is wrong with it at once, without its password', () => {
    const faults = faultsOf('smpp://:secret@host?window=0&tps=fast&windw=3&mode=rx');
    expect(faults).toHaveLength(5);
    expect(faults.join(' ')).not.toContain('secret');
    expect(faults).toContain('window must be a whole number from 1 to 5000, not "0".');
  });
});
