import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { ToolAnswer } from '@veredus/tools/host';
import { Authentication } from './accounts/authenticate.ts';
import { bootstrapOwner, type OwnerSecrets } from './accounts/bootstrap.ts';
import type { Handlers } from './accounts/call.ts';
import { refreshCredentials, writeCredentials } from './accounts/credentials.ts';
import { readAccount } from './accounts/routes.ts';
import { deriveKey, openSecretKey } from './accounts/secret-key.ts';
import { ensureFirstAgent } from './agents/first-agent.ts';
import { agentRoutes } from './agents/routes.ts';
import { endAbandoned } from './agents/store-executions.ts';
import { auditRoutes } from './audit/routes.ts';
import { addAgentFaces } from './build/agent-faces.ts';
import { openAgents } from './build/agents.ts';
import { type Automation, openAutomation } from './build/automation.ts';
import { addressOf, listenFault } from './build/listen.ts';
import { openMailWay, openSandboxMailbox } from './build/mail-way.ts';
import { esmeTasks, openDoor } from './build/smpp-door.ts';
import { openSandboxSmsc, openSmsWay, SANDBOX_NUMBER } from './build/sms-way.ts';
import { tasksOf } from './build/tasks.ts';
import type { WayOut } from './build/way-out.ts';
import { cancelAll } from './campaigns/cancel-all.ts';
import { campaignRoutes } from './campaigns/routes.ts';
import { campaignRunner } from './campaigns/runner.ts';
import { freeCampaigns } from './campaigns/store-expand.ts';
import { countriesRoute } from './channels/sms/countries-route.ts';
import { previewTexts } from './channels/sms/preview.ts';
import { smsRoutes } from './channels/sms/routes.ts';
import type { Config } from './config.ts';
import { connectionRoutes } from './connections/routes.ts';
import { checkServer } from './db/check-server.ts';
import { openDatabase } from './db/db.ts';
import { openEmbedded } from './db/embedded/open-embedded.ts';
import { migrate } from './db/migrate.ts';
import { makePartitions } from './db/partitions.ts';
import { withClient } from './db/with-client.ts';
import { fileRoutes } from './files/routes.ts';
import { exportRoutes } from './files/routes-exports.ts';
import { gate } from './gate.ts';
import { historyRoutes } from './history/routes.ts';
import { eventRoutes } from './history/routes-events.ts';
import { addEndpoints, openApp } from './http/app.ts';
import { addDocs } from './http/docs.ts';
import { addEvents } from './http/events.ts';
import { addFiles } from './http/files.ts';
import { addHealth } from './http/health.ts';
import { addLinks } from './http/links.ts';
import { addSandbox, type Sandbox } from './http/sandbox.ts';
import { openImporter } from './imports/importer.ts';
import { importRoutes } from './imports/routes.ts';
import { freeImports } from './imports/store-work.ts';
import { inboundRoutes } from './inbound/routes.ts';
import { contactRoutes, listRoutes, searchRoutes } from './lists/routes.ts';
import { cancelMessage } from './messages/cancel.ts';
import { committer } from './messages/commit.ts';
import { messageIds } from './messages/ids.ts';
import { Channel } from './messages/message.ts';
import type { Policy } from './messages/policy.ts';
import { duplicateGuard } from './messages/throttle.ts';
import { systemOutbound } from './outbound/system-outbound.ts';
import { runPeriodically } from './periodic.ts';
import { openRates } from './pricing/rates.ts';
import { receiptRoutes } from './receipts/routes.ts';
import { ruleRoutes } from './rules/routes.ts';
import { ruleActionRoutes } from './rules/routes-actions.ts';
import { freeActions } from './rules/store-actions.ts';
import { sandboxClock } from './sandbox/clock.ts';
import { statisticsRoutes } from './statistics/routes.ts';
import { linkStatisticsRoutes } from './statistics/routes-links.ts';
import { optOutRoutes } from './suppression/routes.ts';
import { templateRoutes } from './templates/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';
import { webhookSender } from './webhooks/send.ts';
import { freeWebhooks } from './webhooks/store-claims.ts';

export interface BuildParts {
  config: Config;
  clock: Clock;
  random: Random;
  version: string;
  /** Fires when the start is to be given up. */
  abort: AbortSignal;
  /** The data folder is another process's now: nothing may be written any more. */
  lost(why: string): void;
  log(event: string, facts: Record<string, unknown>): void;
}

export interface Server {
  url: string;
  /** Runs an action for the holder of a key, in process. Throws a Refusal as the other faces answer it. */
  run(key: string, slug: string, args: unknown): Promise<ToolAnswer>;
  /** Drains within about `deadlineMs`: no new calls, answers those under way, settles what is out. */
  stop(deadlineMs: number): Promise<void>;
}

/** PostgreSQL takes 20 to 80 ms; without time left it would be killed and recover at the next start. */
const LEAST_ENGINE_STOP_MS = 1_000;
/** Each holds one of the engine's connections while its list is read. */
const LAUNCHES_AT_ONCE = 2;
/** Asked at accept and at dispatch, in this order. None until one can be configured. */
const POLICIES: readonly Policy[] = [];

