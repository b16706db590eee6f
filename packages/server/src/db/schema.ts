import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

// Written by `node test/rig/write-schema.ts` from the migrated schema; a test fails when it is out of date.

/** Read as a value, written as its text. */
type Json = ColumnType<unknown, string, string>;

export interface AccountsRow {
  account_id: GeneratedAlways<number>;
  name: string;
  country: string;
  currency: string;
  timezone: Generated<string>;
  billing_email: Generated<string>;
  billing_phone: Generated<string>;
  active: Generated<boolean>;
  banned: Generated<boolean>;
  prepaid: Generated<boolean>;
  credit_limit_micro: number | null;
  low_credit_micro: Generated<number>;
  max_parts: Generated<number>;
  truncate_long: Generated<boolean>;
  default_sender: Generated<string>;
  any_sender_number: Generated<boolean>;
  throttle_ms: Generated<number>;
  created_at: number;
  campaign_recipients: Generated<number>;
  campaign_opt_out: Generated<string>;
}

export interface AgentsRow {
  agent_id: GeneratedAlways<number>;
  account_id: number;
  user_id: number;
  name: string;
  description: Generated<string>;
  allowed_actions: string[] | null;
  own_account: Generated<boolean>;
  allowed_connections: string[] | null;
  created_at: number;
  updated_at: number;
  disabled_at: number | null;
  deleted_at: number | null;
}

export interface ApiKeysRow {
  key_id: GeneratedAlways<number>;
  account_id: number;
  user_id: number;
  name: string;
  scopes: Generated<string[]>;
  key_hash: Buffer;
  last_four: string;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
  agent_id: number | null;
}

export interface AuditEventsRow {
  event_id: GeneratedAlways<number>;
  account_id: number | null;
  at: number;
  actor: string;
  action: string;
  facts: Generated<Json>;
}

export interface AuthConfigsRow {
  auth_config_id: string;
  account_id: number;
  toolkit: Generated<string>;
  target: string;
  name: string;
  is_default: Generated<boolean>;
  enabled: Generated<boolean>;
  execution_actions: string[] | null;
  connection_actions: string[] | null;
  created_at: number;
  updated_at: number;
}

export interface BindLeasesRow {
  carrier_id: number;
  link: number;
  token: number;
}

export interface CampaignChunksRow {
  account_id: number;
  campaign_id: number;
  first_position: number;
  contact_ids: number[];
  recipients: string[];
  countries: string[];
  bodies: string[];
  parts: number[];
  prices: number[];
  message_ids: string[] | null;
}

export interface CampaignsRow {
  campaign_id: GeneratedAlways<number>;
  account_id: number;
  user_id: number;
  channel: number;
  state: number;
  list_id: number;
  name: string;
  sender: string;
  body: string;
  senders: Json | null;
  source: string | null;
  custom_string: string;
  url_to_shorten: string | null;
  created_at: number;
  schedule_at: number | null;
  launched_at: number | null;
  link_base: string | null;
  link_places: string[] | null;
  resumed_at: number | null;
  paused_at: number | null;
  done_at: number | null;
  recipients: Generated<number>;
  expanded: Generated<number>;
  excluded: Generated<Json>;
  quoted_micro: Generated<number>;
  held_micro: Generated<number>;
  held_messages: Generated<number>;
  released_micro: Generated<number>;
  released_messages: Generated<number>;
  token: Generated<number>;
  lease_until: Generated<number>;
  words: string | null;
  warnings: Json | null;
  final_statistics: Json | null;
  execution_id: string | null;
  agent_id: number | null;
  run_id: string | null;
}

export interface CarriersRow {
  carrier_id: GeneratedAlways<number>;
  name: string;
}

export interface ClaimLeasesRow {
  token: GeneratedAlways<number>;
  carrier_id: number;
  node: string;
  lease_until: number;
  possibly_sent: Generated<string[]>;
  oldest_id: string;
  opened_at: number;
  closed_at: number | null;
}

