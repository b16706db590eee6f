import type { BodyInput } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import type { Caller } from '@veredus/server/accounts/caller';
import { campaignRoutes } from '@veredus/server/campaigns/routes';
import { type CampaignRunner, campaignRunner } from '@veredus/server/campaigns/runner';
import type { Database } from '@veredus/server/db/db';
import { gate } from '@veredus/server/gate';
import { systemRandom } from '@veredus/server/system';
import type { Node } from '../faults/rig/pipeline.ts';

export type CampaignInput = Partial<BodyInput<Endpoints['smsCampaignSend']>>;

/** The campaigns of one node: the calls as the wire has them, and what goes on by itself. */
export interface Campaigns {
  readonly calls: ReturnType<typeof campaignRoutes>;
  readonly runner: CampaignRunner;
  /** Work was asked for. The test says when it is done: `await runner.tick()`. */
  readonly wakes: { count: number };
  send(caller: Caller, input: CampaignInput, key?: string): ReturnType<Campaigns['calls']['smsCampaignSend']>;
  update(caller: Caller, id: number, input: CampaignInput): ReturnType<Campaigns['calls']['smsCampaignUpdate']>;
  price(caller: Caller, input: CampaignInput): ReturnType<Campaigns['calls']['smsCampaignPrice']>;
}

export const MAX_LATENESS_MS = 3_600_000;

/** `also`: what of the parts the test replaces. */
export function openCampaigns(node: Node, also: Partial<Node['sms']> = {}): Campaigns {
  const wakes = { count: 0 };
  const parts = {
    ...node.sms,
    ...also,
    random: systemRandom,
    publicUrl: () => 'https://msg.example.test',
    linkBase: () => 'https://msg.example.test/s',
    maxLatenessMs: MAX_LATENESS_MS,
    wakeDispatch: () => node.dispatcher.wake(),
    log: () => {},
  };
  const real = campaignRunner(parts);
  // The hand clock stands still, so what the runner would look at later it looks at now.
  const runner: CampaignRunner = {
    ...real,
    async tick() {
      real.wake();
      await real.tick();
    },
  };
  const calls = campaignRoutes({
    ...parts,
    gate: gate(2),
    wake: () => {
      wakes.count += 1;
    },
  });
  const call = { params: undefined, query: undefined, idempotencyKey: null } as never;
  return {
    calls,
    runner,
    wakes,
    send: async (caller, input, key) =>
      calls.smsCampaignSend({ ...(call as object), caller, body: bodyOf(input), idempotencyKey: key ?? null } as never),
    update: async (caller, id, input) =>
      calls.smsCampaignUpdate({
        ...(call as object),
        caller,
        body: bodyOf(input),
        params: { sms_campaign_id: id },
      } as never),
    price: async (caller, input) =>
      calls.smsCampaignPrice({ ...(call as object), caller, body: bodyOf(input) } as never),
  };
}

/** As the contract reads it; what it refuses fails the test. */
function bodyOf(input: CampaignInput) {
  const read = readCall(endpoints.smsCampaignSend, {
    body: { name: 'Autumn', body: 'Rye is back. Reply STOP', ...input },
  });
  if (!read.ok) throw new Error(JSON.stringify(read.fields));
  return read.call.body;
}

/** A list with contacts, each as its columns. Answers its id. */
export async function addList(
  db: Database,
  accountId: number,
  contacts: readonly Record<string, string | null>[],
): Promise<number> {
  const { rows } = await db.enginePool.query(
    `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'Regulars', 'AAAAAAAAAAAAAAAA', 0) returning list_id`,
    [accountId],
  );
  const listId: number = rows[0].list_id;
  await db.enginePool.query(
    `insert into contacts (account_id, list_id, created_at, updated_at, phone_number, email, first_name, last_name, custom_1)
      select $1, $2, 0, 0, c.phone_number, c.email, c.first_name, c.last_name, c.custom_1
      from jsonb_to_recordset($3::jsonb) as c(phone_number text, email text, first_name text, last_name text, custom_1 text)`,
    [accountId, listId, JSON.stringify(contacts)],
  );
  return listId;
}

/** Contacts with numbers that follow each other, `count` of them. */
export const regulars = (count: number, from = 0): Record<string, string | null>[] =>
  Array.from({ length: count }, (_, i) => ({
    phone_number: `+614${String(10_000_000 + from + i)}`,
    first_name: `Ana${from + i}`,
  }));
