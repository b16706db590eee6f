import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { balanceOf, rowsOf, tally } from '../../../../test/faults/rig/books.ts';
import { eachTest } from '../../../../test/faults/rig/each-test.ts';
import { FakeCarrier, takeNothing, takes } from '../../../../test/faults/rig/fake-carrier.ts';
import { openAccount, PRICE, START } from '../../../../test/faults/rig/pipeline.ts';
import { until } from '../../../../test/faults/rig/until.ts';
import { addList, MAX_LATENESS_MS, openCampaigns, regulars } from '../../../../test/rig/campaigns.ts';
import type { Caller } from '../accounts/caller.ts';
import { findUser } from '../accounts/store.ts';

const rig = eachTest();
const HOUR_S = 3_600;
const inHours = (hours: number) => START / 1000 + hours * HOUR_S;

async function open(options: { carrier?: FakeCarrier; creditMicro?: number } = {}) {
  const carrier = options.carrier ?? new FakeCarrier();
  const node = await rig.start(carrier);
  const caller = await openAccount(
    rig.db,
    options.creditMicro === undefined ? {} : { creditMicro: options.creditMicro },
  );
  return { carrier, node, caller, campaigns: openCampaigns(node) };
}

/** The caller as he is after a setting of his account was changed. */
async function set(caller: Caller, column: string, value: unknown): Promise<Caller> {
  await rig.db.enginePool.query(`update accounts set ${column} = $2 where account_id = $1`, [caller.accountId, value]);
  const identity = await findUser(rig.db.enginePool, caller.accountId, caller.userId);
  return { ...caller, account: identity!.account };
}

const one = (caller: Caller, id: number) => ({ caller, params: { sms_campaign_id: id } }) as never;
const bodies = (carrier: FakeCarrier) => carrier.log.map(({ message }) => message.body);