export interface ConnectLinksRow {
  token_hash: Buffer;
  account_id: number;
  connection_id: string;
  requested_by: string;
  callback_url: string | null;
  state: string | null;
  created_at: number;
  expires_at: number;
  browser_hash: Buffer | null;
  opened_at: number | null;
  wrong_tries: Generated<number>;
  trying_until: number | null;
  done_at: number | null;
  closed_at: number | null;
  closed_why: string | null;
}

export interface ConnectionsRow {
  connection_id: string;
  account_id: number;
  auth_config_id: string;
  target: string;
  user_id: string;
  alias: string | null;
  word_id: string;
  status: string;
  status_reason: string | null;
  enabled: Generated<boolean>;
  username: Generated<string>;
  sealed: Buffer | null;
  sealed_key: Buffer | null;
  key_generation: number | null;
  remote_account: string | null;
  created_at: number;
  updated_at: number;
  expires_at: number | null;
  checked_at: number | null;
  next_check_at: number | null;
  unreachable: Generated<number>;
  last_used_at: number | null;
}

export interface ConsentEventsRow {
  event_id: GeneratedAlways<number>;
  account_id: number;
  channel: number;
  address: string;
  at: number;
  kind: string;
  how: string;
  words: string | null;
  message_id: string | null;
  inbound_id: string | null;
  campaign_id: number | null;
  user_id: number | null;
  ip: string | null;
}

export interface ContactsRow {
  contact_id: GeneratedAlways<number>;
  account_id: number;
  list_id: number;
  import_id: number | null;
  created_at: number;
  updated_at: number;
  phone_number: string | null;
  fax_number: string | null;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
  organization_name: string | null;
  address_line_1: string | null;
  address_line_2: string | null;
  address_city: string | null;
  address_state: string | null;
  address_postal_code: string | null;
  address_country: string | null;
  custom_1: string | null;
  custom_2: string | null;
  custom_3: string | null;
  custom_4: string | null;
}

export interface EsmeDeliveriesRow {
  id: string;
  account_id: number;
  system_id: string;
  kind: number;
  subject_id: string | null;
  source: string;
  destination: string;
  body: string;
  facts: Generated<Json>;
  created_at: number;
  expires_at: number;
  attempts: Generated<number>;
  next_attempt_at: number | null;
  claimed_until: number | null;
  done_at: number | null;
  outcome: string | null;
}

export interface EsmeSubmitsRow {
  id: string;
  account_id: number;
  system_id: string;
  message_id: string | null;
  at: number;
  registered: number;
  source: string;
  destination: string;
  part_reference: number | null;
  part_number: number | null;
  part_of: number | null;
  body: string | null;
}

export interface EsmesRow {
  system_id: string;
  account_id: number;
  user_id: number;
  password_hash: string;
  binds: Generated<number>;
  created_at: number;
  disabled_at: number | null;
}

export interface EventsRow {
  event_id: GeneratedAlways<number>;
  xact: Generated<string>;
  account_id: number;
  at: number;
  kind: string;
  message_ids: string[] | null;
  statuses: number[] | null;
  error_codes: number[] | null;
  facts: Json | null;
  rules_due: Generated<boolean>;
  alert_due: Generated<boolean>;
}

export interface ExecutionKeysRow {
  account_id: number;
  scope: string;
  key: string;
  digest: Buffer;
  explicit: boolean;
  execution_id: string;
  at: number;
}

export interface ExecutionsRow {
  execution_id: string;
  account_id: number;
  at: number;
  agent_id: number | null;
  key_id: number | null;
  run_id: string | null;
  face: string;
  user_id: string | null;
  action: string;
  connection_id: string | null;
  target: string;
  arguments: Json;
  state: string;
  successful: boolean | null;
  error: string | null;
  result: Json | null;
  duration_ms: number | null;
  cost_micro: number | null;
  cost_currency: string | null;
  message_ids: string[] | null;
  campaign_id: number | null;
  replays: Generated<number>;
}

export interface ExportsRow {
  file_id: string;
  account_id: number;
  user_id: number;
  kind: string;
  query: Json;
  name: string;
  created_at: number;
  expires_at: number;
}

