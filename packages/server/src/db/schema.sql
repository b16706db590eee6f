-- What all migrations together make, read back from PostgreSQL's catalogue so that the whole data model stands in one
-- file. Not run by anything. Written by `node test/rig/write-schema.ts`; a test fails when it is out of date.
-- Partitions are left out: the product makes them as time goes by.

CREATE OR REPLACE FUNCTION public.count_contacts_added()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update lists l set contacts_count = l.contacts_count + n.count
  from (select list_id, count(*)::integer as count from added group by list_id order by list_id) n
  where l.list_id = n.list_id;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.count_contacts_removed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update lists l set contacts_count = l.contacts_count - n.count
  from (select list_id, count(*)::integer as count from removed group by list_id order by list_id) n
  where l.list_id = n.list_id;
  return null;
end $function$
;

create table accounts (
  account_id integer not null generated always as identity,
  name text not null,
  country text not null,
  currency text not null,
  timezone text not null default 'UTC'::text,
  billing_email text not null default ''::text,
  billing_phone text not null default ''::text,
  active boolean not null default true,
  banned boolean not null default false,
  prepaid boolean not null default false,
  credit_limit_micro bigint,
  low_credit_micro bigint not null default 0,
  max_parts smallint not null default 8,
  truncate_long boolean not null default false,
  default_sender text not null default ''::text,
  any_sender_number boolean not null default false,
  throttle_ms integer not null default 5000,
  created_at bigint not null,
  campaign_recipients integer not null default 20000,
  campaign_opt_out text not null default 'warn'::text,
  constraint accounts_pkey PRIMARY KEY (account_id),
  constraint accounts_campaign_opt_out_check CHECK ((campaign_opt_out = ANY (ARRAY['off'::text, 'warn'::text, 'require'::text]))),
  constraint accounts_campaign_recipients_check CHECK ((campaign_recipients > 0))
);
alter table accounts enable row level security;
alter table accounts force row level security;
create policy own_account on accounts for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on accounts to veredus_app;
grant delete, insert, select, update on accounts to veredus_engine;

create table agents (
  agent_id integer not null generated always as identity,
  account_id integer not null,
  user_id integer not null,
  name text not null,
  description text not null default ''::text,
  allowed_actions text[],
  own_account boolean not null default true,
  allowed_connections text[],
  created_at bigint not null,
  updated_at bigint not null,
  disabled_at bigint,
  deleted_at bigint,
  constraint agents_pkey PRIMARY KEY (agent_id),
  constraint agents_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint agents_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id)
);
CREATE UNIQUE INDEX agents_name ON public.agents USING btree (account_id, lower(name)) WHERE (deleted_at IS NULL);
alter table agents enable row level security;
alter table agents force row level security;
create policy own_account on agents for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on agents to veredus_app;
grant delete, insert, select, update on agents to veredus_engine;

create table api_keys (
  key_id integer not null generated always as identity,
  account_id integer not null,
  user_id integer not null,
  name text not null,
  scopes text[] not null default '{*}'::text[],
  key_hash bytea not null,
  last_four text not null,
  created_at bigint not null,
  last_used_at bigint,
  revoked_at bigint,
  agent_id integer,
  constraint api_keys_pkey PRIMARY KEY (key_id),
  constraint api_keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint api_keys_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents(agent_id),
  constraint api_keys_key_hash_key UNIQUE (key_hash),
  constraint api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id)
);
CREATE INDEX api_keys_agent ON public.api_keys USING btree (agent_id) WHERE (agent_id IS NOT NULL);
CREATE INDEX api_keys_user ON public.api_keys USING btree (user_id);
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy own_account on api_keys for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on api_keys to veredus_app;
grant delete, insert, select, update on api_keys to veredus_engine;

create table audit_events (
  event_id bigint not null generated always as identity,
  account_id integer,
  at bigint not null,
  actor text not null,
  action text not null,
  facts jsonb not null default '{}'::jsonb,
  constraint audit_events_pkey PRIMARY KEY (event_id)
);
CREATE INDEX audit_events_account ON public.audit_events USING btree (account_id, event_id);
CREATE INDEX audit_events_action ON public.audit_events USING btree (account_id, action, event_id);
alter table audit_events enable row level security;
alter table audit_events force row level security;
create policy own_account on audit_events for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on audit_events to veredus_app;
grant delete, insert, select, update on audit_events to veredus_engine;

create table auth_configs (
  auth_config_id text not null,
  account_id integer not null,
  toolkit text not null default 'clicksend'::text,
  target text not null,
  name text not null,
  is_default boolean not null default false,
  enabled boolean not null default true,
  execution_actions text[],
  connection_actions text[],
  created_at bigint not null,
  updated_at bigint not null,
  constraint auth_configs_pkey PRIMARY KEY (auth_config_id),
  constraint auth_configs_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint auth_configs_target_check CHECK ((target = ANY (ARRAY['local'::text, 'cloud'::text])))
);
CREATE INDEX auth_configs_account ON public.auth_configs USING btree (account_id, created_at, auth_config_id);
CREATE UNIQUE INDEX auth_configs_default ON public.auth_configs USING btree (account_id, toolkit, target) WHERE is_default;
alter table auth_configs enable row level security;
alter table auth_configs force row level security;
create policy own_account on auth_configs for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on auth_configs to veredus_app;
grant delete, insert, select, update on auth_configs to veredus_engine;

create table bind_leases (
  carrier_id smallint not null,
  link smallint not null,
  token bigint not null,
  constraint bind_leases_pkey PRIMARY KEY (carrier_id, link),
  constraint bind_leases_carrier_id_fkey FOREIGN KEY (carrier_id) REFERENCES carriers(carrier_id),
  constraint bind_leases_token_fkey FOREIGN KEY (token) REFERENCES claim_leases(token)
);
grant delete, insert, select, update on bind_leases to veredus_engine;

