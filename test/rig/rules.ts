import type { Caller } from '@veredus/server/accounts/caller';
import type { Database } from '@veredus/server/db/db';
import { replyReader } from '@veredus/server/inbound/read-replies';
import { storeInbound } from '@veredus/server/inbound/store';
import { committer } from '@veredus/server/messages/commit';
import { carrierNumber } from '@veredus/server/messages/store-claims';
import { type AlertParts, alertMailer } from '@veredus/server/rules/alerts';
import type { Rounds } from '@veredus/server/rules/rounds';
import { receiptRunner } from '@veredus/server/rules/run-receipts';
import { type RuleRunner, type RunnerParts, ruleRunner } from '@veredus/server/rules/run-rules';
import type { EachTest } from '../faults/rig/each-test.ts';
import { FakeCarrier } from '../faults/rig/fake-carrier.ts';
import { type Node, openAccount } from '../faults/rig/pipeline.ts';

/** A number of the account's own, which handsets write to, and handsets. */
export const OURS = '+61422222222';
export const HANDSET = '+61411111111';
export const STAFF = '+61411111112';
export const OTHER = '+61411111113';

/** The rules of one node, run by hand. */
export interface Rules {
  readonly runner: RuleRunner;
  readonly receipts: Rounds;
  readonly alerts: Rounds;
  readonly parts: RunnerParts;
  /** What it logged. */
  readonly logged: { event: string; facts: Record<string, unknown> }[];
  /** How often others were woken. */
  readonly woken: { pushed: number; forwarded: number };
  /** A text comes from the carrier and is read; no rule has been asked about it yet. */
  arrive(from: string, body: string, more?: { to?: string; providerId?: string }): Promise<void>;
  /** The same, and its rules have done all there is. */
  receive(from: string, body: string, more?: { to?: string; providerId?: string }): Promise<void>;
}

export function openRules(db: Database, node: Node, also: Partial<RunnerParts> = {}): Rules {
  const { clock, newId } = node.sms;
  const pool = db.enginePool;
  const logged: Rules['logged'] = [];
  const log = (event: string, facts: Record<string, unknown>) => void logged.push({ event, facts });
  const woken = { pushed: 0, forwarded: 0 };
  const mail: Omit<AlertParts, 'log'> = {
    pool,
    clock,
    newId,
    commit: committer({ pool, clock, dispatcher: () => null, log }),
    policies: [],
  };
  const parts: RunnerParts = {
    ...node.sms,
    mail,
    pushed: () => void woken.pushed++,
    forwarded: () => void woken.forwarded++,
    log,
    ...also,
  };
  const runner = ruleRunner(parts);
  const reader = replyReader({ pool, clock, log });
  const arrive: Rules['arrive'] = async (from, body, { to = OURS, providerId } = {}) => {
    const carrierId = await carrierNumber(pool, 'fake');
    const message = { providerId: providerId ?? null, from, to, body, part: null };
    await storeInbound(pool, [message], { carrierId, at: clock.now(), newId });
    await reader.run();
  };
  return {
    runner,
    receipts: receiptRunner({ ...parts, wakeActions: runner.wakeActions }),
    alerts: alertMailer({ ...mail, log }),
    parts,
    logged,
    woken,
    arrive,
    async receive(...text) {
      await arrive(...text);
      await runner.run();
    },
  };
}

/** Gives an account the number that handsets write to, and takes away the rule it starts with. */
export async function ownNumber(db: Database, { accountId }: Pick<Caller, 'accountId'>): Promise<void> {
  await db.enginePool.query(`insert into sender_numbers (account_id, number, created_at) values ($1, $2, 0)`, [
    accountId,
    OURS,
  ]);
  await db.enginePool.query('delete from inbound_rules where account_id = $1', [accountId]);
}

export interface RuleInput {
  action: string;
  action_address?: string;
  dedicated_number?: string;
  message_search_type?: number;
  message_search_term?: string | null;
  body?: string | null;
  webhook_type?: string | null;
  enabled?: boolean;
  position?: number;
  rule_name?: string;
}

/** Stores a rule as it is, sound or not. Answers its id. */
export async function addRule(db: Database, accountId: number, rule: RuleInput): Promise<number> {
  const row = {
    rule_name: rule.action,
    dedicated_number: '*',
    message_search_type: 0,
    message_search_term: null,
    action_address: '',
    body: null,
    webhook_type: null,
    enabled: true,
    position: 0,
    ...rule,
  };
  const { rows } = await db.enginePool.query(
    `insert into inbound_rules (account_id, rule_name, dedicated_number, message_search_type, message_search_term, action,
       action_address, body, webhook_type, enabled, position)
     select $1, rule_name, dedicated_number, message_search_type, message_search_term, action, action_address, body, webhook_type,
       enabled, position
     from jsonb_populate_record(null::inbound_rules, $2) returning inbound_rule_id`,
    [accountId, JSON.stringify(row)],
  );
  return rows[0].inbound_rule_id;
}

