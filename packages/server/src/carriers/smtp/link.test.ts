import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { simpleParser } from 'mailparser';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { type HandClock, handClock } from '../../../../../test/rig/hand-clock.ts';
import { LinkOwner, until } from '../../../../../test/rig/link-owner.ts';
import { type MailServer, openMailServer, saying } from '../../../../../test/rig/mail-server.ts';
import { selfSigned } from '../../../../../test/rig/self-signed.ts';
import type { Link, Outcome, Outgoing } from '../../messages/carrier.ts';
import { openCarrier } from '../registry.ts';

/** The carrier over real sockets to a mail server that does as the test says, on a clock moved by hand. */
const ID = '019b7cba-2ff9-7000-8000-000000000001';
let clock: HandClock;
let server: MailServer;
let owner: LinkOwner;
let link: Link | null;

beforeEach(async () => {
  clock = handClock(Date.UTC(2026, 5, 1, 10, 30));
  owner = new LinkOwner();
  link = null;
  server = await openMailServer();
});
afterEach(async () => {
  const closed = link?.close(0);
  clock.advance(2_000);
  await closed;
  await server.close();
});

async function serve(options: SMTPServerOptions): Promise<void> {
  await server.close();
  server = await openMailServer(options);
}

const letIn: NonNullable<SMTPServerOptions['onAuth']> = ({ username }, _, done) => done(null, { user: username });

function open({ scheme = 'smtp', user = '', host = '127.0.0.1', query = 'tls=off', index = 0 } = {}): Link {
  const url = `${scheme}://${user}${host}:${server.port}?from=noreply@rye.example&from_name=Rye&${query}`;
  const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
  const carrier = openCarrier(url, { clock, random, log: () => {} });
  if ('faults' in carrier) throw new Error(carrier.faults.join());
  link = carrier.open(index, owner);
  return link;
}
async function up(options?: Parameters<typeof open>[0]): Promise<Link> {
  const one = open(options);
  await until(() => one.free > 0);
  return one;
}

const message = (facts: Partial<Outgoing> = {}): Outgoing => ({
  ...{ id: ID, recipient: 'ana@example.com', sender: '', body: 'Your bread is baked.', parts: 1 },
  ...{ validUntil: clock.now() + 86_400_000, content: { subject: 'Bread' }, ...facts },
});

async function outcomeOf(one: Link, facts: Partial<Outgoing> = {}): Promise<Outcome> {
  await until(() => one.free > 0);
  const before = owner.outcomeList.length;
  one.send([message(facts)]);
  await until(() => owner.outcomeList.length > before);
  expect(owner.outcomeList).toHaveLength(before + 1);
  return owner.outcomeList[before]!;
}

describe('a mail that is taken', () => {
  it(verifies('mail:message-id', 'carries our id, and the server can say what it is'), async () => {
    const outcome = await outcomeOf(await up(), {
      body: 'Grüße €\n\n.dot\nFrom here',
      content: { subject: 'Brot für 5 €' },
    });
    expect(outcome).toEqual({
      kind: 'accepted',
      id: ID,
      upstreamIds: [`${ID}@rye.example`],
      words: expect.stringMatching(/^250 /),
    });
    expect(server.envelopes).toMatchObject([{ from: 'noreply@rye.example', to: ['ana@example.com'] }]);
    const mail = await simpleParser(server.mails[0]!);
    expect(mail).toMatchObject({
      messageId: `<${ID}@rye.example>`,
      subject: 'Brot für 5 €',
      text: 'Grüße €\n\n.dot\nFrom here\n',
      date: new Date(clock.now()),
    });
    expect(mail.from?.value).toEqual([{ name: 'Rye', address: 'noreply@rye.example' }]);
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
  });

  it(verifies('mail:reuse', 'shares a connection with those before it'), async () => {
    const one = await up();
    for (let i = 0; i < 3; i++) expect(await outcomeOf(one)).toMatchObject({ kind: 'accepted' });
    expect(server.connections).toBe(1);
  });

  it(verifies('mail:reuse', 'goes over a new connection after a hundred'), async () => {
    const one = await up();
    for (let i = 0; i <= 100; i++) expect(await outcomeOf(one)).toMatchObject({ kind: 'accepted' });
    expect(server.connections).toBe(2);
  });

  it(verifies('mail:one-line', 'adds no header and no recipient, whatever it says'), async () => {
    await outcomeOf(await up(), {
      recipient: 'ana@example.com',
      content: { subject: 'Hi\r\nBcc: eve@example.com\r\n\r\nbody' },
      body: '.\r\nMAIL FROM:<eve@example.com>\r\n',
    });
    const mail = await simpleParser(server.mails[0]!);
    expect(mail.bcc).toBeUndefined();
    expect(server.envelopes).toEqual([expect.objectContaining({ to: ['ana@example.com'] })]);
    expect(mail.text).toContain('MAIL FROM:<eve@example.com>');
    expect(await outcomeOf(link!, { recipient: 'ana@example.com>\r\nRCPT TO:<eve@example.com' })).toMatchObject({
      kind: 'refused',
    });
    expect(server.mails).toHaveLength(1);
  });
});

