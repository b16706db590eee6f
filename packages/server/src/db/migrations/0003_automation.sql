-- Inbound texts, rules and what they do, webhooks, events, plain mail, and customers' own SMPP clients.

-- ---- Events: what happened to an account's messages, and what else its people should know. Appended; read by the event
-- stream, by the runner of receipt rules (rules_due), and by the mailer of alerts (alert_due).
-- A chunk of messages that changed is one row: message_ids, statuses and error_codes go side by side. Numbers come from a
-- sequence, so they can be committed out of order; (xact, event_id) below the oldest transaction under way is final.
create table events (
  event_id bigint generated always as identity primary key,
  xact xid8 not null default pg_current_xact_id(),
  account_id integer not null,
  at bigint not null,
  -- message.status, inbound.received, rule.failed, rule.loop-stopped, webhook.disabled ...
  kind text not null,
  message_ids uuid[],
  statuses smallint[],
  error_codes smallint[],
  facts jsonb,
  rules_due boolean not null default false,
  alert_due boolean not null default false
);
create index events_account on events (account_id, xact, event_id);
create index events_rules_due on events (account_id, event_id) where rules_due;
create index events_alert_due on events (event_id) where alert_due;
create index receipt_rules_pushing on receipt_rules (account_id) where enabled and upper(action) <> 'POLL';

-- ---- Inbound: a whole text from a handset, its parts joined, for the account it is for. id is that of its first part.
create table inbound_texts (
  id uuid primary key,
  account_id integer not null,
  received_at bigint not null,
  -- E.164 where it can be read as a number, else as it came.
  sender text not null,
  recipient text not null,
  body text not null,
  -- The message it answers.
  answers_id uuid,
  -- What it was read as: opt-out, opt-in, help, review; null = an ordinary text.
  keyword text,
  -- False where parts of it never came.
  whole boolean not null default true,
  -- Made by the test call.
  test boolean not null default false,
  -- How many pushes to a server like this one led to it; see webhook_deliveries.depth.
  depth smallint not null default 0,
  -- When the rules were asked; null = they are due.
  rules_at bigint,
  -- A POLL rule wants it readable until it is marked as read.
  polled boolean not null default false,
  read_at bigint
);
create index inbound_texts_unread on inbound_texts (account_id, id) where polled and read_at is null;
create index inbound_texts_account on inbound_texts (account_id, id);
create index inbound_texts_answers on inbound_texts (account_id, answers_id, id) where answers_id is not null;
create index inbound_texts_rules_due on inbound_texts (account_id, id) where rules_at is null;
-- Whether a part of a longer text came before.
create index inbound_messages_parts on inbound_messages (sender, recipient, part_reference) where part_of > 1;

-- What came before there were rules can be polled; no rule runs for it.
insert into inbound_texts (id, account_id, received_at, sender, recipient, body, answers_id, whole, rules_at, polled)
select min(id::text)::uuid, account_id, min(received_at), sender, recipient, string_agg(body, '' order by part_number, id),
  min(answers_id::text)::uuid, count(distinct part_number) >= max(coalesce(part_of, 0)), opt_out_read_at, true
from inbound_messages
where account_id is not null and opt_out_read_at is not null
-- The parts of one text were read together; their reference is used again after some time.
group by sender, recipient, account_id, opt_out_read_at, case when part_of > 1 then array[part_reference, part_of]::text else id::text end;

-- ---- Rules. position: in which order they are asked.
alter table inbound_rules add column position integer not null default 0;
update inbound_rules set position = inbound_rule_id;
alter table inbound_rules
  add column created_at bigint not null default 0,
  add column updated_at bigint not null default 0;
alter table receipt_rules
  add column created_at bigint not null default 0,
  add column updated_at bigint not null default 0;