export interface FileChunksRow {
  account_id: number;
  file_id: string;
  chunk: number;
  bytes: Buffer;
}

export interface FilesRow {
  file_id: string;
  upload_id: GeneratedAlways<number>;
  account_id: number;
  user_id: number;
  name: string;
  content_type: string;
  size: number | null;
  created_at: number;
  expires_at: number;
}

export interface IdempotencyKeysRow {
  account_id: number;
  route: string;
  key: string;
  digest: Buffer;
  message_ids: string[];
  created_at: number;
  campaign_id: number | null;
}

export interface ImportFaultsRow {
  account_id: number;
  import_id: number;
  row_number: number;
  field: string;
  words: string;
  value: string | null;
}

export interface ImportsRow {
  import_id: number;
  account_id: number;
  user_id: number;
  list_id: number;
  state: number;
  file_id: string | null;
  url: string | null;
  field_order: string[];
  country: string;
  has_header: boolean | null;
  rows_read: Generated<number>;
  rows_added: Generated<number>;
  rows_refused: Generated<number>;
  bytes_read: Generated<number>;
  bytes_total: number | null;
  token: Generated<number>;
  lease_until: Generated<number>;
  words: string | null;
  created_at: number;
  done_at: number | null;
  undone_at: number | null;
}

export interface InboundMessagesRow {
  id: string;
  account_id: number | null;
  carrier_id: number;
  received_at: number;
  provider_id: string | null;
  sender: string;
  recipient: string;
  body: string;
  part_reference: number | null;
  part_number: number | null;
  part_of: number | null;
  opt_out_read_at: number | null;
  answers_id: string | null;
}

export interface InboundRulesRow {
  inbound_rule_id: GeneratedAlways<number>;
  account_id: number;
  rule_name: string;
  dedicated_number: Generated<string>;
  message_search_type: Generated<number>;
  message_search_term: string | null;
  action: string;
  action_address: Generated<string>;
  body: string | null;
  webhook_type: string | null;
  enabled: Generated<boolean>;
  position: Generated<number>;
  created_at: Generated<number>;
  updated_at: Generated<number>;
}

export interface InboundTextsRow {
  id: string;
  account_id: number;
  received_at: number;
  sender: string;
  recipient: string;
  body: string;
  answers_id: string | null;
  keyword: string | null;
  whole: Generated<boolean>;
  test: Generated<boolean>;
  depth: Generated<number>;
  rules_at: number | null;
  polled: Generated<boolean>;
  read_at: number | null;
}

export interface LedgerBalancesRow {
  account_id: number;
  funding_micro: Generated<number>;
  available_micro: Generated<number>;
  held_micro: Generated<number>;
  spent_micro: Generated<number>;
}

export interface LedgerEntriesRow {
  entry_id: GeneratedAlways<number>;
  account_id: number;
  at: number;
  kind: string;
  debit: string;
  credit: string;
  amount_micro: number;
  messages: Generated<number>;
  note: string | null;
}

export interface LinkClicksRow {
  click_id: GeneratedAlways<number>;
  account_id: number;
  code: string;
  campaign_id: number | null;
  at: number;
  machine: boolean;
  why: string | null;
  device: string | null;
  os: string | null;
  browser: string | null;
}

export interface LinksRow {
  code: string;
  kind: number;
  account_id: number;
  channel: number;
  campaign_id: number | null;
  recipient: string;
  contact_id: number | null;
  list_id: number | null;
  url: string | null;
  created_at: number;
  expires_at: number;
}

export interface ListsRow {
  list_id: GeneratedAlways<number>;
  account_id: number;
  list_name: string;
  list_email_id: string;
  is_opt_out: Generated<boolean>;
  contacts_count: Generated<number>;
  created_at: number;
}

export interface MessageContentsRow {
  account_id: number;
  message_id: string;
  subject: string | null;
}

export interface MessageDepthsRow {
  account_id: number;
  message_id: string;
  depth: number;
}

export interface MessageExceptionsRow {
  id: string;
  account_id: number;
  status: number;
}

