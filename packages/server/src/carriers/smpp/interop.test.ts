import { createServer, getCACertificates, type Server, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LinkOwner, until } from '../../../../../test/rig/link-owner.ts';
import { selfSigned } from '../../../../../test/rig/self-signed.ts';
import { type LibraryPdu, type LibrarySession, librarySession, listen } from '../../../../../test/rig/smpp-library.ts';
import type { Link } from '../../messages/carrier.ts';
import { systemClock, systemRandom } from '../../system.ts';
import { openCarrier } from '../registry.ts';

/** The carrier against an independent implementation of a message centre (npm smpp 0.5.1). */
const binds: string[] = [];
const submits: LibraryPdu[] = [];
const sessions: LibrarySession[] = [];
let centre: Awaited<ReturnType<typeof listen>>;
let owner: LinkOwner;
let link: Link | null = null;

beforeEach(async () => {
  for (const list of [binds, submits, sessions]) list.length = 0;
  centre = await listen((socket) => {
    const session = librarySession(socket);
    sessions.push(session);
    for (const kind of ['transceiver', 'transmitter', 'receiver']) {
      session.on(`bind_${kind}`, (pdu: LibraryPdu) => {
        binds.push(kind);
        session.send(pdu.response());
      });
    }
    session.on('enquire_link', (pdu: LibraryPdu) => session.send(pdu.response()));
    session.on('unbind', (pdu: LibraryPdu) => session.send(pdu.response()));
    session.on('submit_sm', (pdu: LibraryPdu) => {
      submits.push(pdu);
      session.send(pdu.response({ message_id: `id-${submits.length}` }));
    });
  });
  owner = new LinkOwner();
});
afterEach(async () => {
  await link?.close(500);
  link = null;
  await centre.close();
});

function open(query = ''): Link {
  const carrier = openCarrier(`smpp://u:p@127.0.0.1:${centre.port}?${query}`, {
    clock: systemClock,
    random: systemRandom,
    log: () => {},
  });
  if ('faults' in carrier) throw new Error(carrier.faults.join());
  link = carrier.open(0, owner);
  return link;
}
const message = (body: string) => ({
  id: body,
  recipient: '+61411111111',
  sender: 'Bakehouse',
  body,
  parts: 1,
  validUntil: systemClock.now() + 3_600_000,
});

describe('an independent centre', () => {
  it('[smpp:bind] takes our transceiver, our submits, and gives its receipts', async () => {
    const one = open();
    await until(() => one.free > 0);
    one.send([message('Grüße €')]);
    await until(() => owner.outcomeList.length === 1);
    expect(owner.outcomeList).toMatchObject([{ kind: 'accepted', upstreamIds: ['id-1'] }]);
    expect(submits[0]).toMatchObject({ source_addr: 'Bakehouse', destination_addr: '61411111111', data_coding: 0 });
    sessions[0]!.deliver_sm(
      {
        source_addr: '61411111111',
        destination_addr: 'Bakehouse',
        esm_class: 4,
        data_coding: 0,
        short_message:
          'id:id-1 sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:',
      },
      () => {},
    );
    await until(() => owner.receiptList.length === 1);
    expect(owner.receiptList).toMatchObject([{ upstreamId: 'id-1', state: 'delivered', recipient: '61411111111' }]);
    expect(binds).toEqual(['transceiver']);
  });

  it('[smpp:bind] takes a transmitter and a receiver', async () => {
    const two = open('mode=tx+rx');
    await until(() => two.free > 0 && binds.length === 2);
    expect([...binds].sort()).toEqual(['receiver', 'transmitter']);
    two.send([message('x')]);
    await until(() => owner.outcomeList.length === 1);
    expect(owner.outcomeList[0]?.kind).toBe('accepted');
  });

  it('[smpp:reconnect] is bound to again after it hung up', async () => {
    const one = open();
    await until(() => one.free > 0);
    sessions[0]!.socket.destroy();
    await until(() => one.free === 0);
    await until(() => one.free > 0);
    expect(binds).toEqual(['transceiver', 'transceiver']);
  });
});

describe('over TLS', () => {
  const certificate = selfSigned();
  const trusted = getCACertificates('default');
  let server: Server;
  beforeEach(async () => {
    server = createServer(certificate, (socket) => {
      socket.on('error', () => {});
      const session = librarySession(socket);
      session.on('bind_transceiver', (pdu: LibraryPdu) => session.send(pdu.response()));
      session.on('unbind', (pdu: LibraryPdu) => session.send(pdu.response()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    setDefaultCACertificates(trusted);
    server.close();
  });
  const dial = () => {
    const { port } = server.address() as { port: number };
    const parts = { clock: systemClock, random: systemRandom, log: () => {} };
    const carrier = openCarrier(`smpps://u:p@localhost:${port}`, parts);
    if ('faults' in carrier) throw new Error(carrier.faults.join());
    link = carrier.open(0, owner);
    return link;
  };

  it('[smpp:bind] a centre whose certificate we trust is bound to', async () => {
    setDefaultCACertificates([...trusted, certificate.cert]);
    const one = dial();
    await until(() => one.free > 0);
  });

  it('[smpp:bind] one that nobody vouches for is not', async () => {
    const one = dial();
    await until(() => owner.downs.length > 0);
    expect(owner.downs[0]).toContain('SELF_SIGNED');
    expect(one.free).toBe(0);
  });
});