create table campaign_chunks (
  account_id integer not null,
  campaign_id integer not null,
  first_position integer not null,
  contact_ids integer[] not null,
  recipients text[] not null,
  countries text[] not null,
  bodies text[] not null,
  parts smallint[] not null,
  prices bigint[] not null,
  message_ids uuid[],
  constraint campaign_chunks_pkey PRIMARY KEY (campaign_id, first_position),
  constraint campaign_chunks_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(campaign_id) ON DELETE CASCADE
);
alter table campaign_chunks enable row level security;
alter table campaign_chunks force row level security;
create policy own_account on campaign_chunks for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on campaign_chunks to veredus_app;
grant delete, insert, select, update on campaign_chunks to veredus_engine;

create table campaigns (
  campaign_id integer not null generated always as identity,
  account_id integer not null,
  user_id integer not null,
  channel smallint not null,
  state smallint not null,
  list_id integer not null,
  name text not null,
  sender text not null,
  body text not null,
  senders jsonb,
  source text,
  custom_string text not null,
  url_to_shorten text,
  created_at bigint not null,
  schedule_at bigint,
  launched_at bigint,
  link_base text,
  link_places text[],
  resumed_at bigint,
  paused_at bigint,
  done_at bigint,
  recipients integer not null default 0,
  expanded integer not null default 0,
  excluded jsonb not null default '{}'::jsonb,
  quoted_micro bigint not null default 0,
  held_micro bigint not null default 0,
  held_messages integer not null default 0,
  released_micro bigint not null default 0,
  released_messages integer not null default 0,
  token integer not null default 0,
  lease_until bigint not null default 0,
  words text,
  warnings jsonb,
  final_statistics jsonb,
  execution_id uuid,
  agent_id integer,
  run_id text,
  constraint campaigns_pkey PRIMARY KEY (campaign_id),
  constraint campaigns_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
) with (fillfactor=50);
CREATE INDEX campaigns_account ON public.campaigns USING btree (account_id, campaign_id);
CREATE INDEX campaigns_open ON public.campaigns USING btree (state, lease_until) WHERE (done_at IS NULL);
alter table campaigns enable row level security;
alter table campaigns force row level security;
create policy own_account on campaigns for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on campaigns to veredus_app;
grant delete, insert, select, update on campaigns to veredus_engine;

create table carriers (
  carrier_id smallint not null generated always as identity,
  name text not null,
  constraint carriers_pkey PRIMARY KEY (carrier_id),
  constraint carriers_name_key UNIQUE (name)
);
grant delete, insert, select, update on carriers to veredus_engine;

create table claim_leases (
  token bigint not null generated always as identity,
  carrier_id smallint not null,
  node text not null,
  lease_until bigint not null,
  possibly_sent uuid[] not null default '{}'::uuid[],
  oldest_id uuid not null,
  opened_at bigint not null,
  closed_at bigint,
  constraint claim_leases_pkey PRIMARY KEY (token),
  constraint claim_leases_carrier_id_fkey FOREIGN KEY (carrier_id) REFERENCES carriers(carrier_id)
) with (fillfactor=20);
CREATE INDEX claim_leases_open ON public.claim_leases USING btree (carrier_id) WHERE (closed_at IS NULL);
grant select (oldest_id, opened_at, closed_at) on claim_leases to veredus_app;
grant delete, insert, select, update on claim_leases to veredus_engine;

create table connect_links (
  token_hash bytea not null,
  account_id integer not null,
  connection_id text not null,
  requested_by text not null,
  callback_url text,
  state text,
  created_at bigint not null,
  expires_at bigint not null,
  browser_hash bytea,
  opened_at bigint,
  wrong_tries smallint not null default 0,
  trying_until bigint,
  done_at bigint,
  closed_at bigint,
  closed_why text,
  constraint connect_links_pkey PRIMARY KEY (token_hash),
  constraint connect_links_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint connect_links_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES connections(connection_id) ON DELETE CASCADE
);
CREATE INDEX connect_links_age ON public.connect_links USING btree (expires_at);
CREATE INDEX connect_links_connection ON public.connect_links USING btree (connection_id);
alter table connect_links enable row level security;
alter table connect_links force row level security;
create policy own_account on connect_links for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on connect_links to veredus_engine;

create table connections (
  connection_id text not null,
  account_id integer not null,
  auth_config_id text not null,
  target text not null,
  user_id text not null,
  alias text,
  word_id text not null,
  status text not null,
  status_reason text,
  enabled boolean not null default true,
  username text not null default ''::text,
  sealed bytea,
  sealed_key bytea,
  key_generation integer,
  remote_account text,
  created_at bigint not null,
  updated_at bigint not null,
  expires_at bigint,
  checked_at bigint,
  next_check_at bigint,
  unreachable smallint not null default 0,
  last_used_at bigint,
  constraint connections_pkey PRIMARY KEY (connection_id),
  constraint connections_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint connections_auth_config_id_fkey FOREIGN KEY (auth_config_id) REFERENCES auth_configs(auth_config_id),
  constraint connections_status_check CHECK ((status = ANY (ARRAY['INITIALIZING'::text, 'INITIATED'::text, 'ACTIVE'::text, 'FAILED'::text, 'EXPIRED'::text, 'INACTIVE'::text, 'REVOKED'::text]))),
  constraint connections_target_check CHECK ((target = ANY (ARRAY['local'::text, 'cloud'::text])))
);
CREATE INDEX connections_account ON public.connections USING btree (account_id, created_at, connection_id);
CREATE INDEX connections_check ON public.connections USING btree (next_check_at) WHERE (next_check_at IS NOT NULL);
CREATE INDEX connections_config ON public.connections USING btree (auth_config_id);
CREATE INDEX connections_expiry ON public.connections USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX connections_generation ON public.connections USING btree (key_generation) WHERE (key_generation IS NOT NULL);
CREATE INDEX connections_user ON public.connections USING btree (account_id, user_id, created_at);
alter table connections enable row level security;
alter table connections force row level security;
create policy own_account on connections for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select (connection_id, account_id, auth_config_id, target, user_id, alias, word_id, status, status_reason, enabled, username, remote_account, created_at, updated_at, expires_at, checked_at, next_check_at, unreachable, last_used_at) on connections to veredus_app;
grant delete, insert, select, update on connections to veredus_engine;

