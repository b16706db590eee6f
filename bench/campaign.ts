import { setTimeout as sleep } from 'node:timers/promises';
import { now } from './now.ts';
import { startBenchServer, untilBound } from './server.ts';
import { type SinkProcess, untilAcknowledged } from './sink-process.ts';

/** What one campaign to a list took. Rates from the call to the moment named. */
export interface CampaignRun {
  submittedPerSecond: number;
  fullPerSecond: number;
  /** The call that launches it, until its answer. */
  launchMs: number;
  priceMs: number;
}

export const RECIPIENTS = 20_000;
/** As long as the text of the other cases once it is merged, and of as many parts. */
const PLAIN = `Hi (First Name), ${'x'.repeat(70)} Reply STOP`;
const LINKED = `Hi (First Name), ${'x'.repeat(70)} StopMsg.me/xxxxx`;

/**
 * One campaign on a server just started on an empty database, its list imported before the clock starts.
 *
 * @param links whether each text carries an opt-out link of its recipient's own, which is a row more.
 */
export async function runCampaign(options: {
  sink: SinkProcess;
  window: number;
  links: boolean;
  profileFolder: string | null;
}): Promise<CampaignRun> {
  const { sink } = options;
  const server = await startBenchServer(
    `smpp://u:p@127.0.0.1:${sink.port}?window=${options.window}`,
    options.profileFolder,
  );
  try {
    await untilBound(async () => (await sink.counters()).links);
    const call = caller(server.url, server.authorization);
    const list_id = await fillList(call);
    const campaign = { list_id, name: 'Bench', body: options.links ? LINKED : PLAIN };
    const pricedAt = now();
    const price = await call('POST', '/v3/sms-campaigns/price', campaign);
    const priceMs = now() - pricedAt;
    if (price.total_count !== RECIPIENTS) throw new Error(`${price.total_count} of ${RECIPIENTS} were priced`);
    await sink.reset();
    const startedAt = now();
    await call('POST', '/v3/sms-campaigns/send', campaign);
    const launchMs = now() - startedAt;
    const seen = await untilAcknowledged(sink, RECIPIENTS);
    const delivered = await server.countMessages('status_code:201');
    if (delivered !== RECIPIENTS) throw new Error(`history shows ${delivered} of ${RECIPIENTS} as delivered`);
    const perSecond = (until: number) => RECIPIENTS / ((until - startedAt) / 1_000);
    return {
      submittedPerSecond: perSecond(seen.lastSubmitAt),
      fullPerSecond: perSecond(seen.lastAckedAt),
      launchMs,
      priceMs,
    };
  } finally {
    await server.stop();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
type Data = any;
type Call = (method: string, path: string, body?: unknown) => Promise<Data>;

function caller(url: string, authorization: string): Call {
  return async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { data: Data; response_msg: string };
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${answer.response_msg}`);
    return answer.data;
  };
}

async function fillList(call: Call): Promise<number> {
  const { list_id } = await call('POST', '/v3/lists', { list_name: 'Bench' });
  const lines = Array.from({ length: RECIPIENTS }, (_, i) => `+614${10_000_000 + i},Ana${i}`);
  const content = Buffer.from(lines.join('\n')).toString('base64');
  const { _url } = await call('POST', '/v3/uploads?convert=csv', { content });
  const order = { file_url: _url, field_order: ['phone', 'first_name'] };
  const { id } = await call('POST', `/v3/lists/${list_id}/import`, order);
  for (let looks = 0; ; looks++) {
    const { state } = await call('GET', `/v3/lists/${list_id}/imports/${id}`);
    if (state === 'done') return list_id;
    if (looks === 1_200) throw new Error(`the import did not end within a minute: ${state}`);
    await sleep(50);
  }
}
