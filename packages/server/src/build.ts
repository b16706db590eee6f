import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import { Authentication } from './accounts/authenticate.ts';
import { bootstrapOwner, type OwnerSecrets } from './accounts/bootstrap.ts';
import type { Handlers } from './accounts/call.ts';
import { refreshCredentials, writeCredentials } from './accounts/credentials.ts';
import { readAccount } from './accounts/routes.ts';
import { addressOf, listenFault } from './build/listen.ts';
import { openSandboxSmsc, openSmsWay, SANDBOX_NUMBER } from './build/sms-way.ts';
import { tasksOf } from './build/tasks.ts';
import { cancelAll } from './campaigns/cancel-all.ts';
import { campaignRoutes } from './campaigns/routes.ts';
import { campaignRunner } from './campaigns/runner.ts';
import { freeCampaigns } from './campaigns/store-expand.ts';
import { countriesRoute } from './channels/sms/countries-route.ts';
import { previewTexts } from './channels/sms/preview.ts';
import { smsRoutes } from './channels/sms/routes.ts';
import type { Config } from './config.ts';
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
import { addEndpoints, openApp } from './http/app.ts';
import { addDocs } from './http/docs.ts';
import { addFiles } from './http/files.ts';
import { addHealth } from './http/health.ts';
import { addLinks } from './http/links.ts';
import { addSandbox, type Sandbox } from './http/sandbox.ts';
import { openImporter } from './imports/importer.ts';
import { importRoutes } from './imports/routes.ts';
import { freeImports } from './imports/store-work.ts';
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
import { sandboxClock } from './sandbox/clock.ts';
import { statisticsRoutes } from './statistics/routes.ts';
import { linkStatisticsRoutes } from './statistics/routes-links.ts';
import { optOutRoutes } from './suppression/routes.ts';
import { templateRoutes } from './templates/routes.ts';

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
    await bootstrapOwner({
      db,
      clock,
      random,
      config,
      async keep(made) {
        secrets = made;
        await writeCredentials(config.dataDir, '', made);
      },
    });

    // How messages leave.
    const newId = messageIds(clock, random);
    const outbound = systemOutbound({ allow: config.allowUrls }, parts.clock);
    const works = config.roles.includes('worker');
    const smsc = config.smsCarrier === null && works ? await openSandboxSmsc(parts, clock) : null;
    const sms = works ? await openSmsWay({ config, clock, random, db, newId, smsc, policies: POLICIES, log }) : null;

    // The way in.
    const rates = await openRates({ pool: db.enginePool, clock, channel: 'sms', log });
    const commit = committer({
      pool: db.enginePool,
      clock,
      dispatcher: (channel) => (channel === Channel.sms ? (sms?.dispatcher ?? null) : null),
      log,
    });
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
    const importParts = { db, clock, random, outbound, publicUrl, log };
    const importer = works ? openImporter(importParts) : null;
    if (config.databaseUrl === null) {
      // The data folder lets one node in at a time, so whoever else works on something in it is gone.
      await freeImports(db.enginePool);
      await freeCampaigns(db.enginePool);
    }
    const handlers: Handlers = {
      ...smsRoutes(smsParts),
      smsPreview: ({ caller, body }) => previewTexts({ ...campaignParts, db }, caller, body),
      ...campaignRoutes({ ...campaignParts, wake: () => campaigns?.wake(), gate: gate(LAUNCHES_AT_ONCE) }),
      ...historyRoutes({ db, clock, random, publicUrl }),
      ...listRoutes({ db, clock, random, publicUrl }),
      ...importRoutes({ ...importParts, wake: () => importer?.wake() }),
      ...contactRoutes({ db, clock, random, publicUrl }),
      ...searchRoutes({ db, clock, random, publicUrl }),
      ...exportRoutes({ db, clock, random, publicUrl }),
      ...receiptRoutes({ db, clock, publicUrl }),
      ...statisticsRoutes({ db, clock }),
      ...linkStatisticsRoutes({ db, clock, random, publicUrl }),
      ...templateRoutes({ db, clock, publicUrl, channel: Channel.sms }),
      ...fileRoutes({ db, clock, random, publicUrl }),
      ...optOutRoutes({ db, clock, publicUrl }),
      ...countriesRoute,
      account: async ({ caller }) => ({ data: await readAccount({ db }, caller), words: 'Account.' }),
      smsCancel: ({ caller, params }) => cancelMessage({ db, clock }, caller, params),
      smsCancelAll: ({ caller, body }) => cancelAll({ db, clock, wake: () => campaigns?.wake() }, caller, body),
    };
    const app = openApp({ newId, trustProxy: [...config.trustProxy], log });
    addHealth(app, {
      ping: () => db.ping(),
      carriers: () => (sms ? [sms.dispatcher.state()] : []),
    });
    const sandbox: Sandbox = { phones: smsc?.phones ?? null, advance: travel ? (ms) => travel.advance(ms) : null };
    if (config.roles.includes('api')) {
      addEndpoints(app, authentication, handlers);
      addSandbox(app, { authentication, sandbox });
      addFiles(app, { db, clock });
      addLinks(app, { pool: db.enginePool, clock, linkUrl: config.linkUrl, log });
      await addDocs(app, { publicUrl, version: parts.version });
    }

    await sms?.dispatcher.start();
    await app.listen({ port: config.port, host: config.host }).catch((error) => {
      throw listenFault(error, config);
    });
    address = addressOf(app.server.address() as AddressInfo, config.host);
    // What goes on by itself: only now that links can say where they lead.
    const tasks =
      sms && campaigns && importer ? tasksOf({ db, clock, sms, campaigns, importer, makePartitions: partitions }) : [];
    const stopTasks = runPeriodically(clock, tasks, log);
    if (secrets) await writeCredentials(config.dataDir, address, secrets);
    else await refreshCredentials(config.dataDir, address, config);

    return {
      url: address,
      async stop(deadlineMs) {
        const deadline = parts.clock.monotonic() + deadlineMs;
        const hangUp = clock.after(deadlineMs / 2, () => app.server.closeAllConnections());
        await app.close();
        hangUp();
        await stopTasks();
        await campaigns?.stop();
        await importer?.stop(deadlineMs / 3);
        rates.close();
        await sms?.dispatcher.stop(deadlineMs / 3);
        await sms?.replies.stop();
        await smsc?.close();
        await authentication.close();
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
