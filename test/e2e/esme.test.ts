import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessagePdu } from '@veredus/protocols/smpp/pdu';
import { readReceipt } from '@veredus/protocols/smpp/receipts';
import { readText } from '@veredus/protocols/smpp/text';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { addEsmeBeside, bindToServer, doorPort } from '../rig/esme-of-server.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';
import type { TestClient } from '../rig/smpp-door.ts';

let folder: string;
let server: RunningServer;
let client: TestClient;

beforeAll(async () => {
  folder = await temporaryFolder('veredus-esme-');
  server = await startServer(folder, { VEREDUS_SMPP_LISTEN: '127.0.0.1:0' });
  const esme = await addEsmeBeside(join(folder, 'data'), server.credentials.username);
  client = await bindToServer(doorPort(server.log()), esme);
});
afterAll(async () => {
  client.session.close('the test is over');
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const receipts = () =>
  client.deliveries.map((pdu) => readReceipt(pdu.esmClass, readText(pdu as MessagePdu).body, pdu.tlvs));

test(verifies('smpp-door:receipts', 'of a scheduled text that REST cancels says DELETED'), async () => {
  const tomorrow = { scheduleDelivery: '000001000000000R', source: 'Bakehouse' };
  const asked = await client.send({ ...tomorrow, destination: '61400000001', registeredDelivery: 1 });
  const silent = await client.send({ ...tomorrow, destination: '61400000002', registeredDelivery: 0 });
  expect([asked.status, silent.status]).toEqual([0, 0]);
  for (const { messageId } of [silent, asked]) {
    expect((await server.call('PUT', `/v3/sms/${messageId}/cancel`)).status).toBe(200);
  }
  await eventually(async () => client.deliveries.length > 0);
  expect(receipts()).toMatchObject([{ messageId: asked.messageId, state: 'deleted' }]);
  expect(readText(client.deliveries[0] as MessagePdu).body).toContain('stat:DELETED err:000');
  expect(client.deliveries[0]).toMatchObject({ source: '61400000001', destination: 'Bakehouse' });
});