create table consent_events (
  event_id bigint not null generated always as identity,
  account_id integer not null,
  channel smallint not null,
  address text not null,
  at bigint not null,
  kind text not null,
  how text not null,
  words text,
  message_id uuid,
  inbound_id uuid,
  campaign_id integer,
  user_id integer,
  ip text,
  constraint consent_events_pkey PRIMARY KEY (event_id),
  constraint consent_events_how_check CHECK ((how = ANY (ARRAY['keyword'::text, 'link'::text, 'user'::text, 'list'::text, 'import'::text]))),
  constraint consent_events_kind_check CHECK ((kind = ANY (ARRAY['opt-out'::text, 'opt-in'::text, 'review'::text])))
);
CREATE INDEX consent_events_address ON public.consent_events USING btree (account_id, channel, address, event_id);
CREATE INDEX consent_events_campaign ON public.consent_events USING btree (account_id, campaign_id) WHERE (campaign_id IS NOT NULL);
alter table consent_events enable row level security;
alter table consent_events force row level security;
create policy own_account on consent_events for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant insert, select on consent_events to veredus_app;
grant insert, select on consent_events to veredus_engine;

create table contacts (
  contact_id integer not null generated always as identity,
  account_id integer not null,
  list_id integer not null,
  import_id bigint,
  created_at bigint not null,
  updated_at bigint not null,
  phone_number text,
  fax_number text,
  email text,
  first_name text,
  last_name text,
  organization_name text,
  address_line_1 text,
  address_line_2 text,
  address_city text,
  address_state text,
  address_postal_code text,
  address_country text,
  custom_1 text,
  custom_2 text,
  custom_3 text,
  custom_4 text,
  constraint contacts_pkey PRIMARY KEY (account_id, list_id, contact_id),
  constraint contacts_check CHECK (((phone_number IS NOT NULL) OR (fax_number IS NOT NULL) OR (email IS NOT NULL))),
  constraint contacts_list_id_fkey FOREIGN KEY (list_id) REFERENCES lists(list_id)
);
CREATE INDEX contacts_import ON public.contacts USING btree (account_id, import_id) WHERE (import_id IS NOT NULL);
CREATE INDEX contacts_phone ON public.contacts USING btree (account_id, phone_number) WHERE (phone_number IS NOT NULL);
CREATE INDEX contacts_updated ON public.contacts USING btree (account_id, list_id, updated_at, contact_id);
CREATE TRIGGER contacts_added AFTER INSERT ON public.contacts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_contacts_added();
CREATE TRIGGER contacts_removed AFTER DELETE ON public.contacts REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_contacts_removed();
alter table contacts enable row level security;
alter table contacts force row level security;
create policy own_account on contacts for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on contacts to veredus_app;
grant delete, insert, select, update on contacts to veredus_engine;

create table esme_deliveries (
  id uuid not null,
  account_id integer not null,
  system_id text not null,
  kind smallint not null,
  subject_id uuid,
  source text not null,
  destination text not null,
  body text not null,
  facts jsonb not null default '{}'::jsonb,
  created_at bigint not null,
  expires_at bigint not null,
  attempts smallint not null default 0,
  next_attempt_at bigint,
  claimed_until bigint,
  done_at bigint,
  outcome text,
  constraint esme_deliveries_pkey PRIMARY KEY (id)
);
CREATE INDEX esme_deliveries_age ON public.esme_deliveries USING btree (created_at);
CREATE INDEX esme_deliveries_due ON public.esme_deliveries USING btree (system_id, next_attempt_at) WHERE (done_at IS NULL);
CREATE INDEX esme_deliveries_waiting ON public.esme_deliveries USING btree (expires_at) WHERE (done_at IS NULL);
alter table esme_deliveries enable row level security;
alter table esme_deliveries force row level security;
create policy own_account on esme_deliveries for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on esme_deliveries to veredus_engine;

create table esme_submits (
  id uuid not null,
  account_id integer not null,
  system_id text not null,
  message_id uuid,
  at bigint not null,
  registered smallint not null,
  source text not null,
  destination text not null,
  part_reference integer,
  part_number smallint,
  part_of smallint,
  body text,
  constraint esme_submits_pkey PRIMARY KEY (id)
);
CREATE INDEX esme_submits_message ON public.esme_submits USING btree (message_id) WHERE (message_id IS NOT NULL);
CREATE INDEX esme_submits_waiting ON public.esme_submits USING btree (account_id, system_id, at) WHERE (body IS NOT NULL);
alter table esme_submits enable row level security;
alter table esme_submits force row level security;
create policy own_account on esme_submits for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on esme_submits to veredus_engine;

create table esmes (
  system_id text not null,
  account_id integer not null,
  user_id integer not null,
  password_hash text not null,
  binds smallint not null default 4,
  created_at bigint not null,
  disabled_at bigint,
  constraint esmes_pkey PRIMARY KEY (system_id),
  constraint esmes_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint esmes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(user_id)
);
CREATE INDEX esmes_account ON public.esmes USING btree (account_id);
alter table esmes enable row level security;
alter table esmes force row level security;
create policy own_account on esmes for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select (system_id, account_id, user_id, binds, created_at, disabled_at) on esmes to veredus_app;
grant delete, insert, select, update on esmes to veredus_engine;