describe('a mail that is not taken', () => {
  it(
    verifies('mail:refused', 'for its recipient, has failed in the words of the server, and the next one goes'),
    async () => {
      await serve({
        onRcptTo: ({ address }, _, done) => done(address.startsWith('no') ? saying(550, '5.1.1 No such user') : null),
      });
      const one = await up();
      expect(await outcomeOf(one, { recipient: 'no@example.com' })).toEqual({
        ...{ kind: 'refused', id: ID, code: '550', words: expect.stringContaining('No such user') },
      });
      expect(await outcomeOf(one)).toMatchObject({ kind: 'accepted' });
      expect([server.connections, owner.downs]).toEqual([1, []]);
    },
  );

  it(verifies('mail:refused', 'for its text, has failed too'), async () => {
    server.verdict = () => saying(554, 'Looks like spam');
    expect(await outcomeOf(await up())).toMatchObject({ kind: 'refused', code: '554' });
    server.verdict = () => undefined;
    expect(await outcomeOf(link!)).toMatchObject({ kind: 'accepted' });
  });

  it(verifies('mail:refused', 'for its size, before it is on its way'), async () => {
    await serve({ size: 2_000 });
    expect(await outcomeOf(await up(), { body: 'x'.repeat(5_000) })).toMatchObject({ kind: 'refused', code: '552' });
    expect(server.mails).toEqual([]);
  });

  it.each([
    [
      'its recipient',
      { onRcptTo: (_: unknown, __: unknown, done: (e: Error) => void) => done(saying(451, 'Greylisted')) },
    ],
    [
      'nothing of its own',
      { onMailFrom: (_: unknown, __: unknown, done: (e: Error) => void) => done(saying(451, 'Busy')) },
    ],
  ])(verifies('mail:later', 'is put off for %s'), async (_, options) => {
    await serve(options);
    expect(await outcomeOf(await up())).toMatchObject({ kind: 'deferred', code: '451', afterMs: 60_000 });
  });

  it(verifies('mail:later', 'is put off after its text was heard'), async () => {
    server.verdict = () => saying(452, 'Disk is full');
    expect(await outcomeOf(await up())).toMatchObject({
      kind: 'deferred',
      code: '452',
      words: expect.stringContaining('Disk is full'),
    });
    expect(owner.downs).toEqual([]);
  });

  it(verifies('mail:own-fault', 'because its sender is refused, waits, and the operator is told'), async () => {
    await serve({ onMailFrom: (_, __, done) => done(saying(550, 'Account suspended')) });
    const one = await up();
    expect(await outcomeOf(one)).toMatchObject({ kind: 'deferred', code: '550' });
    expect(owner.downs).toEqual([expect.stringContaining('Account suspended')]);
    expect(one.free).toBe(0);
    // Connecting proves nothing here: the next rest is the longer one.
    clock.advance(1_000);
    await until(() => one.free > 0);
    await outcomeOf(one);
    expect(owner.downs[1]).toContain('Next try in 1.5 s');
  });
});