/** Wires the platform by hand, top to bottom. */
export async function openServer(parts: BuildParts): Promise<Server> {
  const { config, random, log } = parts;
  const travel = config.clock === 'sandbox' ? sandboxClock(parts.clock) : null;
  const clock = travel ?? parts.clock;

  // The engine and its tables.
  const engine = await openEngine(parts);
  try {
    await migrate(engine.url, { clock: parts.clock, log });
    const partitions = () =>
      withClient(engine.url, (client) => makePartitions(client, clock.now()), {
        application_name: 'veredus partitions',
      });
    await partitions();
    const db = openDatabase(engine.url, { clock: parts.clock, log });

    // The first owner. credentials.json is written before the owner is committed, and gets its address when that is known.
    let secrets: OwnerSecrets | null = null;
    const { accountId: ownerAccountId } = await bootstrapOwner({
      db,
      clock,
      random,
      config,
      async keep(made) {
        secrets = made;
        await writeCredentials(config.dataDir, '', made);
      },
    });

    await ensureFirstAgent({ db, clock });
    const secretKey = await openSecretKey({ pool: db.enginePool, random, config });

    // How messages leave.
    const newId = messageIds(clock, random);
    const outbound = systemOutbound({ allow: config.allowUrls }, parts.clock);
    const works = config.roles.includes('worker');
    const smsc = config.smsCarrier === null && works ? await openSandboxSmsc(parts, clock) : null;
    const mailbox = config.emailCarrier === null && works ? await openSandboxMailbox({ clock, random, log }) : null;
    // Who sends real SMS may think that mails are real as well.
    if (mailbox && !smsc) log('mail.sandbox', { words: 'Mails leave for nowhere: VEREDUS_EMAIL_CARRIER is not set.' });
    const wayParts = { config, clock, random, db, newId, policies: POLICIES, log };
    let automation: Automation | null = null;
    const textsStored = () => automation?.textsStored();
    const sms = works ? await openSmsWay({ ...wayParts, smsc, textsStored }) : null;
    const mail = works ? await openMailWay({ ...wayParts, mailbox }) : null;

    // The way in.
    const rates = await openRates({ pool: db.enginePool, clock, channel: 'sms', log });
    const ways = new Map<number, WayOut | null>([
      [Channel.sms, sms],
      [Channel.email, mail],
    ]);
    const dispatcher = (channel: Channel) => ways.get(channel)?.dispatcher ?? null;
    const commit = committer({ pool: db.enginePool, clock, dispatcher, log });
    const mailParts = { pool: db.enginePool, clock, newId, commit, policies: POLICIES };
    const authentication = new Authentication({ enginePool: db.enginePool, clock, random });
    let address = '';
    const publicUrl = () => config.publicUrl ?? address;
    const smsParts = {
      pool: db.enginePool,
      clock,
      newId,
      commit,
      guard: duplicateGuard(clock),
      policies: POLICIES,
      rates,
      sharedNumber: config.smsCarrier === null ? SANDBOX_NUMBER : '',
      random,
      linkBase: () => config.linkUrl ?? `${publicUrl()}/s`,
    };
    const campaignParts = {
      ...smsParts,
      publicUrl,
      maxLatenessMs: config.campaignLateness * 60_000,
      wakeDispatch: () => sms?.dispatcher.wake(),
      log,
    };
    const campaigns = works ? campaignRunner(campaignParts) : null;
    const keyOf = (endpointId: number, generation: number) =>
      deriveKey(secretKey, `webhook/${endpointId}/${generation}`);
    const webhooks = works ? webhookSender({ pool: db.enginePool, clock, random, outbound, keyOf, log }) : null;
    const wakes = { pushed: () => webhooks?.wake(), forwarded: () => {} };
    const forwarded = () => wakes.forwarded();
    automation = works ? openAutomation({ ...smsParts, ...wakes, forwarded, mail: mailParts, log }) : null;
    const importParts = { db, clock, random, outbound, publicUrl, log };
    const importer = works ? openImporter(importParts) : null;
    if (config.databaseUrl === null) {
      // The data folder lets one node in at a time, so whoever else works on something in it is gone.
      await freeImports(db.enginePool);
      await freeCampaigns(db.enginePool);
      await freeActions(db.enginePool);
      await freeWebhooks(db.enginePool, clock.now());
      await endAbandoned(db.enginePool, clock.now() + 1);
    }
    const agents = openAgents({
      ...{ config, db, clock, random, newId, secretKey, authentication, publicUrl, log },
      handlers: () => handlers,
    });
    const pushParts = { db, clock, newId, allowUrls: config.allowUrls, wakeWebhooks: () => wakes.pushed() };
    const handlers: Handlers = {
      ...smsRoutes(smsParts),
      smsPreview: ({ caller, body }) => previewTexts({ ...campaignParts, db }, caller, body),
      ...campaignRoutes({ ...campaignParts, wake: () => campaigns?.wake(), gate: gate(LAUNCHES_AT_ONCE) }),
      ...historyRoutes({ db, clock, random, publicUrl }),
      ...eventRoutes({ db, clock }),
      ...listRoutes({ db, clock, random, publicUrl }),
      ...importRoutes({ ...importParts, wake: () => importer?.wake() }),
      ...contactRoutes({ db, clock, random, publicUrl }),
      ...searchRoutes({ db, clock, random, publicUrl }),
      ...exportRoutes({ db, clock, random, publicUrl }),
      ...receiptRoutes({ ...pushParts, publicUrl }),
      ...inboundRoutes({ ...pushParts, publicUrl }),
      ...ruleRoutes({ ...pushParts, publicUrl }),
      ...ruleActionRoutes({ db, publicUrl }),
      ...webhookRoutes({ ...pushParts, publicUrl, keyOf }),
      ...statisticsRoutes({ db, clock }),
      ...linkStatisticsRoutes({ db, clock, random, publicUrl }),
      ...templateRoutes({ db, clock, publicUrl, channel: Channel.sms }),
      ...fileRoutes({ db, clock, random, publicUrl }),
      ...optOutRoutes({ db, clock, publicUrl }),
      ...agentRoutes({ db, clock, random, publicUrl, forget: (userId) => authentication.forget(userId) }),
      ...auditRoutes({ db, publicUrl }),
      ...connectionRoutes(agents.connections),
      ...countriesRoute,
      account: async ({ caller }) => ({ data: await readAccount({ db }, caller), words: 'Account.' }),
      smsCancel: ({ caller, params }) => cancelMessage({ db, clock }, caller, params),
      smsCancelAll: ({ caller, body }) => cancelAll({ db, clock, wake: () => campaigns?.wake() }, caller, body),
    };
    const app = openApp({ newId, trustProxy: [...config.trustProxy], log });
    addHealth(app, {
      ping: () => db.ping(),
      carriers: () => [sms, mail].flatMap((way) => (way ? [way.dispatcher.state()] : [])),
    });
    const sandbox: Sandbox = {
      phones: smsc?.phones ?? null,
      mailbox,
      advance: travel ? (ms) => travel.advance(ms) : null,
    };
    if (config.roles.includes('api')) {
      addEndpoints(app, authentication, handlers);
      addSandbox(app, { authentication, sandbox, publicUrl, ownerAccountId });
      addFiles(app, { db, clock });
      addEvents(app, { authentication, db, clock, log });
      addAgentFaces(app, { config, clock, version: parts.version, authentication, agents, publicUrl, log });
      addLinks(app, { pool: db.enginePool, clock, linkUrl: config.linkUrl, log });
      await addDocs(app, { publicUrl, version: parts.version });
    }

    await sms?.dispatcher.start();
    await mail?.dispatcher.start();
    await app.listen({ port: config.port, host: config.host }).catch((error) => {
      throw listenFault(error, config);
    });
    address = addressOf(app.server.address() as AddressInfo, config.host);
    // What goes on by itself: only now that links can say where they lead.
    const tasks =
      sms && mail && campaigns && importer && automation && webhooks
        ? tasksOf({ db, clock, sms, mail, campaigns, importer, automation, webhooks, makePartitions: partitions })
        : [];
    if (works) tasks.push(...agents.tasks);
    if (works) tasks.push(...esmeTasks({ pool: db.enginePool, clock, newId, log }));
    const stopTasks = runPeriodically(clock, tasks, log);
    const door = await openDoor(config, { ...smsParts, log });
    if (door) wakes.forwarded = () => door.wake();
    if (secrets) await writeCredentials(config.dataDir, address, secrets);
    else await refreshCredentials(config.dataDir, address, config);

    return {
      url: address,
      run: (key, slug, args) => agents.run(key, slug, args),
      async stop(deadlineMs) {
        const deadline = parts.clock.monotonic() + deadlineMs;
        await door?.stop();
        const hangUp = clock.after(deadlineMs / 2, () => app.server.closeAllConnections());
        await app.close();
        hangUp();
        await stopTasks();
        await campaigns?.stop();
        await automation?.stop();
        await importer?.stop(deadlineMs / 3);
        rates.close();
        await Promise.all([
          ...[sms, mail].map((way) => way?.dispatcher.stop(deadlineMs / 3)),
          webhooks?.stop(deadlineMs / 3),
        ]);
        await sms?.replies.stop();
        await smsc?.close();
        await mailbox?.close();
        await authentication.close();
        agents.close();
        await db.close();
        await engine.stop(Math.max(LEAST_ENGINE_STOP_MS, deadline - parts.clock.monotonic()));
      },
    };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

interface Engine {
  url: string;
  stop(deadlineMs?: number): Promise<void>;
}

/** The embedded PostgreSQL, or the one that DATABASE_URL names. */
async function openEngine({ config, clock, random, log, lost, abort }: BuildParts): Promise<Engine> {
  if (config.databaseUrl !== null) {
    await checkServer(config.databaseUrl);
    // credentials.json goes there all the same.
    await mkdir(config.dataDir, { recursive: true });
    return { url: config.databaseUrl, stop: async () => {} };
  }
  return openEmbedded({ dataDir: config.dataDir, clock, random, log, lost, abort });
}
