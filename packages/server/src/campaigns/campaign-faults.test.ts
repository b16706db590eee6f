import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { balanceOf, rowsOf, tally } from '../../../../test/faults/rig/books.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { FakeCarrier, takeNothing, takes } from '../../../../test/faults/rig/fake-carrier.ts';
import { openAccount, PRICE } from '../../../../test/faults/rig/pipeline.ts';
import { until } from '../../../../test/faults/rig/until.ts';
import { addList, openCampaigns, regulars } from '../../../../test/rig/campaigns.ts';
import { committer } from '../messages/commit.ts';
import { Channel, Priority } from '../messages/message.ts';
import { markPossiblySent } from '../messages/store-claims.ts';
import { cancelAll } from './cancel-all.ts';

const rig = eachTest();

async function open(carrier = new FakeCarrier()) {
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db);
  return { carrier, node, caller, campaigns: openCampaigns(node) };
}

const one = (caller: unknown, id: number) => ({ caller, params: { sms_campaign_id: id } }) as never;

test(verifies('campaign:links', 'are written as at the launch, wherever the campaign goes on'), async () => {
  const { node, carrier, caller, campaigns } = await open();
  const elsewhere = openCampaigns(node, { linkBase: () => 'https://other.example.test' });
  const list = await addList(rig.db, caller.accountId, regulars(2));
  await campaigns.send(caller, { list_id: list, body: 'Rye. StopMsg.me/xxxxx' });
  await elsewhere.runner.tick();
  await rig.reached(caller, { submitted: 2 });
  const { rows } = await rig.db.enginePool.query('select code from links');
  expect(rows).toHaveLength(2);
  for (const { message } of carrier.log) expect(message.body).toMatch(/^Rye\. msg\.example\.test\/s\/[0-9A-Za-z]{8}$/);
  const codes = carrier.log.map(({ message }) => message.body.slice(-8));
  expect(codes.sort()).toEqual(rows.map(({ code }) => code).sort());
});

test(verifies('campaign:links', 'a field of a contact never makes one'), async () => {
  const { node, carrier, caller, campaigns } = await open();
  const list = await addList(rig.db, caller.accountId, [
    { phone_number: '+61410000001', first_name: 'StopMsg.me/xxxxx msg.example.test/s/oooooooo' },
  ]);
  await campaigns.send(caller, { list_id: list, body: '(First Name) StopMsg.me/xxxxx' });
  await campaigns.runner.tick();
  await rig.reached(caller, { submitted: 1 });
  expect(carrier.log[0]!.message.body).toMatch(
    /^StopMsg\.me\/xxxxx msg\.example\.test\/s\/oooooooo msg\.example\.test\/s\/[0-9A-Za-z]{8}$/,
  );
  void node;
});

test.each(['javascript:alert(1)', 'https://user:secret@shop.example.test', 'nonsense', 'ftp://a.example.test'])(
  '[campaign:url] a link may not lead to %s',
  async (url_to_shorten) => {
    const { caller, campaigns } = await open();
    const list = await addList(rig.db, caller.accountId, regulars(1));
    await expect(
      campaigns.send(caller, { list_id: list, body: 'x smsg.io/xxxxx STOP', url_to_shorten }),
    ).rejects.toMatchObject({ kind: 'bad-request', fields: { url_to_shorten: expect.any(String) } });
  },
);

test(
  verifies('campaign:cancel-all', 'by its custom_string a campaign is stopped in mid-flight, its money given back'),
  async () => {
    const { node, carrier, caller, campaigns } = await open(new FakeCarrier({ window: 5, script: takeNothing }));
    const list = await addList(rig.db, caller.accountId, regulars(1_500));
    const { data } = await campaigns.send(caller, { list_id: list });
    await campaigns.runner.tick();
    await until('a window', () => carrier.log.length === 5);
    const parts = { db: rig.db, clock: node.clock, wake: () => {} };
    const body = { custom_string: data.custom_string! };
    const { data: cancelled } = await cancelAll(parts, caller, body);
    // What waits in this node's memory is cancelled too, but not counted: some of it may be leaving.
    expect(cancelled.count).toBeGreaterThanOrEqual(0);
    carrier.script = ({ message }) => takes(message.id);
    carrier.respond(...carrier.log.map(({ message }) => takes(message.id)));
    await until('all cancelled', async () => {
      await campaigns.runner.tick();
      return (await tally(rig.db, caller.accountId)).cancelled === 1_495;
    });
    expect(carrier.log).toHaveLength(5);
    expect(await balanceOf(rig.db, caller.accountId)).toMatchObject({ held: 0, spent: 5 * PRICE });
    expect((await cancelAll(parts, caller, body)).data.count).toBe(0);
  },
);

