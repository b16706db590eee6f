-- Agents, the connections they act through, and what they did.

-- ---- Agents: a program with a name and a key of its own, and with less than its account may do.
create table agents (
  agent_id integer generated always as identity (start with 101) primary key,
  account_id integer not null references accounts,
  -- In whose name it writes.
  user_id integer not null references users,
  name text not null,
  description text not null default '',
  -- Slugs, upper case; null = every action there is and will be.
  allowed_actions text[],
  -- Whether it may act as the account it belongs to, on this server, without a connection.
  own_account boolean not null default true,
  -- Ids of connections; null = every one of the account.
  allowed_connections text[],
  created_at bigint not null,
  updated_at bigint not null,
  disabled_at bigint,
  -- Disabled for good: the row stays for the log, its name is free again.
  deleted_at bigint
);
create unique index agents_name on agents (account_id, lower(name)) where deleted_at is null;
-- A key with an agent opens the doors of agents and nothing else.
alter table api_keys add column agent_id integer references agents;
create index api_keys_agent on api_keys (agent_id) where agent_id is not null;
-- A project's key needs what the actions need.
update api_keys set scopes = array(select distinct unnest(scopes || array['account:read', 'sms:read', 'sms:send', 'sms:write',
  'contacts:read', 'contacts:write', 'campaigns:read', 'campaigns:send', 'campaigns:write', 'rules:read', 'rules:write', 'statistics:read',
  'agents:read', 'agents:write']) order by 1)
where name = 'broker' and scopes @> $${broker:use,account:read,sms:read,sms:send,sms:write,statistics:read}$$ and cardinality(scopes) = 6
  and user_id in (select user_id from users where is_main);

-- ---- Auth configurations: how an account's people and agents connect; each has one target.
create table auth_configs (
  -- ac_ and 24 letters.
  auth_config_id text primary key,
  account_id integer not null references accounts,
  toolkit text not null default 'clicksend',
  target text not null check (target in ('local', 'cloud')),
  name text not null,
  -- Made by itself when it was first needed.
  is_default boolean not null default false,
  enabled boolean not null default true,
  -- Slugs; null = all. What may be run over its connections, and what may be shown for them.
  execution_actions text[],
  connection_actions text[],
  created_at bigint not null,
  updated_at bigint not null
);
create index auth_configs_account on auth_configs (account_id, created_at, auth_config_id);
create unique index auth_configs_default on auth_configs (account_id, toolkit, target) where is_default;

-- ---- Connections: credentials of somebody at a target, sealed.
create table connections (
  -- ca_ and 24 letters.
  connection_id text primary key,
  account_id integer not null references accounts,
  auth_config_id text not null references auth_configs,
  target text not null check (target in ('local', 'cloud')),
  -- Whose it is, in the words of the application that asked for it.
  user_id text not null,
  alias text,
  word_id text not null,
  status text not null check (status in ('INITIALIZING', 'INITIATED', 'ACTIVE', 'FAILED', 'EXPIRED', 'INACTIVE', 'REVOKED')),
  -- In words, for people; never a secret.
  status_reason text,
  enabled boolean not null default true,
  -- The username is no secret; what is sealed holds it again, with the password.
  username text not null default '',
  -- The credentials under a data key of their own, and that under the key of the generation (AES-256-GCM, bound to account and connection).
  sealed bytea,
  sealed_key bytea,
  key_generation integer,
  -- The account at the target, as GET /account named it.
  remote_account text,
  created_at bigint not null,
  updated_at bigint not null,
  -- When an INITIATED or INITIALIZING one is given up; null for all others.
  expires_at bigint,
  checked_at bigint,
  -- When its credentials are tried again by themselves.
  next_check_at bigint,
  -- Checks in a row that found nobody at the target.
  unreachable smallint not null default 0,
  last_used_at bigint
);
create index connections_account on connections (account_id, created_at, connection_id);
create index connections_config on connections (auth_config_id);
create index connections_user on connections (account_id, user_id, created_at);
create index connections_check on connections (next_check_at) where next_check_at is not null;
create index connections_expiry on connections (expires_at) where expires_at is not null;
create index connections_generation on connections (key_generation) where key_generation is not null;

