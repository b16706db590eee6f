import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { guardUrl } from './guard-url.ts';
import type { Address, OutboundParts } from './parts.ts';

const PUBLIC: Address = { address: '93.184.216.34', family: 4 };
const PUBLIC_V6: Address = { address: '2606:2800:220:1::1', family: 6 };

/** A world in which every name leads to `addresses`; nothing connects. */
function world(addresses: Address[] | Error = [PUBLIC], allow: OutboundParts['allow'] = []) {
  const asked: string[] = [];
  const parts: OutboundParts = {
    clock: handClock(),
    allow,
    async resolve(host) {
      asked.push(host);
      if (addresses instanceof Error) throw addresses;
      return addresses;
    },
    connect: () => expect.fail('judging a URL connects to nobody'),
  };
  return { asked, guard: (url: string) => guardUrl(parts, url, 'file_url') };
}

/** Nothing that a URL holds beside its host may come back in words. */
async function refusalOf(judging: Promise<unknown>): Promise<string> {
  const error = await judging.then(
    () => expect.fail('was let through'),
    (refusal) => refusal,
  );
  expect(error).toMatchObject({ kind: 'bad-request', fields: { file_url: error.message } });
  expect(error.message).not.toContain('SECRET');
  return error.message;
}

describe('a URL that is let through', () => {
  test.each([
    ['https://example.com/a.csv', 'example.com', 443],
    ['http://example.com/a.csv?x=1#y', 'example.com', 80],
    ['https://EXAMPLE.com.:443/', 'example.com', 443],
    ['https://example.com:80/', 'example.com', 80],
    ['https://bücher.example/', 'xn--bcher-kva.example', 443],
    [' https://example.com/ ', 'example.com', 443],
  ])(verifies('url-guard:rules', '%s'), async (url, host, port) => {
    const { asked, guard } = world([PUBLIC, PUBLIC_V6]);
    expect(await guard(url)).toMatchObject({ host, port, addresses: [PUBLIC, PUBLIC_V6] });
    expect(asked).toEqual([host]);
  });

  test.each(['http://93.184.216.34/', 'http://1572395042/', 'http://0x5db8d822/', 'http://[::ffff:93.184.216.34]/'])(
    '%s, and nobody is asked for its address',
    async (url) => {
      const { asked, guard } = world();
      await guard(url);
      expect(asked).toEqual([]);
    },
  );
});

describe('a URL that aims inside', () => {
  test.each([
    ...['http://127.0.0.1/', 'http://127.1/', 'http://127.000.000.001/', 'http://0x7f000001/', 'http://0x7f.1/'],
    ...['http://2130706433/', 'http://017700000001/', 'http://0177.0.0.1/', 'http://127.0.0.1./', 'http://0/'],
    ...[
      'http://１２７.０.０.１/',
      'http://127。0。0。1/',
      'http://%31%32%37.0.0.1/',
      'http:127.0.0.1/',
      'http:\\\\127.0.0.1\\',
    ],
    ...[
      'http://[::1]/',
      'http://[::]/',
      'http://[0:0:0:0:0:0:0:1]/',
      'http://[::ffff:127.0.0.1]/',
      'http://[::ffff:7f00:1]/',
    ],
    ...[
      'http://[fd12::1]/',
      'http://[fe80::1]/',
      'http://[64:ff9b::7f00:1]/',
      'http://[2002:7f00:1::]/',
      'http://[::127.0.0.1]/',
    ],
    ...[
      'http://169.254.169.254/latest/meta-data/?SECRET',
      'http://0xA9FEA9FE/',
      'http://2852039166/',
      'https://10.0.0.1/',
    ],
    ...[
      'http://192.168.0.1/',
      'http://172.16.0.1/',
      'http://100.64.0.1/',
      'http://168.63.129.16/',
      'http://255.255.255.255/',
    ],
  ])(verifies('url-guard:public', 'fault:F48', '%s'), async (url) => {
    const { asked, guard } = world();
    expect(await refusalOf(guard(url))).toContain('not on the public internet');
    expect(asked).toEqual([]);
  });

  test.each([
    'http://localhost/',
    'http://LOCALHOST./',
    'http://127.0.0.1.nip.example/?SECRET',
    'http://metadata.internal/',
  ])(verifies('url-guard:public', 'url-guard:quiet', 'fault:F48', '%s, whose address is private'), async (url) => {
    const words = await refusalOf(world([{ address: '10.1.2.3', family: 4 }]).guard(url));
    expect(words).toContain('not on the public internet');
    expect(words).not.toContain('10.1.2.3');
  });

  test.each([
    ['A and AAAA', [PUBLIC, { address: '::1', family: 6 }]],
    ['AAAA and A', [PUBLIC_V6, { address: '192.168.0.7', family: 4 }]],
    ['two A', [PUBLIC, { address: '127.0.0.1', family: 4 }]],
    ['a mapped AAAA', [PUBLIC, { address: '::ffff:169.254.169.254', family: 6 }]],
  ] as const)(verifies('url-guard:public', 'fault:F48', 'by one of its addresses: %s'), async (_, addresses) => {
    await refusalOf(world([...addresses]).guard('https://mixed.example/'));
  });
});

