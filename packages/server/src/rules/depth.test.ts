import { smsMessage } from '@veredus/contract/endpoints/sms-message';
import { sendSms } from '@veredus/server/channels/sms/send';
import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { receipt } from '../../../../test/faults/rig/fake-carrier.ts';
import { addReceiptRule, HANDSET, OURS, openWorld, pushesOf } from '../../../../test/rig/rules.ts';

const rig = eachTest();
const URL_ = 'https://crm.example.test/';

test(
  verifies(
    'fault:F41',
    'a message sent because of a push passes its depth on: to its receipt, its answer, and the reply to that',
  ),
  async () => {
    const world = await openWorld(rig);
    const { accountId } = world.caller;
    await world.add({ action: 'URL', action_address: URL_, position: 1 });
    await world.add({ action: 'AUTO_REPLY', body: 'We bake at six.', position: 2 });
    await addReceiptRule(rig.db, accountId, { action: 'URL', action_address: URL_ });
    const messages = [smsMessage.parse({ to: HANDSET, from: OURS, body: 'Rye?' })];
    await sendSms(world.node.sms, world.caller, { messages, key: null, depth: 2 });
    await rig.reached(world.caller, { submitted: 1 });
    await world.receive(HANDSET, 'Yes');
    await rig.reached(world.caller, { submitted: 2 });
    await world.carrier.receipts(world.carrier.log.map(({ message }) => receipt(`up-${message.id}-1`, 'delivered')));
    await world.receipts.run();
    const pushes = await pushesOf(rig.db, accountId);
    expect(pushes.map(({ kind, depth }) => [kind, depth])).toEqual([
      ['inbound', 2],
      ['receipt', 2],
      ['receipt', 2],
    ]);
    await world.receive('+61411111119', 'Hello');
    expect((await pushesOf(rig.db, accountId)).at(-1)).toMatchObject({ kind: 'inbound', depth: 0 });
  },
);