-- One thing a rule wants done because of one text or receipt. The rule's words are copied, so a rule changed or deleted
-- meanwhile changes nothing that is under way. state: 0 waiting, 1 done, 2 failed, 3 stopped (loop guard).
create table rule_actions (
  action_id uuid primary key,
  account_id integer not null,
  created_at bigint not null,
  kind text not null check (kind in ('inbound', 'receipt')),
  rule_id integer not null,
  rule_name text not null,
  -- The inbound text, or the message of the receipt.
  subject_id uuid not null,
  handset text not null default '',
  action text not null,
  action_address text not null default '',
  body text,
  webhook_type text,
  message_search_term text,
  facts jsonb not null default '{}',
  state smallint not null default 0,
  attempts smallint not null default 0,
  next_attempt_at bigint,
  -- The last contact that a forward to a list has served.
  progress bigint,
  -- In words, for the owner.
  outcome text,
  done_at bigint
);
-- Per account, and forwards to lists apart, so that each has its turn.
create index rule_actions_due on rule_actions (account_id, (case when action = 'GROUP_SMS' then 1 else 0 end), next_attempt_at)
  where state = 0;
-- How often a rule acted: for a handset (all that are no telephone number are one), for all that costs, and by mail.
create index rule_actions_loops on rule_actions (rule_id, (case when handset ~ '^[+][0-9]' then handset else '' end), created_at);
create index rule_actions_costly on rule_actions (rule_id, created_at) where state <> 3 and action in ('AUTO_REPLY', 'SMS', 'GROUP_SMS');
create index rule_actions_mails on rule_actions (account_id, created_at) where state <> 3 and action in ('EMAIL_USER', 'EMAIL_FIXED', 'EMAIL');
create index rule_actions_told on rule_actions (account_id, created_at) where facts ? 'told';
create index rule_actions_account on rule_actions (account_id, kind, rule_id, action_id);
create index rule_actions_age on rule_actions (created_at);

-- ---- Webhooks. An endpoint is a URL of an account, with its queue, its key and its circuit breaker.
create table webhook_endpoints (
  endpoint_id integer generated always as identity (start with 501) primary key,
  account_id integer not null references accounts,
  url text not null,
  -- The signing key is derived from the server's own, this number and the generation: it is nowhere stored.
  key_generation smallint not null default 1,
  -- Until then the generation before signs as well.
  previous_until bigint,
  -- Failed attempts in a row, and since when.
  failures integer not null default 0,
  failing_since bigint,
  -- The breaker is open: nothing is tried before this moment, and then one delivery first.
  blocked_until bigint,
  disabled_at bigint,
  disabled_why text,
  created_at bigint not null,
  -- Made by hand, or somebody has its key: it is not forgotten, however long nothing is sent to it.
  kept boolean not null default false,
  last_attempt_at bigint,
  last_success_at bigint,
  -- What went wrong last, in words; stays after a success.
  last_fault text,
  unique (account_id, url)
);
create index webhook_endpoints_account on webhook_endpoints (account_id, endpoint_id);

-- An event on its way to an endpoint. id is the webhook-id, constant over all attempts. state: 0 waiting, 1 delivered, 2 dead.
create table webhook_deliveries (
  id uuid primary key,
  account_id integer not null,
  endpoint_id integer not null references webhook_endpoints,
  kind text not null,
  -- The message or the inbound text it tells of.
  subject_id uuid,
  method text not null check (method in ('POST', 'GET')),
  content_type text not null,
  -- Added to the URL's own (GET), or the body's exact characters (POST).
  query text not null default '',
  body text not null default '',
  depth smallint not null default 0,
  occurred_at bigint not null,
  created_at bigint not null,
  state smallint not null default 0,
  -- Since it was queued or last asked for again; webhook_attempts keeps them all.
  attempts smallint not null default 0,
  -- While a node tries it: when that node is taken for dead, so that it comes due by itself.
  next_attempt_at bigint,
  -- Set while a node tries it, and which of its claims it is.
  claimed_until bigint,
  give_up_at bigint not null,
  done_at bigint,
  replays smallint not null default 0
);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_attempt_at) where state = 0;
create index webhook_deliveries_dead on webhook_deliveries (account_id, endpoint_id, id) where state = 2;
create index webhook_deliveries_log on webhook_deliveries (account_id, endpoint_id, id);
create index webhook_deliveries_age on webhook_deliveries (done_at) where state <> 0;
create index webhook_deliveries_tests on webhook_deliveries (account_id, created_at) where kind = 'test';

-- What was sent and what came back, byte for byte, of each the first 4 kB.
create table webhook_attempts (
  delivery_id uuid not null references webhook_deliveries on delete cascade,
  account_id integer not null,
  attempt smallint not null,
  at bigint not null,
  took_ms integer not null,
  request text not null,
  status smallint,
  answer text,
  fault text,
  primary key (delivery_id, attempt)
);

