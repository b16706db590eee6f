import type { Api, SentItem } from './api.ts';
import { judge, type Verdict } from './judge.ts';
import { type Kills, killAndRestart, moody, rest, unknownOf } from './kill-cycles.ts';
import { Load } from './load.ts';
import { seeded } from './seeded.ts';
import type { Behaviour } from './smsc.ts';
import { openStage, WINDOW } from './stage.ts';
import { until } from './until.ts';

export interface CampaignKillOptions {
  readonly kills: number;
  readonly recipients: number;
  readonly seed: number;
  say(line: string): void;
}

export interface CampaignReport extends Verdict {
  seed: number;
  kills: number;
  /** Kills that came while the campaign was under way. */
  during: number;
}

interface Campaign {
  sms_campaign_id: number;
  _state: string;
  _total_count: number;
  _price_quoted: string;
  _statistics: { queued: number; sent: number; delivered: number; failed: number; unknown: number; price: string };
}

interface Recipient {
  message_id: string | null;
  to: string;
  body: string;
  message_price: string;
}

/**
 * Launches one campaign and kills the server, its PostgreSQL or both while it is sent, again and again, at moments that the
 * seed decides. Then everything comes to rest and the judge looks: each recipient once, what is unknown listed, money exact.
 */
export async function runCampaignKills(options: CampaignKillOptions): Promise<CampaignReport> {
  const random = seeded(options.seed);
  const stage = await openStage();
  const load = new Load();
  const kills: Kills = { unknown: [], requeued: 0 };
  let during = 0;
  try {
    load.api = await stage.start();
    stage.smsc.behaviour = unhurried(options);
    const list = await makeList(load.api, options.recipients);
    const { sms_campaign_id: id } = await dataOf<Campaign>(load.api, 'POST', '/v3/sms-campaigns/send', {
      list_id: list,
      name: 'Kills',
      body: '(First Name) Your bread is baked. Reply STOP',
    });
    for (let kill = 1; kill <= options.kills; kill++) {
      await new Promise((resolve) => setTimeout(resolve, random.below(Math.ceil(18_000 / options.kills))));
      const before = (await unknownOf(load.api)).length;
      const seen = await campaignOf(load.api, id);
      if (seen._state !== 'sent') during += 1;
      const victim = (['node', 'node', 'postgres', 'both'] as const)[random.below(4)]!;
      stage.smsc.holdReceipts = true;
      load.api = await killAndRestart(stage, load, victim, kills);
      kills.unknown.push((await unknownOf(load.api)).length - before);
      stage.smsc.holdReceipts = false;
      options.say(`kill ${kill}: ${victim}; ${seen._statistics.queued} of ${seen._total_count} waited`);
    }
    const api = load.api;
    await until('the end of the campaign', async () => (await campaignOf(api, id))._state === 'sent', 120_000);
    await rest(stage, load);
    const accepted = await recipientsOf(load.api, id);
    const verdict = await judge({
      api: load.api,
      setup: stage.setup,
      accepted,
      log: stage.smsc.log,
      crashes: options.kills,
      mostUnknown: WINDOW,
    });
    verdict.violations.push(...faultsOf(await campaignOf(load.api, id), verdict, accepted, options));
    return { ...verdict, seed: options.seed, kills: options.kills, during };
  } finally {
    load.api = null;
    await stage.close();
  }
}

/** As in the other cycles, but so slow that the campaign outlasts its kills. */
function unhurried({ seed, recipients, kills }: CampaignKillOptions): Behaviour {
  const react = moody(seed);
  const wait = Math.ceil((WINDOW * (10_000 + kills * 100)) / recipients);
  return (submit) => {
    const reaction = react(submit);
    return { ...reaction, afterMs: (reaction.afterMs ?? 0) + wait };
  };
}

async function makeList(api: Api, recipients: number): Promise<number> {
  const { list_id } = await dataOf<{ list_id: number }>(api, 'POST', '/v3/lists', { list_name: 'Everybody' });
  const lines = Array.from({ length: recipients }, (_, i) => {
    return `+614${10_000_000 + i},r${String(i).padStart(6, '0')}`;
  });
  const content = Buffer.from(lines.join('\n')).toString('base64');
  const { _url } = await dataOf<{ _url: string }>(api, 'POST', '/v3/uploads?convert=csv', { content });
  const order = { file_url: _url, field_order: ['phone', 'first_name'] };
  const { id } = await dataOf<{ id: string }>(api, 'POST', `/v3/lists/${list_id}/import`, order);
  const done = async () =>
    (await dataOf<{ state: string }>(api, 'GET', `/v3/lists/${list_id}/imports/${id}`)).state === 'done';
  await until('the import', done, 30_000);
  return list_id;
}

async function dataOf<T>(api: Api, method: string, path: string, body?: unknown): Promise<T> {
  const { status, text, json } = await api.call(method, path, body === undefined ? {} : { body });
  if (status !== 200) throw new Error(`${method} ${path} was answered ${status}: ${text.slice(0, 300)}`);
  return json.data as T;
}

const campaignOf = (api: Api, id: number) => dataOf<Campaign>(api, 'GET', `/v3/sms-campaigns/${id}`);

/** Everybody the campaign says it wrote to, by message id, as if each had been a call's answer. */
async function recipientsOf(api: Api, id: number): Promise<Map<string, SentItem>> {
  const accepted = new Map<string, SentItem>();
  for (let page = 1; ; page++) {
    const path = `/v3/sms-campaigns/${id}/recipients?limit=100&page=${page}`;
    const { data, last_page } = await dataOf<{ data: Recipient[]; last_page: number }>(api, 'GET', path);
    for (const { message_id, ...row } of data) {
      if (message_id !== null) accepted.set(message_id, { ...row, message_id, status: 'SUCCESS', custom_string: '' });
    }
    if (page >= last_page) return accepted;
  }
}

/** What the campaign says of itself, against what the judge found. */
function faultsOf(
  campaign: Campaign,
  verdict: Verdict,
  accepted: ReadonlyMap<string, SentItem>,
  { recipients }: CampaignKillOptions,
): string[] {
  const { queued, sent, delivered, failed, unknown } = campaign._statistics;
  const written = new Set([...accepted.values()].map(({ to }) => to)).size;
  const checks: [words: string, expected: number, found: number][] = [
    ['recipients of the campaign', recipients, campaign._total_count],
    ['recipients with a message', recipients, accepted.size],
    ['different numbers written to', recipients, written],
    ['still queued', 0, queued],
    ['sent, failed and unknown together', recipients, sent + failed + unknown],
    ['delivered, as history has it', verdict.delivered, delivered],
    ['unknown, as history has it', verdict.unknown, unknown],
  ];
  return checks
    .filter(([, expected, found]) => expected !== found)
    .map(([words, expected, found]) => `campaign: ${words}: ${found}, not ${expected}`);
}