create table events (
  event_id bigint not null generated always as identity,
  xact xid8 not null default pg_current_xact_id(),
  account_id integer not null,
  at bigint not null,
  kind text not null,
  message_ids uuid[],
  statuses smallint[],
  error_codes smallint[],
  facts jsonb,
  rules_due boolean not null default false,
  alert_due boolean not null default false,
  constraint events_pkey PRIMARY KEY (event_id)
);
CREATE INDEX events_account ON public.events USING btree (account_id, xact, event_id);
CREATE INDEX events_alert_due ON public.events USING btree (event_id) WHERE alert_due;
CREATE INDEX events_rules_due ON public.events USING btree (account_id, event_id) WHERE rules_due;
alter table events enable row level security;
alter table events force row level security;
create policy own_account on events for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on events to veredus_app;
grant delete, insert, select, update on events to veredus_engine;

create table execution_keys (
  account_id integer not null,
  scope text not null,
  key text not null,
  digest bytea not null,
  explicit boolean not null,
  execution_id uuid not null,
  at bigint not null,
  constraint execution_keys_pkey PRIMARY KEY (account_id, scope, key),
  constraint execution_keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE INDEX execution_keys_age ON public.execution_keys USING btree (explicit, at);
alter table execution_keys enable row level security;
alter table execution_keys force row level security;
create policy own_account on execution_keys for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on execution_keys to veredus_engine;

create table executions (
  execution_id uuid not null,
  account_id integer not null,
  at bigint not null,
  agent_id integer,
  key_id integer,
  run_id text,
  face text not null,
  user_id text,
  action text not null,
  connection_id text,
  target text not null,
  arguments jsonb not null,
  state text not null,
  successful boolean,
  error text,
  result jsonb,
  duration_ms integer,
  cost_micro bigint,
  cost_currency text,
  message_ids uuid[],
  campaign_id integer,
  replays integer not null default 0,
  constraint executions_pkey PRIMARY KEY (execution_id),
  constraint executions_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint executions_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'unknown'::text]))),
  constraint executions_target_check CHECK ((target = ANY (ARRAY['local'::text, 'cloud'::text])))
);
CREATE INDEX executions_account ON public.executions USING btree (account_id, execution_id);
CREATE INDEX executions_agent ON public.executions USING btree (account_id, agent_id, execution_id) WHERE (agent_id IS NOT NULL);
CREATE INDEX executions_messages ON public.executions USING gin (message_ids) WHERE (message_ids IS NOT NULL);
CREATE INDEX executions_run ON public.executions USING btree (account_id, run_id, execution_id) WHERE (run_id IS NOT NULL);
CREATE INDEX executions_running ON public.executions USING btree (at) WHERE (state = 'running'::text);
alter table executions enable row level security;
alter table executions force row level security;
create policy own_account on executions for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on executions to veredus_app;
grant delete, insert, select, update on executions to veredus_engine;

create table exports (
  file_id uuid not null,
  account_id integer not null,
  user_id integer not null,
  kind text not null,
  query jsonb not null,
  name text not null,
  created_at bigint not null,
  expires_at bigint not null,
  constraint exports_pkey PRIMARY KEY (file_id)
);
CREATE INDEX exports_age ON public.exports USING btree (expires_at);
alter table exports enable row level security;
alter table exports force row level security;
create policy own_account on exports for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant insert, select on exports to veredus_app;
grant delete, insert, select, update on exports to veredus_engine;

create table file_chunks (
  account_id integer not null,
  file_id uuid not null,
  chunk integer not null,
  bytes bytea not null,
  constraint file_chunks_pkey PRIMARY KEY (file_id, chunk),
  constraint file_chunks_file_id_fkey FOREIGN KEY (file_id) REFERENCES files(file_id) ON DELETE CASCADE
);
alter table file_chunks enable row level security;
alter table file_chunks force row level security;
create policy own_account on file_chunks for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on file_chunks to veredus_app;
grant delete, insert, select, update on file_chunks to veredus_engine;

create table files (
  file_id uuid not null,
  upload_id integer not null generated always as identity,
  account_id integer not null,
  user_id integer not null,
  name text not null,
  content_type text not null,
  size bigint,
  created_at bigint not null,
  expires_at bigint not null,
  constraint files_pkey PRIMARY KEY (file_id),
  constraint files_upload_id_key UNIQUE (upload_id)
);
CREATE INDEX files_age ON public.files USING btree (expires_at);
alter table files enable row level security;
alter table files force row level security;
create policy own_account on files for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on files to veredus_app;
grant delete, insert, select, update on files to veredus_engine;

create table idempotency_keys (
  account_id integer not null,
  route text not null,
  key text not null,
  digest bytea not null,
  message_ids uuid[] not null,
  created_at bigint not null,
  campaign_id integer,
  constraint idempotency_keys_pkey PRIMARY KEY (account_id, route, key)
);
CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy own_account on idempotency_keys for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on idempotency_keys to veredus_engine;

create table import_faults (
  account_id integer not null,
  import_id bigint not null,
  row_number integer not null,
  field text not null,
  words text not null,
  value text,
  constraint import_faults_pkey PRIMARY KEY (account_id, import_id, row_number, field),
  constraint import_faults_import_id_fkey FOREIGN KEY (import_id) REFERENCES imports(import_id) ON DELETE CASCADE
);
alter table import_faults enable row level security;
alter table import_faults force row level security;
create policy own_account on import_faults for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on import_faults to veredus_app;
grant delete, insert, select, update on import_faults to veredus_engine;

create table imports (
  import_id bigint not null,
  account_id integer not null,
  user_id integer not null,
  list_id integer not null,
  state smallint not null,
  file_id uuid,
  url text,
  field_order text[] not null,
  country text not null,
  has_header boolean,
  rows_read integer not null default 0,
  rows_added integer not null default 0,
  rows_refused integer not null default 0,
  bytes_read bigint not null default 0,
  bytes_total bigint,
  token integer not null default 0,
  lease_until bigint not null default 0,
  words text,
  created_at bigint not null,
  done_at bigint,
  undone_at bigint,
  constraint imports_pkey PRIMARY KEY (import_id)
) with (fillfactor=50);
CREATE INDEX imports_account ON public.imports USING btree (account_id, import_id);
CREATE INDEX imports_list ON public.imports USING btree (account_id, list_id);
CREATE INDEX imports_open ON public.imports USING btree (lease_until) WHERE (done_at IS NULL);
alter table imports enable row level security;
alter table imports force row level security;
create policy own_account on imports for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on imports to veredus_app;
grant delete, insert, select, update on imports to veredus_engine;