export interface MessageOriginsRow {
  account_id: number;
  message_id: string;
  execution_id: string;
  agent_id: number | null;
  run_id: string | null;
}

export interface MessagesRow {
  id: string;
  account_id: number;
  user_id: number;
  created_at: number;
  next_attempt_at: number | null;
  schedule_at: number | null;
  valid_until: number;
  submitted_at: number | null;
  done_at: number | null;
  price_micro: number;
  charged_micro: Generated<number>;
  claim_token: number | null;
  list_id: number | null;
  channel: number;
  status: number;
  money: Generated<number>;
  priority: number;
  parts: number;
  accepted_parts: Generated<number>;
  attempts: Generated<number>;
  carrier_id: number | null;
  error_code: number | null;
  shared_sender: Generated<boolean>;
  recipient: string;
  sender: string;
  country: string;
  body: string;
  custom_string: string;
  source: string;
  refusal: string | null;
  words: string | null;
  from_email: string | null;
  contact_id: string | null;
  campaign_id: number | null;
}

export interface MigrationsRow {
  number: number;
  name: string;
  checksum: string;
  breaking: boolean;
  applied_at: number;
}

export interface RatesRow {
  rate_id: GeneratedAlways<number>;
  channel: string;
  country: string;
  prefix: Generated<string>;
  price_micro: number;
  valid_from: number;
  valid_to: number | null;
  example: Generated<boolean>;
}

export interface ReceiptRulesRow {
  receipt_rule_id: GeneratedAlways<number>;
  account_id: number;
  channel: Generated<string>;
  rule_name: string;
  match_type: Generated<number>;
  action: string;
  action_address: Generated<string>;
  enabled: Generated<boolean>;
  created_at: Generated<number>;
  updated_at: Generated<number>;
}

export interface ReceiptsRow {
  id: string;
  received_at: number;
  read_at: number | null;
  message_id: string | null;
  account_id: number | null;
  carrier_id: number;
  state: number;
  status: number | null;
  error_code: number | null;
  upstream_id: string;
  error: string | null;
  recipient: string | null;
  raw: string;
}

export interface RuleActionsRow {
  action_id: string;
  account_id: number;
  created_at: number;
  kind: string;
  rule_id: number;
  rule_name: string;
  subject_id: string;
  handset: Generated<string>;
  action: string;
  action_address: Generated<string>;
  body: string | null;
  webhook_type: string | null;
  message_search_term: string | null;
  facts: Generated<Json>;
  state: Generated<number>;
  attempts: Generated<number>;
  next_attempt_at: number | null;
  progress: number | null;
  outcome: string | null;
  done_at: number | null;
}

export interface SecretKeyChecksRow {
  only_row: Generated<boolean>;
  proof: Buffer;
}

export interface SenderNumbersRow {
  account_id: number;
  number: string;
  created_at: number;
}

export interface StatisticsDeltasRow {
  account_id: number;
  hour: number;
  channel: number;
  status: number;
  messages: number;
  parts: number;
  price_micro: number;
}

export interface StatisticsHoursRow {
  account_id: number;
  hour: number;
  channel: number;
  status: number;
  messages: number;
  parts: number;
  price_micro: number;
}

export interface StatisticsTotalsRow {
  account_id: number;
  channel: number;
  status: number;
  messages: number;
  parts: number;
  price_micro: number;
}

export interface SuppressionsRow {
  account_id: number;
  channel: number;
  address: string;
  reason: string;
  created_at: number;
  provisional: Generated<boolean>;
  event_id: number | null;
}

export interface TemplatesRow {
  template_id: GeneratedAlways<number>;
  account_id: number;
  channel: number;
  template_name: string;
  body: string;
  created_at: number;
  updated_at: number;
}

export interface UpstreamIdsRow {
  message_id: string;
  account_id: number;
  carrier_id: number;
  part: number;
  of: number;
  state: number | null;
  upstream_id: string;
}