export async function addReceiptRule(
  db: Database,
  accountId: number,
  rule: { action: string; action_address?: string; match_type?: number; channel?: string; enabled?: boolean },
): Promise<number> {
  const row = { rule_name: rule.action, action_address: '', match_type: 0, channel: 'sms', enabled: true, ...rule };
  const { rows } = await db.enginePool.query(
    `insert into receipt_rules (account_id, channel, rule_name, match_type, action, action_address, enabled)
     select $1, channel, rule_name, match_type, action, action_address, enabled
     from jsonb_populate_record(null::receipt_rules, $2) returning receipt_rule_id`,
    [accountId, JSON.stringify(row)],
  );
  return rows[0].receipt_rule_id;
}

export interface StoredAction {
  action_id: string;
  rule_id: number;
  handset: string;
  action: string;
  state: number;
  attempts: number;
  outcome: string | null;
  facts: Record<string, unknown>;
}

/** What rules of the account did, in the order they were asked. */
export async function actionsOf(db: Database, accountId: number): Promise<StoredAction[]> {
  const { rows } = await db.enginePool.query(
    `select action_id, rule_id, handset, action, state, attempts, outcome, facts from rule_actions where account_id = $1
     order by created_at, action_id`,
    [accountId],
  );
  return rows;
}

/** The events of the account of this kind, in order. */
export async function eventsOf(db: Database, accountId: number, kind: string): Promise<Record<string, unknown>[]> {
  const { rows } = await db.enginePool.query(
    'select facts, alert_due from events where account_id = $1 and kind = $2 order by event_id',
    [accountId, kind],
  );
  return rows.map(({ facts, alert_due }) => ({ ...facts, alert_due }));
}

export interface StoredMail {
  recipient: string;
  subject: string;
  body: string;
  source: string;
  custom_string: string;
}

export async function mailsOf(db: Database, accountId: number): Promise<StoredMail[]> {
  const { rows } = await db.enginePool.query(
    `select m.recipient, c.subject, m.body, m.source, m.custom_string from messages m
     join message_contents c on c.account_id = m.account_id and c.message_id = m.id
     where m.account_id = $1 and m.channel = 3 order by m.id`,
    [accountId],
  );
  return rows;
}

export interface StoredPush {
  url: string;
  method: string;
  content_type: string;
  query: string;
  body: string;
  depth: number;
  kind: string;
}

export async function pushesOf(db: Database, accountId: number): Promise<StoredPush[]> {
  const { rows } = await db.enginePool.query(
    `select e.url, d.method, d.content_type, d.query, d.body, d.depth, d.kind from webhook_deliveries d
     join webhook_endpoints e using (endpoint_id) where d.account_id = $1 order by d.id`,
    [accountId],
  );
  return rows;
}

/** An account with a number and no rules, on one node whose carrier takes everything. For `eachTest` of a file. */
export async function openWorld(rig: EachTest, options: Parameters<typeof openAccount>[1] = {}) {
  const carrier = new FakeCarrier();
  const node = await rig.start(carrier);
  const caller = await openAccount(rig.db, options);
  await ownNumber(rig.db, caller);
  const { accountId } = caller;
  return {
    carrier,
    node,
    caller,
    ...openRules(rig.db, node),
    add: (rule: RuleInput) => addRule(rig.db, accountId, rule),
    actions: () => actionsOf(rig.db, accountId),
    mails: () => mailsOf(rig.db, accountId),
    pushes: () => pushesOf(rig.db, accountId),
    async messages() {
      const { rows } = await rig.db.enginePool.query(
        `select recipient, sender, shared_sender, body, source, custom_string, list_id, contact_id, refusal
         from messages where account_id = $1 and channel = 1 order by id`,
        [accountId],
      );
      return rows;
    },
    async contacts(listId: number) {
      const { rows } = await rig.db.enginePool.query(
        `select contact_id, phone_number, first_name, last_name, email from contacts where account_id = $1 and list_id = $2 order by contact_id`,
        [accountId, listId],
      );
      return rows;
    },
    async textId(): Promise<string> {
      const { rows } = await rig.db.enginePool.query('select upper(max(id::text)) as id from inbound_texts');
      return rows[0].id;
    },
  };
}