describe('a URL that breaks a rule', () => {
  test.each([
    ['file:///etc/passwd', 'must begin with https:// or http://'],
    ['gopher://example.com/_SECRET', 'must begin with'],
    ['ftp://example.com/', 'must begin with'],
    ['javascript:alert(1)', 'must begin with'],
    ['data:text/csv,a', 'must begin with'],
    ['blob:https://example.com/x', 'must begin with'],
    ['http://example.com:22/?SECRET', 'port 22'],
    ['https://example.com:8443/', 'port 8443'],
    ['http://example.com:6379/', 'port 6379'],
    ['http://example.com:0/', 'port 0'],
    ['https://user:SECRET@example.com/', 'user name or password'],
    ['https://SECRET@127.0.0.1/', 'user name or password'],
    ['https://example.com:SECRET@127.0.0.1/', 'user name or password'],
    ['https://:SECRET@example.com/', 'user name or password'],
    ['example.com/a.csv?SECRET', 'is not a URL'],
    ['//example.com/', 'is not a URL'],
    ['', 'is not a URL'],
    ['http://', 'is not a URL'],
    ['http://256.1.1.1/', 'is not a URL'],
    ['http://[::1%25lo]/', 'is not a URL'],
    ['http://exa mple.com/SECRET', 'is not a URL'],
    [`https://example.com/${'x'.repeat(2048)}`, 'longer than 2048'],
  ])(verifies('url-guard:rules', 'url-guard:quiet', 'fault:F48', '%s'), async (url, words) => {
    const { asked, guard } = world();
    expect(await refusalOf(guard(url))).toContain(words);
    expect(asked).toEqual([]);
  });

  test.each([
    ['fails', new Error('SERVFAIL from 10.0.0.53')],
    ['is empty', []],
    ['leads inside', [{ address: '10.0.0.5', family: 4 as const }]],
  ])(
    verifies('url-guard:quiet', 'a name whose lookup %s: nobody learns which names there are inside'),
    async (_, answer) => {
      const words = await refusalOf(world(answer).guard('https://nowhere.example/SECRET'));
      expect(words).toBe(
        'file_url leads to a host (nowhere.example) that cannot be found, or is not on the public internet; only the operator can allow that (VEREDUS_ALLOW_URLS).',
      );
    },
  );
});

describe('what the operator allows', () => {
  const inside: Address = { address: '10.0.0.5', family: 4 };
  const allow = [
    { host: 'Files.Internal', port: 8080 },
    { host: '10.0.0.5', port: 443 },
    { host: 'fd12:0::1', port: 9000 },
  ];

  test.each([
    'http://files.internal:8080/',
    'http://files.internal.:8080/x',
    'https://10.0.0.5/',
    'http://[fd12::1]:9000/',
  ])(verifies('url-guard:allowed', '%s'), async (url) => {
    expect((await world([inside], allow).guard(url)).addresses.length).toBe(1);
  });

  test.each([
    ...['http://files.internal/', 'https://files.internal:8443/', 'http://10.0.0.5/', 'https://other.internal/'],
    ...['http://other.internal:8080/', 'http://files.internal.evil.example:8080/', 'http://[fd12::2]:9000/'],
    'file://files.internal:8080/',
    'http://user@files.internal:8080/',
  ])(verifies('url-guard:allowed', 'fault:F48', '%s is not among it'), async (url) => {
    await refusalOf(world([inside], allow).guard(url));
  });
});