create table inbound_messages (
  id uuid not null,
  account_id integer,
  carrier_id smallint not null,
  received_at bigint not null,
  provider_id text,
  sender text not null,
  recipient text not null,
  body text not null,
  part_reference integer,
  part_number smallint,
  part_of smallint,
  opt_out_read_at bigint,
  answers_id uuid,
  constraint inbound_messages_pkey PRIMARY KEY (id),
  constraint inbound_messages_carrier_id_fkey FOREIGN KEY (carrier_id) REFERENCES carriers(carrier_id)
);
CREATE INDEX inbound_messages_account ON public.inbound_messages USING btree (account_id, received_at);
CREATE INDEX inbound_messages_parts ON public.inbound_messages USING btree (sender, recipient, part_reference) WHERE (part_of > 1);
CREATE UNIQUE INDEX inbound_once ON public.inbound_messages USING btree (carrier_id, provider_id) WHERE (provider_id IS NOT NULL);
CREATE INDEX inbound_unread_for_opt_out ON public.inbound_messages USING btree (id) WHERE (opt_out_read_at IS NULL);
alter table inbound_messages enable row level security;
alter table inbound_messages force row level security;
create policy own_account on inbound_messages for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on inbound_messages to veredus_app;
grant delete, insert, select, update on inbound_messages to veredus_engine;