describe('a connection that breaks', () => {
  it(verifies('mail:unknown', 'after the end of the mail leaves it unknown, and it is not sent again'), async () => {
    let heard = 0;
    server.verdict = () => {
      heard += 1;
      return null;
    };
    const one = await up();
    expect(await outcomeOf(one)).toMatchObject({ kind: 'unknown', words: expect.stringContaining('connection') });
    expect(heard).toBe(1);
    expect(owner.downs).toHaveLength(1);
  });

  it(verifies('mail:later', 'before the mail is out leaves it to be sent later'), async () => {
    let cut = () => {};
    await serve({ onRcptTo: () => cut() });
    cut = () => server.cut();
    const one = await up();
    const outcome = await outcomeOf(one);
    expect(outcome).toMatchObject({ kind: 'deferred', code: 'lost' });
    expect(server.connections).toBe(2);
  });

  it(verifies('mail:later', 'in the middle of a large mail leaves it to be sent later'), async () => {
    const one = await up();
    server.deaf = true;
    // More than the buffers of both ends hold, so that its end cannot have left.
    one.send([message({ body: 'Your bread is baked.\n'.repeat(1_000_000) })]);
    // A connection that was kept is no proof: once more over a new one.
    for (const begun of [1, 2]) {
      await until(() => server.begun === begun);
      server.cut();
    }
    await until(() => owner.outcomeList.length === 1);
    expect(owner.outcomeList[0]).toMatchObject({ kind: 'deferred' });
  });

  it(verifies('mail:reuse', 'while it is idle costs no mail'), async () => {
    const one = await up();
    await outcomeOf(one);
    server.cut();
    expect(await outcomeOf(one)).toMatchObject({ kind: 'accepted' });
    expect(owner.downs).toEqual([]);
  });

  it('is not kept for longer than it is needed', async () => {
    const one = await up();
    await outcomeOf(one);
    clock.advance(10_000);
    await until(() => server.open() === 0);
    expect(await outcomeOf(one)).toMatchObject({ kind: 'accepted' });
    expect(server.connections).toBe(2);
  });
});

describe('a server that is not there', () => {
  it(verifies('mail:own-fault', 'is told at the start, tried again, and used once it is there'), async () => {
    let up = false;
    await serve({ onConnect: (_, done) => done(up ? null : saying(554, 'Closed today')) });
    const one = open();
    await until(() => owner.downs.length === 1);
    expect(owner.downs[0]).toMatch(/Closed today.* Next try in 0\.8 s\.$/);
    expect(one.free).toBe(0);
    up = true;
    clock.advance(1_000);
    await until(() => one.free > 0);
    expect(await outcomeOf(one)).toMatchObject({ kind: 'accepted' });
  });

  it(verifies('mail:later', 'gets nothing, and what was to go is unsent'), async () => {
    await server.close();
    const one = open({ index: 1 });
    one.send([message(), message({ id: 'b' })]);
    await until(() => owner.outcomeList.length === 2);
    expect(owner.outcomeList).toEqual([
      { kind: 'unsent', id: ID },
      { kind: 'unsent', id: 'b' },
    ]);
    expect(owner.downs).toEqual([expect.stringContaining('ECONNREFUSED')]);
    server = await openMailServer();
  });

  it(verifies('mail:own-fault', 'for our credentials is told by its number: it may repeat the password'), async () => {
    const given = Buffer.from('\0u\0s3cret').toString('base64');
    await serve({
      allowInsecureAuth: true,
      onAuth: (_, __, done) => done(saying(535, `5.7.8 Who are you? AUTH PLAIN ${given} s3cret`)),
    });
    const one = open({ user: 'u:s3cret@' });
    await until(() => owner.downs.length === 1);
    expect(owner.downs[0]).toContain('refused the sign-in (535');
    expect(owner.downs[0]).not.toContain(given);
    expect(owner.downs[0]).not.toContain('s3cret');
    expect(one.free).toBe(0);
  });
});

describe('a server that falls silent', () => {
  it(verifies('mail:silence', 'before the mail is out is given up, and the mail sent later'), async () => {
    let asked = false;
    await serve({
      onRcptTo: () => {
        asked = true;
      },
    });
    const one = await up();
    one.send([message()]);
    await until(() => asked);
    clock.advance(599_000);
    expect(owner.outcomeList).toEqual([]);
    asked = false;
    clock.advance(1_000);
    // A connection that was kept is no proof: once more over a new one.
    await until(() => asked);
    clock.advance(600_000);
    await until(() => owner.outcomeList.length === 1);
    expect(owner.outcomeList[0]).toMatchObject({ kind: 'deferred' });
  });

  it(verifies('mail:silence', 'after the end of the mail is given up, and the mail unknown'), async () => {
    let heard = false;
    server.verdict = () => {
      heard = true;
      return new Promise(() => {});
    };
    const one = await up();
    one.send([message()]);
    await until(() => heard);
    clock.advance(600_000);
    await until(() => owner.outcomeList.length === 1);
    expect(owner.outcomeList[0]).toMatchObject({
      kind: 'unknown',
      words: expect.stringContaining('No answer within 600 s'),
    });
  });

  it(verifies('mail:silence', 'at its greeting is given up'), async () => {
    await serve({ onConnect: () => {} });
    const one = open();
    await until(() => server.connections === 1);
    clock.advance(30_000);
    await until(() => owner.downs.length === 1);
    expect(owner.downs[0]).toContain('not ready within 30 s');
    expect(one.free).toBe(0);
  });
});