describe('a campaign', () => {
  test(
    verifies('campaign:send', 'campaign:once', 'campaign:merge', 'goes to each number of its list, once, in his words'),
    async () => {
      const { carrier, caller, campaigns } = await open();
      const list = await addList(rig.db, caller.accountId, [
        { phone_number: '+61410000001', first_name: 'Ana', custom_1: '(Last Name)' },
        { phone_number: '+61410000002', first_name: null, last_name: 'Reyes' },
        { email: 'x@example.test', first_name: 'No number' },
        { phone_number: '+61410000001', first_name: 'Ana again' },
      ]);
      const { data, words } = await campaigns.send(caller, {
        list_id: list,
        body: 'Hi (First Name) (Last Name)(Cust. 1), reply STOP',
      });
      expect(data).toMatchObject({
        status: 'Queued',
        _total_count: 2,
        _excluded: { duplicate: 1, no_number: 1 },
        _list_name: 'Regulars',
        unsubscribe_link: 0,
        _warnings: [],
      });
      expect(words).toMatch(/being sent now to 2 recipients\. .* no longer changed/);
      await campaigns.runner.tick();
      await rig.reached(caller, { submitted: 2 });
      expect(bodies(carrier)).toEqual(['Hi Ana (Last Name), reply STOP', 'Hi  Reyes, reply STOP']);
      await campaigns.runner.tick();
      const shown = await campaigns.calls.smsCampaignShow(one(caller, data.sms_campaign_id));
      expect(shown.data).toMatchObject({ status: 'Sent', _statistics: { queued: 0, sent: 2, price: '0.0067' } });
      const { data: page } = await campaigns.calls.smsCampaignRecipients({
        ...(one(caller, data.sms_campaign_id) as object),
        query: { page: 1, limit: 15 },
      } as never);
      expect(page.data.map(({ position, to, status }) => [position, to, status])).toEqual([
        [1, '+61410000001', 'Sent'],
        [2, '+61410000002', 'Sent'],
      ]);
    },
  );

  test(
    verifies('campaign:price', 'campaign:launch', 'costs what it was quoted, whatever changes after its launch'),
    async () => {
      const { caller, campaigns, node } = await open();
      const list = await addList(rig.db, caller.accountId, regulars(2_500));
      const priced = await campaigns.price(caller, { list_id: list });
      expect(priced.data).toMatchObject({ total_count: 2_500, total_price: '8.3325' });
      const { data } = await campaigns.send(caller, { list_id: list });
      expect(data._price_quoted).toBe('8.3325');
      expect(await balanceOf(rig.db, caller.accountId)).toMatchObject({
        held: 2_500 * PRICE,
        available: -2_500 * PRICE,
      });
      await rig.db.enginePool.query('update rates set price_micro = 9');
      await node.rates.refresh();
      await rig.db.enginePool.query('delete from contacts');
      await campaigns.runner.tick();
      await rig.reached(caller, { submitted: 2_500 });
      expect(await balanceOf(rig.db, caller.accountId)).toMatchObject({ held: 0, spent: 2_500 * PRICE });
      expect(new Set((await rowsOf(rig.db, caller.accountId)).map(({ price_micro }) => price_micro))).toEqual(
        new Set([PRICE]),
      );
    },
  );

  test(verifies('campaign:credit', 'is refused as a whole when the balance does not cover it'), async () => {
    const { caller, campaigns, carrier } = await open({ creditMicro: 10 * PRICE - 1 });
    const list = await addList(rig.db, caller.accountId, regulars(10));
    await expect(campaigns.send(caller, { list_id: list })).rejects.toMatchObject({ kind: 'insufficient-credit' });
    expect(await balanceOf(rig.db, caller.accountId)).toMatchObject({ held: 0, available: 10 * PRICE - 1 });
    await rig.db.enginePool.query('delete from contacts where contact_id = (select max(contact_id) from contacts)');
    await campaigns.send(caller, { list_id: list });
    await campaigns.runner.tick();
    await rig.reached(caller, { submitted: 9 });
    expect(carrier.log).toHaveLength(9);
  });

  test(verifies('campaign:too-many', 'to more recipients than the account allows is refused'), async () => {
    const { caller: first, campaigns } = await open();
    const caller = await set(first, 'campaign_recipients', 5);
    const list = await addList(rig.db, caller.accountId, regulars(6));
    const refused = { kind: 'too-many-recipients' };
    await expect(campaigns.send(caller, { list_id: list })).rejects.toMatchObject(refused);
    await expect(campaigns.price(caller, { list_id: list })).rejects.toMatchObject(refused);
    expect(await rowsOf(rig.db, caller.accountId)).toEqual([]);
    const raised = await set(caller, 'campaign_recipients', 6);
    expect((await campaigns.send(raised, { list_id: list })).data._total_count).toBe(6);
    await campaigns.runner.tick();
    await rig.reached(caller, { submitted: 6 });
  });

  test('of nobody is refused, and says who is missing why', async () => {
    const { caller, campaigns } = await open();
    const list = await addList(rig.db, caller.accountId, [{ email: 'a@example.test' }, { phone_number: '+61' }]);
    await expect(campaigns.send(caller, { list_id: list })).rejects.toMatchObject({
      kind: 'bad-request',
      message: 'The list has nobody to write to: 1 invalid number, 1 no number.',
    });
    await expect(campaigns.send(caller, { list_id: 99 })).rejects.toMatchObject({ kind: 'not-found' });
    const stranger = await openAccount(rig.db);
    await expect(campaigns.send(stranger, { list_id: list })).rejects.toMatchObject({ kind: 'not-found' });
  });

  test(
    verifies('campaign:suppressed', 'leaves out who opted out before it, and stops who does so meanwhile'),
    async () => {
      const { carrier, caller, campaigns } = await open({
        carrier: new FakeCarrier({ window: 1, script: takeNothing }),
      });
      const list = await addList(rig.db, caller.accountId, regulars(4));
      const optOut = (n: number) =>
        rig.db.enginePool.query(
          `insert into suppressions (account_id, channel, address, reason, created_at) values ($1, 1, $2, 'STOP', 0)`,
          [caller.accountId, regulars(1, n)[0]!.phone_number],
        );
      await optOut(0);
      const { data } = await campaigns.send(caller, { list_id: list });
      expect(data).toMatchObject({ _total_count: 3, _excluded: { opted_out: 1 } });
      await optOut(1);
      await campaigns.runner.tick();
      await until('the first', () => carrier.log.length === 1);
      await optOut(3);
      carrier.script = ({ message }) => takes(message.id);
      carrier.respond(takes(carrier.log[0]!.message.id));
      await rig.reached(caller, { submitted: 1, refused: 1, failed: 1 });
      expect(carrier.log.map(({ message }) => message.recipient)).toEqual(['+61410000002']);
      expect(await balanceOf(rig.db, caller.accountId)).toMatchObject({ held: 0, spent: PRICE });
    },
  );

  test(verifies('campaign:idempotent', 'is made once by one Idempotency-Key'), async () => {
    const { caller, campaigns } = await open();
    const list = await addList(rig.db, caller.accountId, regulars(3));
    const first = await campaigns.send(caller, { list_id: list }, 'key-1');
    const again = await campaigns.send(caller, { list_id: list }, 'key-1');
    expect(again).toMatchObject({ replayed: true, data: { sms_campaign_id: first.data.sms_campaign_id } });
    await expect(campaigns.send(caller, { list_id: list, name: 'Other' }, 'key-1')).rejects.toMatchObject({
      kind: 'key-reused',
    });
    const at = await Promise.allSettled(
      Array.from({ length: 8 }, () => campaigns.send(caller, { list_id: list }, 'key-2')),
    );
    const made = at.flatMap((one) => (one.status === 'fulfilled' ? [one.value.data.sms_campaign_id] : []));
    expect(new Set(made).size).toBe(1);
    await campaigns.runner.tick();
    expect((await rowsOf(rig.db, caller.accountId)).length).toBe(6);
  });
});

