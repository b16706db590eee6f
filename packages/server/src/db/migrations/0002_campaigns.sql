-- Lists and contacts, files, imports, templates, short links, opt-outs with their proof, and campaigns.

-- ---- what an account may set

alter table accounts
  -- The most recipients one campaign may have; ClickSend's is 20,000.
  add column campaign_recipients integer not null default 20000 check (campaign_recipients > 0),
  -- What becomes of a campaign whose text offers no way out: nothing, a warning in the answer, or a refusal.
  add column campaign_opt_out text not null default 'warn' check (campaign_opt_out in ('off', 'warn', 'require'));

-- ---- lists and contacts

create table lists (
  list_id integer generated always as identity (start with 1001) primary key,
  account_id integer not null references accounts,
  list_name text not null,
  -- ClickSend's address of the list for email campaigns: 16 capital letters and digits.
  list_email_id text not null,
  -- The one list of the account that mirrors its suppressions for v3 clients.
  is_opt_out boolean not null default false,
  -- Kept by the triggers on contacts, so that a page of lists, and of contacts, costs the same at a million.
  contacts_count integer not null default 0,
  created_at bigint not null
) with (fillfactor = 50);
create index lists_account on lists (account_id, list_id);
create unique index lists_opt_out on lists (account_id) where is_opt_out;

create table contacts (
  contact_id integer generated always as identity (start with 90001),
  account_id integer not null,
  list_id integer not null references lists,
  -- The import that added it, so that it can be undone; null = none.
  import_id bigint,
  created_at bigint not null,
  updated_at bigint not null,
  -- E.164 with its '+', as fax_number is.
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
  primary key (account_id, list_id, contact_id),
  check (phone_number is not null or fax_number is not null or email is not null)
);
create index contacts_phone on contacts (account_id, phone_number) where phone_number is not null;
create index contacts_updated on contacts (account_id, list_id, updated_at, contact_id);
create index contacts_import on contacts (account_id, import_id) where import_id is not null;

create function count_contacts_added() returns trigger language plpgsql as $$
begin
  update lists l set contacts_count = l.contacts_count + n.count
  from (select list_id, count(*)::integer as count from added group by list_id order by list_id) n
  where l.list_id = n.list_id;
  return null;
end $$;
create function count_contacts_removed() returns trigger language plpgsql as $$
begin
  update lists l set contacts_count = l.contacts_count - n.count
  from (select list_id, count(*)::integer as count from removed group by list_id order by list_id) n
  where l.list_id = n.list_id;
  return null;
end $$;
create trigger contacts_added after insert on contacts
  referencing new table as added for each statement execute function count_contacts_added();
create trigger contacts_removed after delete on contacts
  referencing old table as removed for each statement execute function count_contacts_removed();

insert into lists (account_id, list_name, list_email_id, is_opt_out, created_at)
select account_id, 'Opt-Out List', upper(substr(md5(random()::text || account_id), 1, 16)), true, created_at from accounts;

-- ---- files

-- What was uploaded or fetched. The id is random (UUIDv4): it is the secret of the link. In the database rather than on a disk, so
-- that any node serves it.
create table files (
  file_id uuid primary key,
  upload_id integer generated always as identity unique,
  account_id integer not null,
  user_id integer not null,
  name text not null,
  content_type text not null,
  -- Null while it is being written: nobody can read it before.
  size bigint,
  created_at bigint not null,
  expires_at bigint not null
);
create index files_age on files (expires_at);
create table file_chunks (
  account_id integer not null,
  file_id uuid not null references files on delete cascade,
  chunk integer not null,
  bytes bytea not null,
  primary key (file_id, chunk)
);
alter table file_chunks alter column bytes set storage external;

-- ---- imports

-- One import of a file into a list. state: see imports/state.ts.
create table imports (
  import_id bigint primary key,
  account_id integer not null,
  user_id integer not null,
  list_id integer not null,
  state smallint not null,
  -- Where the file comes from: already stored, or to be fetched first.
  file_id uuid,
  url text,
  -- A contact field by column; null = the column is skipped.
  field_order text[] not null,
  -- Local numbers are read in this country.
  country text not null,
  has_header boolean,
  -- How far it is, for progress and for going on after a crash.
  rows_read integer not null default 0,
  rows_added integer not null default 0,
  rows_refused integer not null default 0,
  bytes_read bigint not null default 0,
  bytes_total bigint,
  -- Who works on it, and until when if he falls silent; a fencing token that grows with each taking.
  token integer not null default 0,
  lease_until bigint not null default 0,
  words text,
  created_at bigint not null,
  done_at bigint,
  undone_at bigint
) with (fillfactor = 50);
create index imports_account on imports (account_id, import_id);
create index imports_list on imports (account_id, list_id);
create index imports_open on imports (lease_until) where done_at is null;

create table import_faults (
  account_id integer not null,
  import_id bigint not null references imports on delete cascade,
  row_number integer not null,
  field text not null,
  words text not null,
  -- The cell as it stood, cut short.
  value text,
  primary key (account_id, import_id, row_number, field)
);

-- ---- templates

create table templates (
  template_id integer generated always as identity primary key,
  account_id integer not null references accounts,
  channel smallint not null,
  template_name text not null,
  body text not null,
  created_at bigint not null,
  updated_at bigint not null
);
create index templates_account on templates (account_id, channel, template_id);

-- ---- opting out

alter table suppressions
  -- True where a text only seemed to ask for it: suppressed all the same until somebody has looked.
  add column provisional boolean not null default false,
  add column event_id bigint;

