-- The spine: accounts, money, messages, receipts.
--
-- Times are bigint milliseconds since the epoch, written by the passed-in clock, never by the database's.
-- Money is bigint micro-units of the account's currency.
-- Two roles work here: veredus_app sees one account at a time (row-level security), veredus_engine sees all.

create table accounts (
  account_id integer generated always as identity (start with 5001) primary key,
  name text not null,
  country text not null,
  currency text not null,
  timezone text not null default 'UTC',
  billing_email text not null default '',
  billing_phone text not null default '',
  active boolean not null default true,
  banned boolean not null default false,
  -- Prepaid accounts cannot go below zero; post-paid ones not below minus credit_limit_micro (null = no limit).
  prepaid boolean not null default false,
  credit_limit_micro bigint,
  low_credit_micro bigint not null default 0,
  -- ClickSend's setting_sms_message_char_limit: the most parts a text may have.
  max_parts smallint not null default 8,
  truncate_long boolean not null default false,
  -- Sender for messages that name none; empty = the carrier's shared number.
  default_sender text not null default '',
  -- Whether a number may be used as sender without standing in sender_numbers.
  any_sender_number boolean not null default false,
  -- The same text to the same recipient within this time is THROTTLED; 0 = never.
  throttle_ms integer not null default 5000,
  created_at bigint not null
);

create table users (
  user_id integer generated always as identity (start with 7001) primary key,
  account_id integer not null references accounts,
  -- Compared in lower case; shown as given.
  username text not null,
  email text not null default '',
  phone text not null default '',
  first_name text not null default '',
  last_name text not null default '',
  -- scrypt, as `scrypt$N$r$p$salt$hash`; null = no password set.
  password_hash text,
  is_main boolean not null default false,
  disabled_at bigint,
  created_at bigint not null
);
create unique index users_username on users (lower(username));
create index users_account on users (account_id);

create table api_keys (
  key_id integer generated always as identity primary key,
  account_id integer not null references accounts,
  user_id integer not null references users,
  name text not null,
  -- Permissions, e.g. {sms:send,sms:read}; {*} = all of the user's.
  scopes text[] not null default '{*}',
  -- SHA-256 of the key, which has 128 random bits: no salt needed.
  key_hash bytea not null unique,
  last_four text not null,
  created_at bigint not null,
  last_used_at bigint,
  revoked_at bigint
);
create index api_keys_user on api_keys (user_id);

create table sender_numbers (
  account_id integer not null references accounts,
  number text not null,
  created_at bigint not null,
  primary key (account_id, number)
);

create table rates (
  rate_id integer generated always as identity primary key,
  channel text not null,
  -- ISO alpha-2, or '*' for every country without a row of its own.
  country text not null,
  -- Digits after the '+'; empty = the whole country. The longest prefix wins.
  prefix text not null default '',
  price_micro bigint not null check (price_micro >= 0),
  valid_from bigint not null,
  valid_to bigint,
  -- True for the example card that ships with the product and is no offer.
  example boolean not null default false
);

-- Double entry in one row: amount_micro moves from the debit leg to the credit leg, so the sum over all legs is always 0.
-- Append only; never updated, never deleted.
create table ledger_entries (
  entry_id bigint generated always as identity primary key,
  account_id integer not null references accounts,
  at bigint not null,
  kind text not null check (kind in ('credit', 'reserve', 'capture', 'release', 'late-capture')),
  debit text not null check (debit in ('funding', 'available', 'held', 'spent')),
  credit text not null check (credit in ('funding', 'available', 'held', 'spent')),
  amount_micro bigint not null check (amount_micro > 0),
  messages integer not null default 0,
  note text,
  check (debit <> credit)
);
create index ledger_entries_account on ledger_entries (account_id, entry_id);

-- The running sums of ledger_entries; `veredus ledger verify` proves that they agree.
create table ledger_balances (
  account_id integer primary key references accounts,
  funding_micro bigint not null default 0,
  available_micro bigint not null default 0,
  held_micro bigint not null default 0,
  spent_micro bigint not null default 0
) with (fillfactor = 50);

create table carriers (
  carrier_id smallint generated always as identity primary key,
  name text not null unique
);

-- One row for each time a node takes up work for a carrier: the fencing token of its claims. possibly_sent holds the
-- messages whose bytes may be out without a settled answer; it is committed before the bytes leave, so that after a
-- crash exactly these are UNKNOWN and every other claimed message goes back to the queue.
create table claim_leases (
  token bigint generated always as identity primary key,
  carrier_id smallint not null references carriers,
  node text not null,
  lease_until bigint not null,
  possibly_sent uuid[] not null default '{}',
  -- No message claimed under this lease is older: where to look for its claims after a crash.
  oldest_id uuid not null,
  opened_at bigint not null,
  closed_at bigint
) with (fillfactor = 20);
create index claim_leases_open on claim_leases (carrier_id) where closed_at is null;