create table inbound_rules (
  inbound_rule_id integer not null generated always as identity,
  account_id integer not null,
  rule_name text not null,
  dedicated_number text not null default '*'::text,
  message_search_type smallint not null default 0,
  message_search_term text,
  action text not null,
  action_address text not null default ''::text,
  body text,
  webhook_type text,
  enabled boolean not null default true,
  position integer not null default 0,
  created_at bigint not null default 0,
  updated_at bigint not null default 0,
  constraint inbound_rules_pkey PRIMARY KEY (inbound_rule_id),
  constraint inbound_rules_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE INDEX inbound_rules_account ON public.inbound_rules USING btree (account_id);
alter table inbound_rules enable row level security;
alter table inbound_rules force row level security;
create policy own_account on inbound_rules for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on inbound_rules to veredus_app;
grant delete, insert, select, update on inbound_rules to veredus_engine;

create table inbound_texts (
  id uuid not null,
  account_id integer not null,
  received_at bigint not null,
  sender text not null,
  recipient text not null,
  body text not null,
  answers_id uuid,
  keyword text,
  whole boolean not null default true,
  test boolean not null default false,
  depth smallint not null default 0,
  rules_at bigint,
  polled boolean not null default false,
  read_at bigint,
  constraint inbound_texts_pkey PRIMARY KEY (id)
);
CREATE INDEX inbound_texts_account ON public.inbound_texts USING btree (account_id, id);
CREATE INDEX inbound_texts_answers ON public.inbound_texts USING btree (account_id, answers_id, id) WHERE (answers_id IS NOT NULL);
CREATE INDEX inbound_texts_rules_due ON public.inbound_texts USING btree (account_id, id) WHERE (rules_at IS NULL);
CREATE INDEX inbound_texts_unread ON public.inbound_texts USING btree (account_id, id) WHERE (polled AND (read_at IS NULL));
alter table inbound_texts enable row level security;
alter table inbound_texts force row level security;
create policy own_account on inbound_texts for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant insert, select, update (read_at) on inbound_texts to veredus_app;
grant delete, insert, select, update on inbound_texts to veredus_engine;

create table ledger_balances (
  account_id integer not null,
  funding_micro bigint not null default 0,
  available_micro bigint not null default 0,
  held_micro bigint not null default 0,
  spent_micro bigint not null default 0,
  constraint ledger_balances_pkey PRIMARY KEY (account_id),
  constraint ledger_balances_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
) with (fillfactor=50);
alter table ledger_balances enable row level security;
alter table ledger_balances force row level security;
create policy own_account on ledger_balances for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on ledger_balances to veredus_app;
grant delete, insert, select, update on ledger_balances to veredus_engine;

create table ledger_entries (
  entry_id bigint not null generated always as identity,
  account_id integer not null,
  at bigint not null,
  kind text not null,
  debit text not null,
  credit text not null,
  amount_micro bigint not null,
  messages integer not null default 0,
  note text,
  constraint ledger_entries_pkey PRIMARY KEY (entry_id),
  constraint ledger_entries_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint ledger_entries_amount_micro_check CHECK ((amount_micro > 0)),
  constraint ledger_entries_check CHECK ((debit <> credit)),
  constraint ledger_entries_credit_check CHECK ((credit = ANY (ARRAY['funding'::text, 'available'::text, 'held'::text, 'spent'::text]))),
  constraint ledger_entries_debit_check CHECK ((debit = ANY (ARRAY['funding'::text, 'available'::text, 'held'::text, 'spent'::text]))),
  constraint ledger_entries_kind_check CHECK ((kind = ANY (ARRAY['credit'::text, 'reserve'::text, 'capture'::text, 'release'::text, 'late-capture'::text])))
);
CREATE INDEX ledger_entries_account ON public.ledger_entries USING btree (account_id, entry_id);
alter table ledger_entries enable row level security;
alter table ledger_entries force row level security;
create policy own_account on ledger_entries for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on ledger_entries to veredus_app;
grant delete, insert, select, update on ledger_entries to veredus_engine;

create table link_clicks (
  click_id bigint not null generated always as identity,
  account_id integer not null,
  code text not null,
  campaign_id integer,
  at bigint not null,
  machine boolean not null,
  why text,
  device text,
  os text,
  browser text,
  constraint link_clicks_pkey PRIMARY KEY (click_id)
);
CREATE INDEX link_clicks_campaign ON public.link_clicks USING btree (account_id, campaign_id) WHERE (campaign_id IS NOT NULL);
CREATE INDEX link_clicks_code ON public.link_clicks USING btree (code);
alter table link_clicks enable row level security;
alter table link_clicks force row level security;
create policy own_account on link_clicks for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant insert, select on link_clicks to veredus_app;
grant insert, select on link_clicks to veredus_engine;

create table links (
  code text not null,
  kind smallint not null,
  account_id integer not null,
  channel smallint not null,
  campaign_id integer,
  recipient text not null,
  contact_id integer,
  list_id integer,
  url text,
  created_at bigint not null,
  expires_at bigint not null,
  constraint links_pkey PRIMARY KEY (code)
);
CREATE INDEX links_age ON public.links USING btree (expires_at);
CREATE INDEX links_campaign ON public.links USING btree (account_id, campaign_id) WHERE (campaign_id IS NOT NULL);
alter table links enable row level security;
alter table links force row level security;
create policy own_account on links for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on links to veredus_app;
grant delete, insert, select, update on links to veredus_engine;

create table lists (
  list_id integer not null generated always as identity,
  account_id integer not null,
  list_name text not null,
  list_email_id text not null,
  is_opt_out boolean not null default false,
  contacts_count integer not null default 0,
  created_at bigint not null,
  constraint lists_pkey PRIMARY KEY (list_id),
  constraint lists_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
) with (fillfactor=50);
CREATE INDEX lists_account ON public.lists USING btree (account_id, list_id);
CREATE UNIQUE INDEX lists_opt_out ON public.lists USING btree (account_id) WHERE is_opt_out;
alter table lists enable row level security;
alter table lists force row level security;
create policy own_account on lists for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on lists to veredus_app;
grant delete, insert, select, update on lists to veredus_engine;

create table message_contents (
  account_id integer not null,
  message_id uuid not null,
  subject text,
  constraint message_contents_pkey PRIMARY KEY (account_id, message_id)
);
alter table message_contents enable row level security;
alter table message_contents force row level security;
create policy own_account on message_contents for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on message_contents to veredus_app;
grant delete, insert, select, update on message_contents to veredus_engine;

create table message_depths (
  account_id integer not null,
  message_id uuid not null,
  depth smallint not null,
  constraint message_depths_pkey PRIMARY KEY (account_id, message_id)
);
alter table message_depths enable row level security;
alter table message_depths force row level security;
create policy own_account on message_depths for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on message_depths to veredus_engine;

create table message_exceptions (
  id uuid not null,
  account_id integer not null,
  status smallint not null,
  constraint message_exceptions_pkey PRIMARY KEY (account_id, status, id)
);
CREATE INDEX message_exceptions_unknown ON public.message_exceptions USING btree (id) WHERE (status = 7);
alter table message_exceptions enable row level security;
alter table message_exceptions force row level security;
create policy own_account on message_exceptions for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on message_exceptions to veredus_app;
grant delete, insert, select, update on message_exceptions to veredus_engine;

create table message_origins (
  account_id integer not null,
  message_id uuid not null,
  execution_id uuid not null,
  agent_id integer,
  run_id text,
  constraint message_origins_pkey PRIMARY KEY (account_id, message_id)
);
CREATE INDEX message_origins_execution ON public.message_origins USING btree (account_id, execution_id);
alter table message_origins enable row level security;
alter table message_origins force row level security;
create policy own_account on message_origins for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on message_origins to veredus_app;
grant delete, insert, select, update on message_origins to veredus_engine;

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
  refusal text,
  words text,
  from_email text,
  contact_id text,
  campaign_id integer,
  constraint messages_pkey PRIMARY KEY (account_id, id)
) partition by range (id);
CREATE INDEX messages_custom ON ONLY public.messages USING btree (account_id, custom_string, id) WHERE (custom_string <> ''::text);
CREATE INDEX messages_due ON ONLY public.messages USING btree (channel, priority, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);
CREATE INDEX messages_queued ON ONLY public.messages USING btree (account_id, id) WHERE (next_attempt_at IS NOT NULL);
CREATE INDEX messages_recipient ON ONLY public.messages USING btree (recipient, id);
CREATE INDEX messages_scheduled ON ONLY public.messages USING btree (account_id, id) WHERE ((next_attempt_at IS NOT NULL) AND (schedule_at IS NOT NULL));
CREATE INDEX messages_time ON ONLY public.messages USING brin (id) WITH (pages_per_range='16');
alter table messages enable row level security;
alter table messages force row level security;
create policy own_account on messages for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on messages to veredus_app;
grant delete, insert, select, update on messages to veredus_engine;

create table migrations (
  number integer not null,
  name text not null,
  checksum text not null,
  breaking boolean not null,
  applied_at bigint not null,
  constraint migrations_pkey PRIMARY KEY (number)
);
grant delete, insert, select, update on migrations to veredus_engine;

create table rates (
  rate_id integer not null generated always as identity,
  channel text not null,
  country text not null,
  prefix text not null default ''::text,
  price_micro bigint not null,
  valid_from bigint not null,
  valid_to bigint,
  example boolean not null default false,
  constraint rates_pkey PRIMARY KEY (rate_id),
  constraint rates_price_micro_check CHECK ((price_micro >= 0))
);
grant select on rates to veredus_app;
grant delete, insert, select, update on rates to veredus_engine;