describe('a scheduled campaign', () => {
  test(
    verifies('campaign:send', 'campaign:launch', 'waits for its time, and takes who is in the list then'),
    async () => {
      const { node, caller, campaigns } = await open();
      const list = await addList(rig.db, caller.accountId, regulars(2));
      const { data, words } = await campaigns.send(caller, { list_id: list, schedule: inHours(2) });
      expect(data).toMatchObject({ status: 'Scheduled', schedule: inHours(2), _total_count: 2 });
      expect(words).toContain('scheduled');
      node.clock.advance(2 * HOUR_S * 1000 - 1);
      await campaigns.runner.tick();
      expect(await rowsOf(rig.db, caller.accountId)).toEqual([]);
      await rig.db.enginePool.query(
        `insert into contacts (account_id, list_id, created_at, updated_at, phone_number) values ($1, $2, 0, 0, '+61410000009')`,
        [caller.accountId, list],
      );
      node.clock.advance(1);
      await campaigns.runner.tick();
      await rig.reached(caller, { submitted: 3 });
    },
  );

  test(verifies('campaign:update', 'is replaced; without a time it goes out now, and says so'), async () => {
    const { carrier, caller, campaigns } = await open();
    const list = await addList(rig.db, caller.accountId, regulars(2));
    const { data } = await campaigns.send(caller, { list_id: list, schedule: inHours(2) });
    const later = await campaigns.update(caller, data.sms_campaign_id, {
      list_id: list,
      body: 'Second. Reply STOP',
      schedule: inHours(5),
    });
    expect(later.data).toMatchObject({ schedule: inHours(5), body: 'Second. Reply STOP', status: 'Scheduled' });
    const now = await campaigns.update(caller, data.sms_campaign_id, { list_id: list, body: 'Third. Reply STOP' });
    expect(now.words).toMatch(/being sent now to 2 recipients\. .* no longer changed/);
    await expect(campaigns.update(caller, data.sms_campaign_id, { list_id: list })).rejects.toMatchObject({
      kind: 'bad-request',
      message: 'Only a scheduled campaign can be changed; this one is sending.',
    });
    await campaigns.runner.tick();
    await rig.reached(caller, { submitted: 2 });
    expect(new Set(bodies(carrier))).toEqual(new Set(['Third. Reply STOP']));
  });

  test(verifies('campaign:cancel', 'is cancelled exactly once, by however many, and sends nothing'), async () => {
    const { node, caller, campaigns } = await open();
    const list = await addList(rig.db, caller.accountId, regulars(2));
    const { data } = await campaigns.send(caller, { list_id: list, schedule: inHours(2) });
    const calls = await Promise.allSettled(
      Array.from({ length: 8 }, () => campaigns.calls.smsCampaignCancel(one(caller, data.sms_campaign_id))),
    );
    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    node.clock.advance(3 * HOUR_S * 1000);
    await campaigns.runner.tick();
    expect(await rowsOf(rig.db, caller.accountId)).toEqual([]);
    const shown = await campaigns.calls.smsCampaignShow(one(caller, data.sms_campaign_id));
    expect(shown.data.status).toBe('Cancelled');
  });

  test(verifies('campaign:late', 'fault:F32', 'waits for a word when its time was missed by too much'), async () => {
    const { node, caller, campaigns } = await open();
    const list = await addList(rig.db, caller.accountId, regulars(2));
    const late = await campaigns.send(caller, { list_id: list, schedule: inHours(2) });
    node.clock.advance(2 * HOUR_S * 1000 + MAX_LATENESS_MS + 1);
    const inTime = await campaigns.send(caller, { list_id: list, schedule: Math.ceil(node.clock.now() / 1000) + 60 });
    node.clock.advance(60_000 + MAX_LATENESS_MS - 5_000);
    await campaigns.runner.tick();
    const held = await campaigns.calls.smsCampaignShow(one(caller, late.data.sms_campaign_id));
    expect(held.data).toMatchObject({ status: 'WaitApproval', _state: 'held' });
    expect(held.data._reason).toMatch(/minutes ago/);
    await rig.reached(caller, { submitted: 2 });
    const sent = await campaigns.calls.smsCampaignShow(one(caller, inTime.data.sms_campaign_id));
    expect(sent.data._total_count).toBe(2);
    node.clock.advance(10_000);
    await campaigns.calls.smsCampaignResume(one(caller, late.data.sms_campaign_id));
    await campaigns.runner.tick();
    await rig.reached(caller, { submitted: 4 });
  });

  test('that cannot be launched when its time comes says why', async () => {
    const { node, caller, campaigns } = await open({ creditMicro: PRICE });
    const list = await addList(rig.db, caller.accountId, regulars(2));
    const { data } = await campaigns.send(caller, { list_id: list, schedule: inHours(1) });
    node.clock.advance(HOUR_S * 1000);
    await campaigns.runner.tick();
    const shown = await campaigns.calls.smsCampaignShow(one(caller, data.sms_campaign_id));
    expect(shown.data).toMatchObject({ status: 'Failed', _reason: expect.stringContaining('balance') });
    expect(await rowsOf(rig.db, caller.accountId)).toEqual([]);
  });
});