describe('encryption', () => {
  const certificate = selfSigned();
  const trusted = getCACertificates('default');
  const encrypted = { ...certificate, disabledCommands: [], onAuth: letIn };
  afterEach(() => setDefaultCACertificates(trusted));
  const dial = async (query: string, user = '') => {
    await serve(encrypted);
    return open({ user, query, host: 'localhost' });
  };

  it(verifies('mail:tls', 'is used where it is offered, with a certificate we trust'), async () => {
    setDefaultCACertificates([...trusted, certificate.cert]);
    const one = await dial('');
    expect(await outcomeOf(one)).toMatchObject({ kind: 'accepted' });
    expect(server.envelopes).toMatchObject([{ secure: true }]);
  });

  it(verifies('mail:tls', 'is a must before credentials are shown'), async () => {
    setDefaultCACertificates([...trusted, certificate.cert]);
    expect(await outcomeOf(await dial('', 'u:p@'))).toMatchObject({ kind: 'accepted' });
    expect(server.envelopes).toMatchObject([{ secure: true, user: 'u' }]);
    await link!.close(1_000);
    let asked = false;
    await serve({
      allowInsecureAuth: true,
      onAuth(auth, session, done) {
        asked = true;
        letIn(auth, session, done);
      },
    });
    const bare = open({ user: 'u:p@', query: '' });
    await until(() => owner.downs.length > 0);
    expect([asked, bare.free]).toEqual([false, 0]);
    await bare.close(1_000);
    const told = open({ user: 'u:p@', query: 'tls=off' });
    expect(await outcomeOf(told)).toMatchObject({ kind: 'accepted' });
    expect([asked, server.envelopes.at(-1)?.secure]).toEqual([true, false]);
  });

  it.each(['', 'tls=required'])(
    verifies('mail:tls', 'by a certificate nobody vouches for is none (%s)'),
    async (query) => {
      const one = await dial(query);
      await until(() => owner.downs.length > 0);
      expect(owner.downs[0]).toMatch(/self.signed/i);
      expect(one.free).toBe(0);
      expect(server.mails).toEqual([]);
    },
  );

  it(verifies('mail:tls', 'comes first with smtps'), async () => {
    setDefaultCACertificates([...trusted, certificate.cert]);
    await serve({ ...encrypted, secure: true });
    const one = open({ scheme: 'smtps', user: 'u:p@', query: '', host: 'localhost' });
    expect(await outcomeOf(one)).toMatchObject({ kind: 'accepted' });
    expect(server.envelopes).toMatchObject([{ secure: true, user: 'u' }]);
  });

  it(verifies('mail:tls', 'must be with the name that is expected'), async () => {
    setDefaultCACertificates([...trusted, certificate.cert]);
    await serve(encrypted);
    open({ query: '' });
    await until(() => owner.downs.length > 0);
    expect(owner.downs[0]).toContain('127.0.0.1');
    await link!.close(1_000);
    expect(await outcomeOf(open({ query: 'tls_name=localhost' }))).toMatchObject({ kind: 'accepted' });
  });
});

describe('closing', () => {
  it('waits for what is under way, and takes nothing more', async () => {
    let answer = () => {};
    server.verdict = () => new Promise((resolve) => (answer = () => resolve(undefined)));
    const one = await up();
    one.send([message(), message({ id: 'b' })]);
    await until(() => server.heard > 0);
    const closed = one.close(5_000);
    expect(one.free).toBe(0);
    expect(owner.outcomeList).toEqual([{ kind: 'unsent', id: 'b' }]);
    answer();
    await closed;
    expect(owner.outcomeList[1]).toMatchObject({ kind: 'accepted', id: ID });
  });

  it('gives up at its deadline, and every mail has an outcome', async () => {
    server.verdict = () => new Promise(() => {});
    const one = await up();
    one.send([message()]);
    await until(() => server.heard > 0);
    const closed = one.close(5_000);
    clock.advance(5_000);
    await closed;
    expect(owner.outcomeList).toMatchObject([{ kind: 'unknown', id: ID }]);
  });

  it('while it connects gives the mail back', async () => {
    await serve({ onConnect: () => {} });
    const one = open({ index: 1 });
    one.send([message()]);
    await until(() => server.connections === 1);
    const closed = one.close(5_000);
    clock.advance(5_000);
    await closed;
    expect(owner.outcomeList).toEqual([{ kind: 'unsent', id: ID }]);
  });
});
