import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Caller } from '../accounts/caller.ts';
import type { Runner } from '../db/runner.ts';
import type { Pool } from '../db/transaction.ts';
import { spendable } from '../ledger/entries.ts';
import { lockBalances } from '../messages/store.ts';
import type { Rates } from '../pricing/rates.ts';
import { Refusal } from '../refusal.ts';
import { type Excluded, readAudience } from './audience.ts';
import { type CampaignRow, type NewCampaign, textOf } from './campaign.ts';
import { EXPAND_CHUNK } from './chunk.ts';
import { drawPlaces, type Places } from './places.ts';
import { insertChunk, type Recipient, readList, reserve, startSending } from './store-launch.ts';

export interface LaunchParts {
  pool: Pool;
  clock: Clock;
  random: Random;
  rates: Rates;
  /** The carrier's shared number; empty where it has none to show. */
  sharedNumber: string;
  /** In front of the codes of short links. */
  linkBase(): string;
}

/**
 * Takes the audience of a campaign and reserves its price, in the transaction of `run`: after the commit nothing that happens
 * to the list or to the rates changes who is written to, and for how much. Answers the row as it is now.
 *
 * @throws Refusal too-many-recipients, insufficient-credit, or bad-request where nobody is left to write to.
 */
export async function launch(parts: LaunchParts, run: Runner, caller: Caller, row: CampaignRow): Promise<CampaignRow> {
  const audience = new ChunkWriter(run, row);
  const excluded: Excluded = {};
  const places = drawPlaces(parts.random, parts.linkBase());
  for await (const recipients of audienceOf(parts, run, caller, textOf(row), places, excluded)) {
    await audience.add(recipients);
    refuseTooMany(audience.count, caller);
  }
  await audience.flush();
  await countNumberless(run, row, audience.count, excluded);
  if (audience.count === 0) throw nobody(excluded);
  const at = parts.clock.now();
  await checkCredit(run, caller, audience.amountMicro);
  await reserve(run, {
    accountId: row.account_id,
    amountMicro: audience.amountMicro,
    messages: audience.priced,
    at,
    note: `campaign ${row.campaign_id}`,
  });
  return startSending(run, row, {
    at,
    recipients: audience.count,
    excluded,
    amountMicro: audience.amountMicro,
    pricedMessages: audience.priced,
    places,
  });
}

/** What a campaign would cost if it were launched now, and whom it would leave out. Nothing is stored. */
export async function quote(parts: LaunchParts, run: Runner, caller: Caller, campaign: NewCampaign) {
  const excluded: Excluded = {};
  let count = 0;
  let amountMicro = 0;
  let first: Recipient | null = null;
  const places = drawPlaces(parts.random, parts.linkBase());
  for await (const recipients of audienceOf(parts, run, caller, campaign, places, excluded)) {
    first ??= recipients[0] ?? null;
    count += recipients.length;
    for (const { priceMicro } of recipients) amountMicro += priceMicro;
    refuseTooMany(count, caller);
  }
  return { count, amountMicro, first, excluded };
}

function audienceOf(
  parts: LaunchParts,
  run: Runner,
  caller: Caller,
  campaign: NewCampaign,
  places: Places,
  excluded: Excluded,
) {
  const rules = {
    card: parts.rates.current(),
    now: parts.clock.now(),
    sharedNumber: parts.sharedNumber,
    // Senders are the campaign's, and have been checked.
    ownNumbers: null,
  };
  const audience = { accountId: caller.accountId, rules, places };
  return readAudience(run, audience, caller, campaign, excluded);
}

/** Writes recipients in chunks of the size in which they become messages. */
class ChunkWriter {
  readonly #run: Runner;
  readonly #row: CampaignRow;
  #waiting: Recipient[] = [];
  count = 0;
  amountMicro = 0;
  /** Recipients whose message costs something: what a reserve entry counts. */
  priced = 0;

  constructor(run: Runner, row: CampaignRow) {
    this.#run = run;
    this.#row = row;
  }

  async add(recipients: readonly Recipient[]): Promise<void> {
    for (const { priceMicro } of recipients) {
      this.amountMicro += priceMicro;
      if (priceMicro > 0) this.priced += 1;
    }
    this.count += recipients.length;
    this.#waiting.push(...recipients);
    while (this.#waiting.length >= EXPAND_CHUNK) await this.#write(this.#waiting.splice(0, EXPAND_CHUNK));
  }

  async flush(): Promise<void> {
    if (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0));
  }

  #written = 0;
  async #write(chunk: readonly Recipient[]): Promise<void> {
    await insertChunk(this.#run, this.#row, this.#written + 1, chunk);
    this.#written += chunk.length;
  }
}

function refuseTooMany(count: number, { account }: Caller): void {
  if (count <= account.campaignRecipients) return;
  const words = `The list has more than ${account.campaignRecipients} recipients, the most a campaign of this account may have.`;
  throw new Refusal('too-many-recipients', words, { fields: { list_id: words } });
}

/** Contacts without a number are not read at all, only counted. */
async function countNumberless(run: Runner, row: CampaignRow, count: number, excluded: Excluded): Promise<void> {
  const list = await readList(run, row.account_id, row.list_id);
  const others = Object.values(excluded).reduce((sum, n) => sum + n, count);
  const numberless = (list?.contacts ?? 0) - others;
  if (numberless > 0) excluded.no_number = numberless;
}

function nobody(excluded: Excluded): Refusal {
  const why = Object.entries(excluded).map(([reason, n]) => `${n} ${reason.replaceAll('_', ' ')}`);
  const words = `The list has nobody to write to${why.length > 0 ? `: ${why.join(', ')}` : ''}.`;
  return new Refusal('bad-request', words, { fields: { list_id: words } });
}

async function checkCredit(run: Runner, { accountId, account }: Caller, amountMicro: number): Promise<void> {
  const balances = await lockBalances(run, [accountId]);
  const left = spendable(account, balances.get(accountId) ?? 0);
  if (amountMicro <= left) return;
  throw new Refusal(
    'insufficient-credit',
    'The balance does not cover the price of the whole campaign; nothing was sent.',
  );
}