describe('pausing', () => {
  test(verifies('campaign:pause', 'stops at the very recipient, and resuming goes on from there'), async () => {
    const { carrier, node, caller, campaigns } = await open({
      carrier: new FakeCarrier({ window: 5, script: takeNothing }),
    });
    const list = await addList(rig.db, caller.accountId, regulars(2_050));
    const { data } = await campaigns.send(caller, { list_id: list });
    await campaigns.runner.tick();
    await until('a window', () => carrier.log.length === 5);
    await campaigns.calls.smsCampaignPause(one(caller, data.sms_campaign_id));
    const shown = await campaigns.calls.smsCampaignShow(one(caller, data.sms_campaign_id));
    expect(shown.data).toMatchObject({ status: 'WaitApproval', _state: 'paused' });
    carrier.script = ({ message }) => takes(message.id);
    carrier.respond(...carrier.log.map(({ message }) => takes(message.id)));
    await rig.reached(caller, { submitted: 5, queued: 2_045 });
    await campaigns.runner.tick();
    expect(carrier.log).toHaveLength(5);
    // Other traffic is not held up.
    await node.send(caller, [{ to: '+61420000000', body: 'meanwhile' }]);
    await rig.reached(caller, { submitted: 6, queued: 2_045 });
    await campaigns.calls.smsCampaignResume(one(caller, data.sms_campaign_id));
    await campaigns.runner.tick();
    await rig.reached(caller, { submitted: 2_051 });
    const sent = carrier.log.map(({ message }) => message.recipient);
    expect(new Set(sent).size).toBe(2_051);
    expect(sent.filter((to) => to !== '+61420000000')).toEqual(regulars(2_050).map(({ phone_number }) => phone_number));
  });

  test(verifies('campaign:pause', 'fault:F33', 'fifty times in a row loses and doubles nobody'), async () => {
    const { carrier, caller, campaigns } = await open({ carrier: new FakeCarrier({ window: 7 }) });
    const list = await addList(rig.db, caller.accountId, regulars(3_000));
    const { data } = await campaigns.send(caller, { list_id: list });
    const id = data.sms_campaign_id;
    const work = campaigns.runner.tick();
    for (let turn = 0; turn < 50; turn++) {
      await campaigns.calls.smsCampaignPause(one(caller, id));
      const before = carrier.log.length;
      await new Promise((resolve) => setImmediate(resolve));
      expect(carrier.log.length - before).toBeLessThanOrEqual(0);
      await campaigns.calls.smsCampaignResume(one(caller, id));
      campaigns.runner.wake();
    }
    await work;
    await until('everybody', async () => {
      await campaigns.runner.tick();
      return (await tally(rig.db, caller.accountId)).submitted === 3_000;
    });
    expect(new Set(carrier.log.map(({ message }) => message.recipient)).size).toBe(3_000);
    expect(carrier.log).toHaveLength(3_000);
    await campaigns.runner.tick();
    const shown = await campaigns.calls.smsCampaignShow(one(caller, id));
    expect(shown.data).toMatchObject({ status: 'Sent', _statistics: { queued: 0, sent: 3_000 } });
  });

  test(
    verifies('campaign:pause', 'campaign:cancel', 'and cancelling then gives back all that has not left'),
    async () => {
      const { carrier, caller, campaigns } = await open({
        carrier: new FakeCarrier({ window: 5, script: takeNothing }),
      });
      const list = await addList(rig.db, caller.accountId, regulars(1_500));
      const { data } = await campaigns.send(caller, { list_id: list });
      const id = data.sms_campaign_id;
      await campaigns.runner.tick();
      await until('a window', () => carrier.log.length === 5);
      await expect(campaigns.calls.smsCampaignCancel(one(caller, id))).rejects.toMatchObject({ kind: 'bad-request' });
      await campaigns.calls.smsCampaignPause(one(caller, id));
      await campaigns.calls.smsCampaignCancel(one(caller, id));
      carrier.script = ({ message }) => takes(message.id);
      carrier.respond(...carrier.log.map(({ message }) => takes(message.id)));
      await until('all cancelled', async () => {
        await campaigns.runner.tick();
        return (await tally(rig.db, caller.accountId)).cancelled === 1_495;
      });
      expect(await balanceOf(rig.db, caller.accountId)).toMatchObject({ held: 0, spent: 5 * PRICE });
      await campaigns.runner.tick();
      const shown = await campaigns.calls.smsCampaignShow(one(caller, id));
      expect(shown.data).toMatchObject({ status: 'Cancelled', _statistics: { queued: 0, sent: 5 } });
    },
  );
});