-- The proof: every grant and revocation with its wording. Append only; suppressions is what follows from it.
create table consent_events (
  event_id bigint generated always as identity primary key,
  account_id integer not null,
  channel smallint not null,
  address text not null,
  at bigint not null,
  kind text not null check (kind in ('opt-out', 'opt-in', 'review')),
  -- By what: a keyword in a reply, the page behind a link, a user of the account, a change of the Opt-Out list, an import.
  how text not null check (how in ('keyword', 'link', 'user', 'list', 'import')),
  -- The words of the one who asked, or of the page that was confirmed.
  words text,
  message_id uuid,
  inbound_id uuid,
  campaign_id integer,
  user_id integer,
  ip text
);
create index consent_events_address on consent_events (account_id, channel, address, event_id);
create index consent_events_campaign on consent_events (account_id, campaign_id) where campaign_id is not null;

-- An inbound message is its number's owner's.
create index sender_numbers_number on sender_numbers (number);
alter table inbound_messages
  -- When it was looked at for an opt-out; null = not yet.
  add column opt_out_read_at bigint,
  -- The message it answers.
  add column answers_id uuid;
create index inbound_unread_for_opt_out on inbound_messages (id) where opt_out_read_at is null;

-- ---- campaigns

-- state: see campaigns/state.ts. The amounts are the reservation taken at launch: what is not yet a message is held here.
create table campaigns (
  campaign_id integer generated always as identity primary key,
  account_id integer not null references accounts,
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
  -- ms; null = at once.
  schedule_at bigint,
  launched_at bigint,
  -- How links were written when it was launched: what stands before each code, and the codes that stand for those to come (for a
  -- click, for an opt-out). Null = its text has none.
  link_base text,
  link_places text[],
  -- When it last went on after a pause: what was put aside meanwhile is set due again.
  resumed_at bigint,
  -- While set, nothing of it leaves: dispatch asks for it before the bytes of each message do.
  paused_at bigint,
  done_at bigint,
  -- Recipients of the audience taken at launch (before: contacts of the list), those not yet made into messages, and who was
  -- left out and why.
  recipients integer not null default 0,
  expanded integer not null default 0,
  excluded jsonb not null default '{}',
  quoted_micro bigint not null default 0,
  held_micro bigint not null default 0,
  held_messages integer not null default 0,
  released_micro bigint not null default 0,
  released_messages integer not null default 0,
  -- Fencing: grows with each change of hands or of state, so that who worked on it before cannot go on.
  token integer not null default 0,
  lease_until bigint not null default 0,
  words text,
  warnings jsonb,
  -- The figures once nothing of it can change any more.
  final_statistics jsonb
) with (fillfactor = 50);
create index campaigns_account on campaigns (account_id, campaign_id);
create index campaigns_open on campaigns (state, lease_until) where done_at is null;

-- The audience in chunks, by position in the campaign: arrays of equal length. message_ids once they are accepted.
create table campaign_chunks (
  account_id integer not null,
  campaign_id integer not null references campaigns on delete cascade,
  first_position integer not null,
  contact_ids integer[] not null,
  recipients text[] not null,
  countries text[] not null,
  bodies text[] not null,
  parts smallint[] not null,
  prices bigint[] not null,
  message_ids uuid[],
  primary key (campaign_id, first_position)
);
alter table campaign_chunks alter column bodies set storage external;
alter table campaign_chunks alter column recipients set storage external;

alter table messages add column campaign_id integer;
-- A reply is linked to what it answers, and an opt-out to the list it came from, by the handset's number.
create index messages_recipient on messages (recipient, id);

-- A call that made a campaign instead of messages.
alter table idempotency_keys add column campaign_id integer;

-- ---- short links

-- One row per link and recipient: kind 1 leads to `url`, kind 2 to the opt-out page. The code is random: it is the secret.
create table links (
  code text primary key,
  kind smallint not null,
  account_id integer not null,
  channel smallint not null,
  campaign_id integer,
  recipient text not null,
  contact_id integer,
  list_id integer,
  url text,
  created_at bigint not null,
  expires_at bigint not null
);
create index links_campaign on links (account_id, campaign_id) where campaign_id is not null;
create index links_age on links (expires_at);

create table link_clicks (
  click_id bigint generated always as identity primary key,
  account_id integer not null,
  code text not null,
  campaign_id integer,
  at bigint not null,
  -- True for a fetch no person made, with what gave it away.
  machine boolean not null,
  why text,
  device text,
  os text,
  browser text
);
create index link_clicks_code on link_clicks (code);
create index link_clicks_campaign on link_clicks (account_id, campaign_id) where campaign_id is not null;

-- ---- who may do what

grant select, insert, update, delete on lists, contacts, files, file_chunks, imports, import_faults, templates, campaigns, campaign_chunks,
  links to veredus_engine, veredus_app;
-- Append only, for everybody.
grant select, insert on consent_events, link_clicks to veredus_engine, veredus_app;
grant usage on all sequences in schema public to veredus_engine, veredus_app;

do $$
declare
  name text;
begin
  foreach name in array array['lists', 'contacts', 'files', 'file_chunks', 'imports', 'import_faults', 'templates', 'consent_events',
    'campaigns', 'campaign_chunks', 'links', 'link_clicks'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_account on %I to veredus_app using (account_id = nullif(current_setting(''veredus.account_id'', true), '''')::integer)',
      name);
  end loop;
end $$;