-- ---- How many pushes to a server like this one led to a message, where any did; see webhook_deliveries.depth.
create table message_depths (
  account_id integer not null,
  message_id uuid not null,
  depth smallint not null,
  primary key (account_id, message_id)
);

-- ---- What a message holds beyond its text, for the channels that have it.
create table message_contents (
  account_id integer not null,
  message_id uuid not null,
  subject text,
  primary key (account_id, message_id)
);

-- ---- Customers' own SMPP clients.
create table esmes (
  system_id text primary key,
  account_id integer not null references accounts,
  user_id integer not null references users,
  password_hash text not null,
  -- The most binds at once, at each node.
  binds smallint not null default 4,
  created_at bigint not null,
  disabled_at bigint
);
create index esmes_account on esmes (account_id);

-- What an ESME submitted, by the id it was answered with. Parts of a longer text wait here for the others (body set, message_id null).
create table esme_submits (
  id uuid primary key,
  account_id integer not null,
  system_id text not null,
  message_id uuid,
  at bigint not null,
  -- Which receipts it asked for, as in registered_delivery.
  registered smallint not null,
  -- As the ESME wrote them, for its receipt.
  source text not null,
  destination text not null,
  part_reference integer,
  part_number smallint,
  part_of smallint,
  -- As JSON: a part may end within a surrogate pair.
  body text
);
create index esme_submits_message on esme_submits (message_id) where message_id is not null;
create index esme_submits_waiting on esme_submits (account_id, system_id, at) where body is not null;

-- What waits for an ESME to take it: kind 1 = an inbound text, 2 = a receipt.
create table esme_deliveries (
  id uuid primary key,
  account_id integer not null,
  system_id text not null,
  kind smallint not null,
  subject_id uuid,
  source text not null,
  destination text not null,
  body text not null,
  facts jsonb not null default '{}',
  created_at bigint not null,
  expires_at bigint not null,
  attempts smallint not null default 0,
  next_attempt_at bigint,
  claimed_until bigint,
  done_at bigint,
  outcome text
);
create index esme_deliveries_due on esme_deliveries (system_id, next_attempt_at) where done_at is null;
create index esme_deliveries_age on esme_deliveries (created_at);
create index esme_deliveries_waiting on esme_deliveries (expires_at) where done_at is null;

-- ---- The server's own secret key is not stored; this tells whether it is still the one the database was used with.
create table secret_key_checks (
  only_row boolean primary key default true check (only_row),
  proof bytea not null
);

grant select, insert, update, delete on events, inbound_texts, rule_actions, webhook_endpoints, webhook_deliveries, webhook_attempts,
  message_depths, message_contents, esmes, esme_submits, esme_deliveries, secret_key_checks to veredus_engine;
grant usage on all sequences in schema public to veredus_engine;
grant select on events, inbound_texts, rule_actions, webhook_endpoints, webhook_deliveries, webhook_attempts, message_contents to veredus_app;
grant select (system_id, account_id, user_id, binds, created_at, disabled_at) on esmes to veredus_app;
grant insert on inbound_texts, webhook_deliveries, webhook_endpoints to veredus_app;
grant update (read_at) on inbound_texts to veredus_app;
grant update (key_generation, previous_until, kept, failures, failing_since, blocked_until, disabled_at, disabled_why) on webhook_endpoints to veredus_app;
grant update (state, attempts, next_attempt_at, claimed_until, give_up_at, done_at, replays) on webhook_deliveries to veredus_app;
grant usage on sequence inbound_rules_inbound_rule_id_seq, receipt_rules_receipt_rule_id_seq, webhook_endpoints_endpoint_id_seq to veredus_app;

do $$
declare
  name text;
begin
  foreach name in array array['events', 'inbound_texts', 'rule_actions', 'webhook_endpoints', 'webhook_deliveries', 'webhook_attempts',
    'message_depths', 'message_contents', 'esmes', 'esme_submits', 'esme_deliveries'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_account on %I to veredus_app using (account_id = nullif(current_setting(''veredus.account_id'', true), '''')::integer)',
      name);
  end loop;
end $$;