test(
  verifies('campaign:cancel', 'campaign:recipients', 'whoever it had not come to is shown as cancelled'),
  async () => {
    const { caller, campaigns } = await open();
    const list = await addList(rig.db, caller.accountId, regulars(3));
    const { data } = await campaigns.send(caller, { list_id: list });
    await campaigns.calls.smsCampaignPause(one(caller, data.sms_campaign_id));
    await campaigns.calls.smsCampaignCancel(one(caller, data.sms_campaign_id));
    const page = await campaigns.calls.smsCampaignRecipients({
      ...(one(caller, data.sms_campaign_id) as object),
      query: { page: 1, limit: 15 },
    } as never);
    expect(page.data.data.map(({ status }) => status)).toEqual(['Cancelled', 'Cancelled', 'Cancelled']);
    expect(await balanceOf(rig.db, caller.accountId)).toMatchObject({ held: 0, spent: 0 });
  },
);

test(verifies('campaign:pause', 'what is put aside or suppressed is never noted as possibly sent'), async () => {
  const { caller, campaigns } = await open(new FakeCarrier({ window: 1, script: takeNothing }));
  const pool = rig.db.enginePool;
  const list = await addList(rig.db, caller.accountId, regulars(3));
  const { data } = await campaigns.send(caller, { list_id: list });
  await campaigns.runner.tick();
  await campaigns.calls.smsCampaignPause(one(caller, data.sms_campaign_id));
  const { rows: leases } = await pool.query('select token from claim_leases where closed_at is null');
  const rows = await rowsOf(rig.db, caller.accountId);
  const next = rows.map((row, i) => ({
    id: row.id,
    accountId: caller.accountId,
    priority: Priority.campaign,
    parts: 1,
    priceMicro: 0,
    attempts: 0,
    validUntil: 0,
    recipient: `+6142000000${i}`,
    sender: '',
    body: '',
    campaignId: i === 0 ? data.sms_campaign_id : null,
  }));
  await pool.query(
    `insert into suppressions (account_id, channel, address, reason, created_at) values ($1, 1, '+61420000001', 'x', 0)`,
    [caller.accountId],
  );
  const mark = { token: leases[0].token, out: [], next, until: 1e15, channel: Channel.sms };
  expect(await markPossiblySent(pool, mark)).toEqual({ held: true, suppressed: [1], paused: [data.sms_campaign_id] });
  const { rows: noted } = await pool.query('select possibly_sent from claim_leases where token = $1', [mark.token]);
  expect(noted[0].possibly_sent).toEqual(`{${next[2]!.id}}`.slice(1, -1).split(','));
  await pool.query(`update claim_leases set possibly_sent = '{}' where token = $1`, [mark.token]);
});

test(
  verifies('campaign:beside', 'a single message does not wait behind a campaign, however much of it is in memory'),
  async () => {
    const { node, carrier, caller, campaigns } = await open(new FakeCarrier({ window: 5, script: takeNothing }));
    const list = await addList(rig.db, caller.accountId, regulars(19_000));
    await campaigns.send(caller, { list_id: list });
    await campaigns.runner.tick();
    await until('a window', () => carrier.log.length === 5);
    await node.send(caller, [{ to: '+61420000000', body: 'your code is 1234' }]);
    // It may have been left in the table for a moment, if the node was just looking there: a window or two, never the campaign.
    for (let windows = 1; windows <= 3; windows++) {
      carrier.respond(...carrier.log.slice(-5).map(({ message }) => takes(message.id)));
      await until('the next window', () => carrier.log.length === 5 + 5 * windows);
    }
    expect(carrier.log.map(({ message }) => message.recipient)).toContain('+61420000000');
    await campaigns.calls.smsCampaignPause(
      one(
        caller,
        (
          await campaigns.calls.smsCampaigns({
            caller,
            query: { page: 1, limit: 15, q: [], operator: 'AND', order_by: { field: 'date_added', direction: 'asc' } },
          } as never)
        ).data.data[0]!.sms_campaign_id,
      ),
    );
  },
);

test(
  verifies('fault:F3', 'campaign:crash', 'a commit whose answer is lost strands nobody: what it left is sent once'),
  async () => {
    const { node, carrier, caller, campaigns } = await open();
    const list = await addList(rig.db, caller.accountId, regulars(1_200));
    const pool = rig.db.enginePool;
    let lost = 0;
    // The first chunk's commit goes through, but its connection ends before the answer comes.
    const forgetful = {
      query: pool.query.bind(pool),
      connect: async () => {
        const client = await pool.connect();
        return {
          release: (broken?: Error) => client.release(broken),
          query: async (...given: [string]) => {
            const answer = await client.query(...given);
            if (given[0] === 'commit' && lost++ === 0) throw new Error('Connection terminated unexpectedly');
            return answer;
          },
        };
      },
    } as unknown as typeof pool;
    const commit = committer({ pool: forgetful, clock: node.clock, dispatcher: () => node.dispatcher, log: () => {} });
    const unlucky = openCampaigns(node, { commit });
    await unlucky.send(caller, { list_id: list });
    await unlucky.runner.tick();
    expect(lost).toBe(1);
    await rig.reached(caller, { submitted: 1_000 });
    node.clock.advance(31_000);
    await campaigns.runner.tick();
    await rig.reached(caller, { submitted: 1_200 });
    expect(new Set(carrier.log.map(({ message }) => message.recipient)).size).toBe(1_200);
    expect(carrier.log).toHaveLength(1_200);
  },
);