create table receipt_rules (
  receipt_rule_id integer not null generated always as identity,
  account_id integer not null,
  channel text not null default 'sms'::text,
  rule_name text not null,
  match_type smallint not null default 0,
  action text not null,
  action_address text not null default ''::text,
  enabled boolean not null default true,
  created_at bigint not null default 0,
  updated_at bigint not null default 0,
  constraint receipt_rules_pkey PRIMARY KEY (receipt_rule_id),
  constraint receipt_rules_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE INDEX receipt_rules_account ON public.receipt_rules USING btree (account_id);
CREATE INDEX receipt_rules_pushing ON public.receipt_rules USING btree (account_id) WHERE (enabled AND (upper(action) <> 'POLL'::text));
alter table receipt_rules enable row level security;
alter table receipt_rules force row level security;
create policy own_account on receipt_rules for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on receipt_rules to veredus_app;
grant delete, insert, select, update on receipt_rules to veredus_engine;

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
  constraint receipts_pkey PRIMARY KEY (id)
) partition by range (id);
CREATE INDEX receipts_message ON ONLY public.receipts USING btree (message_id) WHERE (message_id IS NOT NULL);
CREATE INDEX receipts_orphans ON ONLY public.receipts USING btree (carrier_id, received_at) WHERE (message_id IS NULL);
CREATE INDEX receipts_unread ON ONLY public.receipts USING btree (account_id, id) WHERE ((read_at IS NULL) AND (status IS NOT NULL));
alter table receipts enable row level security;
alter table receipts force row level security;
create policy own_account on receipts for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select, update (read_at) on receipts to veredus_app;
grant delete, insert, select, update on receipts to veredus_engine;

create table rule_actions (
  action_id uuid not null,
  account_id integer not null,
  created_at bigint not null,
  kind text not null,
  rule_id integer not null,
  rule_name text not null,
  subject_id uuid not null,
  handset text not null default ''::text,
  action text not null,
  action_address text not null default ''::text,
  body text,
  webhook_type text,
  message_search_term text,
  facts jsonb not null default '{}'::jsonb,
  state smallint not null default 0,
  attempts smallint not null default 0,
  next_attempt_at bigint,
  progress bigint,
  outcome text,
  done_at bigint,
  constraint rule_actions_pkey PRIMARY KEY (action_id),
  constraint rule_actions_kind_check CHECK ((kind = ANY (ARRAY['inbound'::text, 'receipt'::text])))
);
CREATE INDEX rule_actions_account ON public.rule_actions USING btree (account_id, kind, rule_id, action_id);
CREATE INDEX rule_actions_age ON public.rule_actions USING btree (created_at);
CREATE INDEX rule_actions_costly ON public.rule_actions USING btree (rule_id, created_at) WHERE ((state <> 3) AND (action = ANY (ARRAY['AUTO_REPLY'::text, 'SMS'::text, 'GROUP_SMS'::text])));
CREATE INDEX rule_actions_due ON public.rule_actions USING btree (account_id, (
CASE
    WHEN (action = 'GROUP_SMS'::text) THEN 1
    ELSE 0
END), next_attempt_at) WHERE (state = 0);
CREATE INDEX rule_actions_loops ON public.rule_actions USING btree (rule_id, (
CASE
    WHEN (handset ~ '^[+][0-9]'::text) THEN handset
    ELSE ''::text
END), created_at);
CREATE INDEX rule_actions_mails ON public.rule_actions USING btree (account_id, created_at) WHERE ((state <> 3) AND (action = ANY (ARRAY['EMAIL_USER'::text, 'EMAIL_FIXED'::text, 'EMAIL'::text])));
CREATE INDEX rule_actions_told ON public.rule_actions USING btree (account_id, created_at) WHERE (facts ? 'told'::text);
alter table rule_actions enable row level security;
alter table rule_actions force row level security;
create policy own_account on rule_actions for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on rule_actions to veredus_app;
grant delete, insert, select, update on rule_actions to veredus_engine;

create table secret_key_checks (
  only_row boolean not null default true,
  proof bytea not null,
  constraint secret_key_checks_pkey PRIMARY KEY (only_row),
  constraint secret_key_checks_only_row_check CHECK (only_row)
);
grant delete, insert, select, update on secret_key_checks to veredus_engine;