-- Which lease holds which of the carrier's binds, so that many nodes together never open more than it allows.
create table bind_leases (
  carrier_id smallint not null references carriers,
  link smallint not null,
  token bigint not null references claim_leases,
  primary key (carrier_id, link)
);

-- The message row is the queue: next_attempt_at serves now, schedule and retry alike.
-- status: see messages/status.ts. money: 0 none, 1 held, 2 captured, 3 released.
create table messages (
  id uuid not null,
  account_id integer not null,
  user_id integer not null,
  created_at bigint not null,
  next_attempt_at bigint,
  schedule_at bigint,
  valid_until bigint not null,
  submitted_at bigint,
  done_at bigint,
  price_micro bigint not null,
  charged_micro bigint not null default 0,
  claim_token bigint,
  list_id integer,
  channel smallint not null,
  status smallint not null,
  money smallint not null default 0,
  priority smallint not null,
  parts smallint not null,
  accepted_parts smallint not null default 0,
  attempts smallint not null default 0,
  carrier_id smallint,
  error_code smallint,
  shared_sender boolean not null default false,
  recipient text not null,
  sender text not null,
  country text not null,
  body text not null,
  custom_string text not null,
  source text not null,
  -- Why it was refused at accept (a ClickSend status such as INVALID_RECIPIENT); null when it was accepted.
  refusal text,
  -- The carrier's own words for the last outcome or receipt.
  words text,
  from_email text,
  contact_id text,
  primary key (account_id, id)
) partition by range (id);
create table messages_default partition of messages default with (fillfactor = 45);

-- No index may name a column that settle or a receipt changes (status, money, ...), not even in its condition: then both
-- updates stay within their page (HOT) and touch no index. It saves a third of what PostgreSQL spends on a message and half
-- of its log; the free space for it is the partitions' fillfactor. Rows in the queue are those with a next_attempt_at.
create index messages_custom on messages (account_id, custom_string, id) where custom_string <> '';
create index messages_due on messages (channel, priority, next_attempt_at) where next_attempt_at is not null;
create index messages_queued on messages (account_id, id) where next_attempt_at is not null;
-- What waits for a time its sender chose: history's Scheduled, and cancel-all. Empty for messages sent at once.
create index messages_scheduled on messages (account_id, id) where next_attempt_at is not null and schedule_at is not null;
-- Rows lie in the order of their ids, so a few bytes a block find what a dead node claimed since its lease began.
create index messages_time on messages using brin (id) with (pages_per_range = 16);

-- The messages that did not simply go: failed, expired, cancelled, unknown, refused, partial. History's pages of these
-- states come from here, since no index may follow messages.status.
create table message_exceptions (
  id uuid not null,
  account_id integer not null,
  status smallint not null,
  primary key (account_id, status, id)
);
create index message_exceptions_unknown on message_exceptions (id) where status = 7;

-- From a carrier's id of a part to the message; receipts come by it. state: see messages/receipt.ts; kept for texts of several parts only.
create table upstream_ids (
  message_id uuid not null,
  account_id integer not null,
  carrier_id smallint not null,
  part smallint not null,
  of smallint not null,
  state smallint,
  upstream_id text not null,
  -- The id leads: there are few carriers, and a plan made while the table was small must not read all ids of one.
  primary key (upstream_id, carrier_id)
);
create index upstream_ids_message on upstream_ids (message_id) where of > 1;

-- Every receipt as it came, before anything is made of it. status is the state it moved its message to, null when it
-- moved none (a repeat, an intermediate report, an orphan).
create table receipts (
  id uuid not null,
  received_at bigint not null,
  read_at bigint,
  message_id uuid,
  account_id integer,
  carrier_id smallint not null,
  state smallint not null,
  status smallint,
  error_code smallint,
  upstream_id text not null,
  error text,
  recipient text,
  raw text not null,
  primary key (id)
) partition by range (id);
create table receipts_default partition of receipts default;
create index receipts_unread on receipts (account_id, id) where read_at is null and status is not null;
create index receipts_message on receipts (message_id) where message_id is not null;
create index receipts_orphans on receipts (carrier_id, received_at) where message_id is null;