-- A link to the hosted page on which one connection is made. The token itself is nowhere stored.
create table connect_links (
  token_hash bytea primary key,
  account_id integer not null references accounts,
  connection_id text not null references connections on delete cascade,
  -- Who asks, in words for the page.
  requested_by text not null,
  callback_url text,
  -- Given back to the callback as it came.
  state text,
  created_at bigint not null,
  expires_at bigint not null,
  -- SHA-256 of the secret of the browser that opened it first.
  browser_hash bytea,
  opened_at bigint,
  wrong_tries smallint not null default 0,
  -- A try under way holds the link until then, so that five tries are five.
  trying_until bigint,
  done_at bigint,
  closed_at bigint,
  closed_why text
);
create index connect_links_connection on connect_links (connection_id);
create index connect_links_age on connect_links (expires_at);

-- The generation of the vault's key; older ones can still be read. One row.
create table vault_keys (
  only_row boolean primary key default true check (only_row),
  generation integer not null default 1,
  rotated_at bigint
);

-- ---- Executions: one run of an action, by an agent or a project.
create table executions (
  -- UUIDv7; shown as log_ and its letters.
  execution_id uuid primary key,
  account_id integer not null references accounts,
  at bigint not null,
  agent_id integer,
  key_id integer,
  -- The caller's own name for the run it belongs to.
  run_id text,
  -- broker, mcp, rest, direct.
  face text not null,
  -- The application's user it was run for; null where nobody was named.
  user_id text,
  action text not null,
  -- Null = the account itself, on this server.
  connection_id text,
  target text not null check (target in ('local', 'cloud')),
  -- With secrets masked and long texts cut.
  arguments jsonb not null,
  state text not null check (state in ('running', 'done', 'unknown')),
  successful boolean,
  error text,
  -- The answer's data; of what only reads, a cut one.
  result jsonb,
  duration_ms integer,
  -- In millionths of the currency beside it, where the answer says what it cost: over a connection that is another account's.
  cost_micro bigint,
  cost_currency text,
  -- Messages and the campaign it made on this server.
  message_ids uuid[],
  campaign_id integer,
  replays integer not null default 0
);
create index executions_account on executions (account_id, execution_id);
create index executions_agent on executions (account_id, agent_id, execution_id) where agent_id is not null;
create index executions_run on executions (account_id, run_id, execution_id) where run_id is not null;
create index executions_messages on executions using gin (message_ids) where message_ids is not null;
create index executions_running on executions (at) where state = 'running';

-- What makes a repeated call one call: a key its caller chose (explicit), or one derived from what he asked.
create table execution_keys (
  account_id integer not null references accounts,
  -- Who: agent or key, action, connection.
  scope text not null,
  key text not null,
  -- Of the arguments in canonical form.
  digest bytea not null,
  explicit boolean not null,
  execution_id uuid not null,
  at bigint not null,
  primary key (account_id, scope, key)
);
create index execution_keys_age on execution_keys (explicit, at);

-- Which execution made a message; its agent and run stand there too, since executions are kept for a shorter time.
create table message_origins (
  account_id integer not null,
  message_id uuid not null,
  execution_id uuid not null,
  agent_id integer,
  run_id text,
  primary key (account_id, message_id)
);
create index message_origins_execution on message_origins (account_id, execution_id);
alter table campaigns
  add column execution_id uuid,
  add column agent_id integer,
  add column run_id text;

-- ---- The audit log gets its readers.
create index audit_events_action on audit_events (account_id, action, event_id);

grant select, insert, update, delete on agents, auth_configs, connections, connect_links, vault_keys, executions, execution_keys,
  message_origins to veredus_engine;
grant usage on all sequences in schema public to veredus_engine;
grant select on agents, auth_configs, executions, message_origins, audit_events to veredus_app;
-- What is sealed is the engine's alone.
grant select (connection_id, account_id, auth_config_id, target, user_id, alias, word_id, status, status_reason, enabled, username,
  remote_account, created_at, updated_at, expires_at, checked_at, next_check_at, unreachable, last_used_at) on connections to veredus_app;

do $$
declare
  name text;
begin
  foreach name in array array['agents', 'auth_configs', 'connections', 'connect_links', 'executions', 'execution_keys', 'message_origins'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_account on %I to veredus_app using (account_id = nullif(current_setting(''veredus.account_id'', true), '''')::integer)',
      name);
  end loop;
end $$;