create table sender_numbers (
  account_id integer not null,
  number text not null,
  created_at bigint not null,
  constraint sender_numbers_pkey PRIMARY KEY (account_id, number),
  constraint sender_numbers_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE INDEX sender_numbers_number ON public.sender_numbers USING btree (number);
alter table sender_numbers enable row level security;
alter table sender_numbers force row level security;
create policy own_account on sender_numbers for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on sender_numbers to veredus_app;
grant delete, insert, select, update on sender_numbers to veredus_engine;

create table statistics_deltas (
  account_id integer not null,
  hour integer not null,
  channel smallint not null,
  status smallint not null,
  messages integer not null,
  parts integer not null,
  price_micro bigint not null
);
alter table statistics_deltas enable row level security;
alter table statistics_deltas force row level security;
create policy own_account on statistics_deltas for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on statistics_deltas to veredus_app;
grant delete, insert, select, update on statistics_deltas to veredus_engine;

create table statistics_hours (
  account_id integer not null,
  hour integer not null,
  channel smallint not null,
  status smallint not null,
  messages bigint not null,
  parts bigint not null,
  price_micro bigint not null,
  constraint statistics_hours_pkey PRIMARY KEY (account_id, hour, channel, status)
);
alter table statistics_hours enable row level security;
alter table statistics_hours force row level security;
create policy own_account on statistics_hours for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on statistics_hours to veredus_app;
grant delete, insert, select, update on statistics_hours to veredus_engine;

create table statistics_totals (
  account_id integer not null,
  channel smallint not null,
  status smallint not null,
  messages bigint not null,
  parts bigint not null,
  price_micro bigint not null,
  constraint statistics_totals_pkey PRIMARY KEY (account_id, channel, status)
) with (fillfactor=50);
alter table statistics_totals enable row level security;
alter table statistics_totals force row level security;
create policy own_account on statistics_totals for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on statistics_totals to veredus_app;
grant delete, insert, select, update on statistics_totals to veredus_engine;

create table suppressions (
  account_id integer not null,
  channel smallint not null,
  address text not null,
  reason text not null,
  created_at bigint not null,
  provisional boolean not null default false,
  event_id bigint,
  constraint suppressions_pkey PRIMARY KEY (account_id, channel, address)
);
alter table suppressions enable row level security;
alter table suppressions force row level security;
create policy own_account on suppressions for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on suppressions to veredus_app;
grant delete, insert, select, update on suppressions to veredus_engine;

create table templates (
  template_id integer not null generated always as identity,
  account_id integer not null,
  channel smallint not null,
  template_name text not null,
  body text not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint templates_pkey PRIMARY KEY (template_id),
  constraint templates_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE INDEX templates_account ON public.templates USING btree (account_id, channel, template_id);
alter table templates enable row level security;
alter table templates force row level security;
create policy own_account on templates for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on templates to veredus_app;
grant delete, insert, select, update on templates to veredus_engine;

create table upstream_ids (
  message_id uuid not null,
  account_id integer not null,
  carrier_id smallint not null,
  part smallint not null,
  of smallint not null,
  state smallint,
  upstream_id text not null,
  constraint upstream_ids_pkey PRIMARY KEY (upstream_id, carrier_id)
);
CREATE INDEX upstream_ids_message ON public.upstream_ids USING btree (message_id) WHERE (of > 1);
alter table upstream_ids enable row level security;
alter table upstream_ids force row level security;
create policy own_account on upstream_ids for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant delete, insert, select, update on upstream_ids to veredus_engine;

create table users (
  user_id integer not null generated always as identity,
  account_id integer not null,
  username text not null,
  email text not null default ''::text,
  phone text not null default ''::text,
  first_name text not null default ''::text,
  last_name text not null default ''::text,
  password_hash text,
  is_main boolean not null default false,
  disabled_at bigint,
  created_at bigint not null,
  constraint users_pkey PRIMARY KEY (user_id),
  constraint users_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id)
);
CREATE INDEX users_account ON public.users USING btree (account_id);
CREATE UNIQUE INDEX users_username ON public.users USING btree (lower(username));
alter table users enable row level security;
alter table users force row level security;
create policy own_account on users for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on users to veredus_app;
grant delete, insert, select, update on users to veredus_engine;

create table vault_keys (
  only_row boolean not null default true,
  generation integer not null default 1,
  rotated_at bigint,
  constraint vault_keys_pkey PRIMARY KEY (only_row),
  constraint vault_keys_only_row_check CHECK (only_row)
);
grant delete, insert, select, update on vault_keys to veredus_engine;

create table webhook_attempts (
  delivery_id uuid not null,
  account_id integer not null,
  attempt smallint not null,
  at bigint not null,
  took_ms integer not null,
  request text not null,
  status smallint,
  answer text,
  fault text,
  constraint webhook_attempts_pkey PRIMARY KEY (delivery_id, attempt),
  constraint webhook_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries(id) ON DELETE CASCADE
);
alter table webhook_attempts enable row level security;
alter table webhook_attempts force row level security;
create policy own_account on webhook_attempts for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant select on webhook_attempts to veredus_app;
grant delete, insert, select, update on webhook_attempts to veredus_engine;

create table webhook_deliveries (
  id uuid not null,
  account_id integer not null,
  endpoint_id integer not null,
  kind text not null,
  subject_id uuid,
  method text not null,
  content_type text not null,
  query text not null default ''::text,
  body text not null default ''::text,
  depth smallint not null default 0,
  occurred_at bigint not null,
  created_at bigint not null,
  state smallint not null default 0,
  attempts smallint not null default 0,
  next_attempt_at bigint,
  claimed_until bigint,
  give_up_at bigint not null,
  done_at bigint,
  replays smallint not null default 0,
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints(endpoint_id),
  constraint webhook_deliveries_method_check CHECK ((method = ANY (ARRAY['POST'::text, 'GET'::text])))
);
CREATE INDEX webhook_deliveries_age ON public.webhook_deliveries USING btree (done_at) WHERE (state <> 0);
CREATE INDEX webhook_deliveries_dead ON public.webhook_deliveries USING btree (account_id, endpoint_id, id) WHERE (state = 2);
CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (endpoint_id, next_attempt_at) WHERE (state = 0);
CREATE INDEX webhook_deliveries_log ON public.webhook_deliveries USING btree (account_id, endpoint_id, id);
CREATE INDEX webhook_deliveries_tests ON public.webhook_deliveries USING btree (account_id, created_at) WHERE (kind = 'test'::text);
alter table webhook_deliveries enable row level security;
alter table webhook_deliveries force row level security;
create policy own_account on webhook_deliveries for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant insert, select, update (state, attempts, next_attempt_at, claimed_until, give_up_at, done_at, replays) on webhook_deliveries to veredus_app;
grant delete, insert, select, update on webhook_deliveries to veredus_engine;

create table webhook_endpoints (
  endpoint_id integer not null generated always as identity,
  account_id integer not null,
  url text not null,
  key_generation smallint not null default 1,
  previous_until bigint,
  failures integer not null default 0,
  failing_since bigint,
  blocked_until bigint,
  disabled_at bigint,
  disabled_why text,
  created_at bigint not null,
  kept boolean not null default false,
  last_attempt_at bigint,
  last_success_at bigint,
  last_fault text,
  constraint webhook_endpoints_pkey PRIMARY KEY (endpoint_id),
  constraint webhook_endpoints_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint webhook_endpoints_account_id_url_key UNIQUE (account_id, url)
);
CREATE INDEX webhook_endpoints_account ON public.webhook_endpoints USING btree (account_id, endpoint_id);
alter table webhook_endpoints enable row level security;
alter table webhook_endpoints force row level security;
create policy own_account on webhook_endpoints for all to veredus_app using (account_id = (NULLIF(current_setting('veredus.account_id'::text, true), ''::text))::integer);
grant insert, select, update (key_generation, previous_until, failures, failing_since, blocked_until, disabled_at, disabled_why, kept) on webhook_endpoints to veredus_app;
grant delete, insert, select, update on webhook_endpoints to veredus_engine;
