import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { until } from '../../../../test/rig/link-owner.ts';
import { type LibraryPdu, librarySession, listen } from '../../../../test/rig/smpp-library.ts';
import { bindFields, submit } from '../../../../test/rig/smpp-pdus.ts';
import type { Clock } from '../clock.ts';
import { ClientSession } from './client-session.ts';
import type { Ending, IncomingMessage } from './ending.ts';
import { LIMITS } from './limits.ts';
import { ServerSession } from './server-session.ts';

/** Our sessions and the npm `smpp` library's over a socket of the loopback: two readers of one specification. */
const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
const clock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => undefined };
const parts = { clock, random };
const MESSAGES = 500;

let stop: () => Promise<void>;
afterEach(() => stop());

it('our client works with its server', async () => {
  const submits: LibraryPdu[] = [];
  const acknowledged: number[] = [];
  const server = await listen((socket) => {
    const session = librarySession(socket);
    session.on('bind_transceiver', (pdu: LibraryPdu) => session.send(pdu.response({ system_id: 'theirs' })));
    session.on('submit_sm', (pdu: LibraryPdu) => {
      submits.push(pdu);
      session.send(pdu.response({ message_id: `id-${submits.length}` }));
      const receipt = {
        esm_class: 4,
        source_addr: '614',
        destination_addr: 'S',
        data_coding: 0,
        short_message: 'id:1',
      };
      session.deliver_sm(receipt, ({ command_status }) => acknowledged.push(command_status));
    });
    session.on('unbind', (pdu: LibraryPdu) => session.send(pdu.response()));
  });
  stop = server.close;
  const socket = connect({ port: server.port, host: '127.0.0.1', noDelay: true });
  const endings: Ending<number>[] = [];
  const closed: string[] = [];
  let sent = 0;
  const fill = () => {
    while (sent < MESSAGES && client.submit(submit, sent) === 'taken') sent += 1;
  };
  const options = { mode: 'transceiver' as const, bind: bindFields, limits: LIMITS };
  const client: ClientSession<number> = new ClientSession<number>(socket, parts, options, {
    bound: fill,
    responses: (list) => endings.push(...list),
    deliveries: (messages) =>
      client.acknowledge(
        messages.map(({ sequence }) => sequence),
        0,
      ),
    ready: fill,
    closed: (why) => closed.push(why),
    fault: (error) => expect.unreachable(String(error)),
  });
  await until(() => acknowledged.length === MESSAGES);
  expect(new Set(endings.map(({ token }) => token)).size).toBe(MESSAGES);
  expect(endings.every(({ kind, status, messageId }) => kind === 'response' && status === 0 && messageId !== '')).toBe(
    true,
  );
  expect(acknowledged.every((status) => status === 0)).toBe(true);
  expect(submits[0]).toMatchObject({
    source_addr: 'SENDER',
    validity_period: expect.anything(),
    short_message: { message: 'Hi' },
  });
  await client.unbind();
  expect(closed).toEqual(['unbound']);
});

it('our server works with its client', async () => {
  const submits: IncomingMessage[] = [];
  const endings: Ending<string>[] = [];
  const closed: string[] = [];
  const server = await listen((socket) => {
    socket.setNoDelay(true);
    const options = { systemId: 'ours', bindTimeoutMs: 5_000, limits: LIMITS };
    const session: ServerSession<string> = new ServerSession<string>(socket, parts, options, {
      bind: async (bind) => (bind.password === 'secret' ? 0 : 0x0e),
      bound: () => {},
      submits: (messages) => {
        for (const message of messages) {
          submits.push(message);
          session.respond(message.sequence, 0, `id-${submits.length}`);
          session.deliver({ ...submit, source: '614', esmClass: 4 }, `r-${submits.length}`);
        }
      },
      responses: (list) => endings.push(...list),
      ready: () => {},
      closed: (why) => closed.push(why),
      fault: (error) => expect.unreachable(String(error)),
    });
  });
  stop = server.close;
  const client = librarySession(connect(server.port, '127.0.0.1'));
  client.on('deliver_sm', (pdu: LibraryPdu) => client.send(pdu.response()));
  const ask = (run: (answered: (pdu: LibraryPdu) => void) => void) =>
    new Promise<LibraryPdu>((resolve) => run(resolve));
  const bind = { system_id: 'veredus', password: 'secret' };
  expect(await ask((done) => client.bind_transceiver(bind, done))).toMatchObject({
    command_status: 0,
    system_id: 'ours',
  });
  const fields = {
    source_addr: 'S',
    destination_addr: '614',
    data_coding: 0,
    short_message: 'Grüße €',
    sar_total_segments: 2,
  };
  for (let i = 0; i < 50; i++) {
    expect(await ask((done) => client.submit_sm(fields, done))).toMatchObject({ message_id: `id-${i + 1}` });
  }
  await until(() => endings.length === 50);
  expect(endings[49]).toMatchObject({ kind: 'response', token: 'r-50', status: 0 });
  expect((await ask((done) => client.enquire_link(done))).command_status).toBe(0);
  await ask((done) => client.unbind(done));
  await until(() => closed.length === 1);
  expect(closed).toEqual(['the peer unbound']);
});