export interface UsersRow {
  user_id: GeneratedAlways<number>;
  account_id: number;
  username: string;
  email: Generated<string>;
  phone: Generated<string>;
  first_name: Generated<string>;
  last_name: Generated<string>;
  password_hash: string | null;
  is_main: Generated<boolean>;
  disabled_at: number | null;
  created_at: number;
}

export interface VaultKeysRow {
  only_row: Generated<boolean>;
  generation: Generated<number>;
  rotated_at: number | null;
}

export interface WebhookAttemptsRow {
  delivery_id: string;
  account_id: number;
  attempt: number;
  at: number;
  took_ms: number;
  request: string;
  status: number | null;
  answer: string | null;
  fault: string | null;
}

export interface WebhookDeliveriesRow {
  id: string;
  account_id: number;
  endpoint_id: number;
  kind: string;
  subject_id: string | null;
  method: string;
  content_type: string;
  query: Generated<string>;
  body: Generated<string>;
  depth: Generated<number>;
  occurred_at: number;
  created_at: number;
  state: Generated<number>;
  attempts: Generated<number>;
  next_attempt_at: number | null;
  claimed_until: number | null;
  give_up_at: number;
  done_at: number | null;
  replays: Generated<number>;
}

export interface WebhookEndpointsRow {
  endpoint_id: GeneratedAlways<number>;
  account_id: number;
  url: string;
  key_generation: Generated<number>;
  previous_until: number | null;
  failures: Generated<number>;
  failing_since: number | null;
  blocked_until: number | null;
  disabled_at: number | null;
  disabled_why: string | null;
  created_at: number;
  kept: Generated<boolean>;
  last_attempt_at: number | null;
  last_success_at: number | null;
  last_fault: string | null;
}

export interface Schema {
  accounts: AccountsRow;
  agents: AgentsRow;
  api_keys: ApiKeysRow;
  audit_events: AuditEventsRow;
  auth_configs: AuthConfigsRow;
  bind_leases: BindLeasesRow;
  campaign_chunks: CampaignChunksRow;
  campaigns: CampaignsRow;
  carriers: CarriersRow;
  claim_leases: ClaimLeasesRow;
  connect_links: ConnectLinksRow;
  connections: ConnectionsRow;
  consent_events: ConsentEventsRow;
  contacts: ContactsRow;
  esme_deliveries: EsmeDeliveriesRow;
  esme_submits: EsmeSubmitsRow;
  esmes: EsmesRow;
  events: EventsRow;
  execution_keys: ExecutionKeysRow;
  executions: ExecutionsRow;
  exports: ExportsRow;
  file_chunks: FileChunksRow;
  files: FilesRow;
  idempotency_keys: IdempotencyKeysRow;
  import_faults: ImportFaultsRow;
  imports: ImportsRow;
  inbound_messages: InboundMessagesRow;
  inbound_rules: InboundRulesRow;
  inbound_texts: InboundTextsRow;
  ledger_balances: LedgerBalancesRow;
  ledger_entries: LedgerEntriesRow;
  link_clicks: LinkClicksRow;
  links: LinksRow;
  lists: ListsRow;
  message_contents: MessageContentsRow;
  message_depths: MessageDepthsRow;
  message_exceptions: MessageExceptionsRow;
  message_origins: MessageOriginsRow;
  messages: MessagesRow;
  migrations: MigrationsRow;
  rates: RatesRow;
  receipt_rules: ReceiptRulesRow;
  receipts: ReceiptsRow;
  rule_actions: RuleActionsRow;
  secret_key_checks: SecretKeyChecksRow;
  sender_numbers: SenderNumbersRow;
  statistics_deltas: StatisticsDeltasRow;
  statistics_hours: StatisticsHoursRow;
  statistics_totals: StatisticsTotalsRow;
  suppressions: SuppressionsRow;
  templates: TemplatesRow;
  upstream_ids: UpstreamIdsRow;
  users: UsersRow;
  vault_keys: VaultKeysRow;
  webhook_attempts: WebhookAttemptsRow;
  webhook_deliveries: WebhookDeliveriesRow;
  webhook_endpoints: WebhookEndpointsRow;
}
