import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import { Authentication } from './accounts/authenticate.ts';
import { bootstrapOwner, type OwnerSecrets } from './accounts/bootstrap.ts';
import type { Handlers } from './accounts/call.ts';
import { refreshCredentials, writeCredentials } from './accounts/credentials.ts';
import { readAccount } from './accounts/routes.ts';
import { openCarrier } from './carriers/registry.ts';
import { countriesRoute } from './channels/sms/countries-route.ts';
import { smsRoutes } from './channels/sms/routes.ts';
import type { Config } from './config.ts';
import { checkServer } from './db/check-server.ts';
import { type Database, openDatabase } from './db/db.ts';
import { openEmbedded } from './db/embedded/open-embedded.ts';
import { isAlive } from './db/embedded/postmaster.ts';
import { migrate } from './db/migrate.ts';
import { makePartitions } from './db/partitions.ts';
import { StartRefused } from './db/start-refused.ts';
import { withClient } from './db/with-client.ts';
import { historyRoutes } from './history/routes.ts';
import { addEndpoints, openApp } from './http/app.ts';
import { addDocs } from './http/docs.ts';
import { addFiles } from './http/files.ts';
import { addHealth } from './http/health.ts';
import { addSandbox, type Sandbox } from './http/sandbox.ts';
import { storeInbound } from './inbound/store.ts';
import { cancelAllScheduled, cancelMessage } from './messages/cancel.ts';
import { committer } from './messages/commit.ts';
import { type Dispatcher, openDispatcher } from './messages/dispatch.ts';
import { messageIds } from './messages/ids.ts';
import { Channel } from './messages/message.ts';
import type { Policy } from './messages/policy.ts';
import { carrierNumber, closeExpiredLeases, recoverClaims } from './messages/store-claims.ts';
import { releaseOldHolds } from './messages/store-holds.ts';
import { dropOldKeys } from './messages/store-idempotency.ts';
import { type ReceiptTaker, receiptTaker } from './messages/take-receipts.ts';
import { duplicateGuard } from './messages/throttle.ts';
import { runPeriodically } from './periodic.ts';
import { openRates } from './pricing/rates.ts';
import { receiptRoutes } from './receipts/routes.ts';
import { sandboxClock } from './sandbox/clock.ts';
import { openSmsc, type Smsc } from './sandbox/smsc.ts';
import { rollUp } from './statistics/rollup.ts';
import { statisticsRoutes } from './statistics/routes.ts';

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

/** A receipt shows this much later, and costs a third less. */
const LINGER_MS = 10;
/** PostgreSQL takes 20 to 80 ms; without time left it would be killed and recover at the next start. */
const LEAST_ENGINE_STOP_MS = 1_000;
const KEYS_KEPT_MS = 7 * 86_400_000;
/** Asked at accept and at dispatch, in this order. None until one can be configured. */
const POLICIES: readonly Policy[] = [];
/** What one round of a clean-up may touch, so that it never holds anything up. */
const SWEEP_LIMIT = 5_000;

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
    const works = config.roles.includes('worker');
    const smsc = config.smsCarrier === null && works ? await openSandboxSmsc(parts, clock) : null;
    const sms = works ? await openSms({ ...parts, clock }, db, newId, smsc) : null;

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
    const handlers: Handlers = {
      ...smsRoutes({
        pool: db.enginePool,
        clock,
        newId,
        commit,
        guard: duplicateGuard(clock),
        policies: POLICIES,
        rates,
        sharedNumber: config.smsCarrier === null ? SANDBOX_NUMBER : '',
      }),
      ...historyRoutes({ db, clock, random, publicUrl }),
      ...receiptRoutes({ db, clock, publicUrl }),
      ...statisticsRoutes({ db, clock }),
      ...countriesRoute,
      account: async ({ caller }) => ({ data: await readAccount({ db }, caller), words: 'Account.' }),
      smsCancel: ({ caller, params }) => cancelMessage({ db, clock }, caller, params),
      smsCancelAll: ({ caller, body }) => cancelAllScheduled({ db, clock }, caller, body),
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
      await addDocs(app, { publicUrl, version: parts.version });
    }

    // What goes on by itself.
    const stopTasks = runPeriodically(clock, works ? tasksOf(db, clock, sms, partitions) : [], log);
    await sms?.dispatcher.start();
    await app.listen({ port: config.port, host: config.host }).catch((error) => {
      throw listenFault(error, config);
    });
    address = addressOf(app.server.address() as AddressInfo, config.host);
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
        rates.close();
        await sms?.dispatcher.stop(deadlineMs / 3);
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

