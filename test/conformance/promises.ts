import type { PromiseMade } from './promise.ts';
import { agents } from './promises/agents.ts';
import { broker } from './promises/broker.ts';
import { campaigns } from './promises/campaigns.ts';
import { connectPage } from './promises/connect-page.ts';
import { connections } from './promises/connections.ts';
import { events } from './promises/events.ts';
import { files } from './promises/files.ts';
import { house } from './promises/house.ts';
import { imports } from './promises/imports.ts';
import { inbound } from './promises/inbound.ts';
import { links } from './promises/links.ts';
import { lists } from './promises/lists.ts';
import { mail } from './promises/mail.ts';
import { mcp } from './promises/mcp.ts';
import { optOuts } from './promises/opt-outs.ts';
import { platform } from './promises/platform.ts';
import { resilience } from './promises/resilience.ts';
import { ruleEngine } from './promises/rule-engine.ts';
import { runs } from './promises/runs.ts';
import { seed } from './promises/seed.ts';
import { smppDoor } from './promises/smpp-door.ts';
import { templates } from './promises/templates.ts';
import { tools } from './promises/tools.ts';
import { webhooks } from './promises/webhooks.ts';
import { wire } from './promises/wire.ts';

/** Everything promised so far. A test that proves one cites its id; promises.test.ts finds those nobody proves. */
export const promises = {
  ...agents,
  ...house,
  ...wire,
  ...platform,
  ...resilience,
  ...files,
  ...events,
  ...broker,
  ...campaigns,
  ...connectPage,
  ...connections,
  ...seed,
  ...smppDoor,
  ...templates,
  ...tools,
  ...links,
  ...imports,
  ...inbound,
  ...optOuts,
  ...lists,
  ...mail,
  ...mcp,
  ...ruleEngine,
  ...webhooks,
  ...runs,
} satisfies Record<string, PromiseMade>;

export type PromiseId = keyof typeof promises;

/**
 * The title of a test that proves promises: `test(verifies('sms:cancel', 'a claimed message stays'), ...)` reads
 * `[sms:cancel] a claimed message stays`. Several ids come first, the words last.
 */
export function verifies(...idsThenWords: [PromiseId, ...PromiseId[], words: string]): string {
  const ids = idsThenWords.slice(0, -1).map((id) => `[${id}]`);
  return `${ids.join(' ')} ${idsThenWords.at(-1)}`;
}