describe('two nodes', () => {
  test(
    verifies('campaign:crash', 'of which one fell silent in mid-chunk make each recipient one message'),
    async () => {
      const { node, carrier, caller, campaigns } = await open();
      const list = await addList(rig.db, caller.accountId, regulars(3_500));
      let letGo = () => {};
      const gate = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      let commits = 0;
      const silent = openCampaigns(node, {
        commit: async (job) => {
          // The second chunk hangs, as it would in a node that was frozen.
          if (++commits === 2) await gate;
          return node.sms.commit(job);
        },
      });
      const { data } = await silent.send(caller, { list_id: list });
      const hung = silent.runner.tick();
      await until('the second chunk', () => commits === 2);
      await campaigns.runner.tick();
      expect((await rowsOf(rig.db, caller.accountId)).length).toBe(1_000);
      node.clock.advance(31_000);
      await campaigns.runner.tick();
      letGo();
      await hung;
      await rig.reached(caller, { submitted: 3_500 });
      expect(new Set(carrier.log.map(({ message }) => message.recipient)).size).toBe(3_500);
      await campaigns.runner.tick();
      const shown = await campaigns.calls.smsCampaignShow(one(caller, data.sms_campaign_id));
      expect(shown.data).toMatchObject({ status: 'Sent', _statistics: { sent: 3_500, queued: 0 } });
    },
  );

  test(verifies('campaign:crash', 'launch a campaign whose time has come once'), async () => {
    const { node, carrier, caller, campaigns } = await open();
    const other = openCampaigns(node);
    const list = await addList(rig.db, caller.accountId, regulars(300));
    await campaigns.send(caller, { list_id: list, schedule: inHours(1) });
    node.clock.advance(HOUR_S * 1000);
    await Promise.all([campaigns.runner.tick(), other.runner.tick(), campaigns.runner.tick()]);
    await rig.reached(caller, { submitted: 300 });
    expect(carrier.log).toHaveLength(300);
    expect(await balanceOf(rig.db, caller.accountId)).toMatchObject({ held: 0, spent: 300 * PRICE });
  });
});