/** The number that stands for "shared" in the sandbox: one of those that are never given to anybody. */
const SANDBOX_NUMBER = '+61491570006';

async function openSandboxSmsc({ random, log }: BuildParts, clock: Clock): Promise<Smsc> {
  const password = Buffer.from(random.bytes(4)).toString('hex');
  return openSmsc({ clock, random, log, systemId: 'sandbox', password });
}

interface SmsWay {
  dispatcher: Dispatcher;
  receipts: ReceiptTaker;
}

async function openSms(parts: BuildParts, db: Database, newId: () => string, smsc: Smsc | null): Promise<SmsWay> {
  const { config, clock, random, log } = parts;
  const url = smsc ? smsc.url : config.smsCarrier!;
  const carrier = openCarrier(url, { clock, random, log });
  if ('faults' in carrier) throw new StartRefused(`VEREDUS_SMS_CARRIER: ${carrier.faults.join(' ')}`);
  // The sandbox listens on another port after each start and is the same carrier all the while.
  const name = smsc ? 'sandbox' : carrier.name;
  const carrierId = await carrierNumber(db.enginePool, name);
  const receipts = receiptTaker({
    pool: db.enginePool,
    clock,
    newId,
    carrierId,
    receiptIds: carrier.receiptIds ?? 'auto',
  });
  const dispatcher = openDispatcher({
    pool: db.enginePool,
    clock,
    random,
    carrier,
    carrierId,
    channel: Channel.sms,
    node: `${hostname()}/${process.pid}`,
    // The data folder lets one node in at a time, so whoever else holds a lease in it is gone.
    isGone: config.databaseUrl === null ? () => true : hasEnded,
    receipts,
    policies: POLICIES,
    lingerMs: LINGER_MS,
    inbound: (messages) => storeInbound(db.enginePool, messages, { carrierId, at: clock.now(), newId }),
    log,
  });
  return { dispatcher, receipts };
}

/** By its `host/pid`: a process of this machine that runs no more, or a former life whose pid is now ours. */
function hasEnded(node: string): boolean {
  const [host, pid] = node.split('/');
  return host === hostname() && (Number(pid) === process.pid || !isAlive(Number(pid)));
}

function tasksOf(db: Database, clock: Clock, sms: SmsWay | null, partitions: () => Promise<unknown>) {
  const pool = db.enginePool;
  return [
    {
      name: 'recover claims',
      everyMs: 5_000,
      async run() {
        await closeExpiredLeases(pool, clock.now());
        const { requeued } = await recoverClaims(pool, clock.now());
        if (requeued > 0) sms?.dispatcher.wake();
      },
    },
    { name: 'match orphan receipts', everyMs: 1_000, run: async () => sms?.receipts.matchOrphans() },
    { name: 'roll up statistics', everyMs: 5_000, run: () => rollUp(pool) },
    { name: 'release old holds', everyMs: 60_000, run: () => releaseOldHolds(pool, clock.now(), SWEEP_LIMIT) },
    {
      name: 'drop old idempotency keys',
      everyMs: 600_000,
      run: () => dropOldKeys(pool, clock.now() - KEYS_KEPT_MS, SWEEP_LIMIT),
    },
    { name: 'make partitions', everyMs: 6 * 3_600_000, run: partitions },
  ];
}

function listenFault(error: Error & { code?: string }, { host, port }: Config): Error {
  if (error.code === 'EADDRINUSE')
    return new StartRefused(
      `Port ${port} on ${host} is in use by another program: set PORT to another one, or to 0 for any free one.`,
    );
  if (error.code === 'EACCES')
    return new StartRefused(`This user may not listen on port ${port}: set PORT to one above 1023.`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new StartRefused(`HOST ${host} is no address of this machine.`);
  return error;
}

function addressOf({ address, port, family }: AddressInfo, host: string): string {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${shown}:${port}`;
}