create table inbound_messages (
  id uuid primary key,
  account_id integer,
  carrier_id smallint not null references carriers,
  received_at bigint not null,
  provider_id text,
  sender text not null,
  recipient text not null,
  body text not null,
  part_reference integer,
  part_number smallint,
  part_of smallint
);
create index inbound_messages_account on inbound_messages (account_id, received_at);
create unique index inbound_once on inbound_messages (carrier_id, provider_id) where provider_id is not null;

create table receipt_rules (
  receipt_rule_id integer generated always as identity primary key,
  account_id integer not null references accounts,
  channel text not null default 'sms',
  rule_name text not null,
  match_type smallint not null default 0,
  action text not null,
  action_address text not null default '',
  enabled boolean not null default true
);
create index receipt_rules_account on receipt_rules (account_id);

create table inbound_rules (
  inbound_rule_id integer generated always as identity primary key,
  account_id integer not null references accounts,
  rule_name text not null,
  dedicated_number text not null default '*',
  message_search_type smallint not null default 0,
  message_search_term text,
  action text not null,
  action_address text not null default '',
  body text,
  webhook_type text,
  enabled boolean not null default true
);
create index inbound_rules_account on inbound_rules (account_id);

create table suppressions (
  account_id integer not null,
  channel smallint not null,
  address text not null,
  reason text not null,
  created_at bigint not null,
  primary key (account_id, channel, address)
);

-- The answer to a repeat is built again from the rows of message_ids, which hold all that was frozen at accept.
create table idempotency_keys (
  account_id integer not null,
  route text not null,
  key text not null,
  digest bytea not null,
  message_ids uuid[] not null,
  created_at bigint not null,
  primary key (account_id, route, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

-- What happened to messages, by the hour they were accepted in: appended with every change of status, rolled up into
-- statistics_hours (by hour) and statistics_totals (all hours together, so that the total of an unfiltered history page
-- costs the same after a year as after a day). A sum is the rolled-up rows plus the deltas not yet rolled up.
create table statistics_deltas (
  account_id integer not null,
  hour integer not null,
  channel smallint not null,
  status smallint not null,
  messages integer not null,
  parts integer not null,
  price_micro bigint not null
);
create table statistics_hours (
  account_id integer not null,
  hour integer not null,
  channel smallint not null,
  status smallint not null,
  messages bigint not null,
  parts bigint not null,
  price_micro bigint not null,
  primary key (account_id, hour, channel, status)
);
create table statistics_totals (
  account_id integer not null,
  channel smallint not null,
  status smallint not null,
  messages bigint not null,
  parts bigint not null,
  price_micro bigint not null,
  primary key (account_id, channel, status)
) with (fillfactor = 50);

-- A download link. The rows are read and streamed when it is fetched, up to the moment it was made: nothing is stored
-- twice and any node can serve it. The id is random (UUIDv4): it is the secret of the link.
create table exports (
  file_id uuid primary key,
  account_id integer not null,
  user_id integer not null,
  kind text not null,
  query jsonb not null,
  name text not null,
  created_at bigint not null,
  expires_at bigint not null
);
create index exports_age on exports (expires_at);

create table audit_events (
  event_id bigint generated always as identity primary key,
  account_id integer,
  at bigint not null,
  actor text not null,
  action text not null,
  facts jsonb not null default '{}'
);
create index audit_events_account on audit_events (account_id, event_id);

grant select, insert, update, delete on all tables in schema public to veredus_engine;
grant usage on all sequences in schema public to veredus_engine;
grant select on accounts, users, api_keys, sender_numbers, ledger_entries, ledger_balances, messages, message_exceptions, receipts,
  inbound_messages, receipt_rules, inbound_rules, suppressions, statistics_deltas, statistics_hours, statistics_totals,
  rates to veredus_app;
grant select, insert on exports to veredus_app;
grant select (oldest_id, opened_at, closed_at) on claim_leases to veredus_app;
grant insert, update, delete on sender_numbers, receipt_rules, inbound_rules, suppressions to veredus_app;
grant update (read_at) on receipts to veredus_app;

do $$
declare
  name text;
begin
  foreach name in array array['accounts', 'users', 'api_keys', 'sender_numbers', 'ledger_entries', 'ledger_balances', 'messages',
    'message_exceptions', 'receipts', 'inbound_messages', 'receipt_rules', 'inbound_rules', 'suppressions', 'statistics_deltas', 'statistics_hours',
    'statistics_totals', 'idempotency_keys', 'upstream_ids', 'exports', 'audit_events'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_account on %I to veredus_app using (account_id = nullif(current_setting(''veredus.account_id'', true), '''')::integer)',
      name);
  end loop;
end $$;