describe('the text', () => {
  test(verifies('campaign:links', 'has links of each recipient’s own, which count in its parts'), async () => {
    const { carrier, caller, campaigns } = await open();
    const list = await addList(rig.db, caller.accountId, regulars(3));
    const body = `${'y'.repeat(90)} http://smsg.io/xxxxx StopMsg.me/xxxxx`;
    const { data } = await campaigns.send(caller, {
      list_id: list,
      body,
      url_to_shorten: 'https://shop.example.test/rye',
    });
    expect(data.unsubscribe_link).toBe(1);
    await campaigns.runner.tick();
    await rig.reached(caller, { submitted: 3 });
    const { rows } = await rig.db.enginePool.query(
      'select code, kind, recipient, campaign_id, url from links order by kind',
    );
    expect(rows.map(({ kind, url }) => [kind, url])).toEqual([
      ...Array(3).fill([1, 'https://shop.example.test/rye']),
      ...Array(3).fill([2, null]),
    ]);
    for (const { message } of carrier.log) {
      const mine = rows.filter(({ recipient }) => recipient === message.recipient).map(({ code }) => code);
      for (const code of mine) expect(message.body).toContain(`msg.example.test/s/${code}`);
      expect(message.body).not.toMatch(/x{5}|u{8}|o{8}/);
      expect(message.parts).toBe(1);
    }
  });

  test(verifies('campaign:url', 'needs a place for the short link'), async () => {
    const { caller, campaigns } = await open();
    const list = await addList(rig.db, caller.accountId, regulars(1));
    await expect(
      campaigns.send(caller, { list_id: list, url_to_shorten: 'https://a.example.test' }),
    ).rejects.toMatchObject({
      kind: 'bad-request',
      fields: { url_to_shorten: expect.stringContaining('smsg.io/xxxxx') },
    });
    const dead = campaigns.send(caller, { list_id: list, body: 'See smsg.io/xxxxx STOP' });
    await expect(dead).rejects.toMatchObject({ fields: { body: expect.stringContaining('url_to_shorten') } });
  });

  test(verifies('campaign:way-out', 'without a way out is warned of, refused, or let through'), async () => {
    const { caller: first, campaigns } = await open();
    const list = await addList(rig.db, first.accountId, regulars(1));
    const plain = { list_id: list, body: 'Rye is back.' };
    const warned = await campaigns.price(first, plain);
    expect(warned.data._warnings).toEqual([expect.stringContaining('StopMsg.me/xxxxx')]);
    const alpha = await campaigns.price(first, { ...plain, from: 'Bakehouse', body: 'Rye is back. Reply STOP' });
    expect(alpha.data._warnings).toEqual([expect.stringContaining('nobody can reply')]);
    const strict = await set(first, 'campaign_opt_out', 'require');
    await expect(campaigns.send(strict, plain)).rejects.toMatchObject({ fields: { body: expect.any(String) } });
    await expect(campaigns.send(strict, { ...plain, from: 'Bakehouse', body: 'Reply STOP' })).rejects.toMatchObject({
      kind: 'bad-request',
    });
    const linked = await campaigns.price(strict, { ...plain, from: 'Bakehouse', body: 'Rye. StopMsg.me/xxxxx' });
    expect(linked.data._warnings).toEqual([]);
    const off = await set(first, 'campaign_opt_out', 'off');
    expect((await campaigns.price(off, plain)).data._warnings).toEqual([]);
  });
});
