import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Random } from '@veredus/protocols/random';
import { LIMITS, type SessionLimits } from '@veredus/protocols/smpp/limits';
import { ServerSession } from '@veredus/protocols/smpp/server-session';
import { STATUS } from '@veredus/protocols/smpp/status';
import { type Admission, admission } from './admit.ts';
import { BoundEsmes } from './bound-esmes.ts';
import type { BoundSession } from './bound-session.ts';
import { Courier } from './courier.ts';
import type { Parcel } from './parcel.ts';
import { RefusedBinds } from './refused-binds.ts';
import type { TakeParts } from './take-submits.ts';
import { Unbound } from './unbound.ts';

export interface DoorParts extends TakeParts {
  random: Random;
}

export interface SmppDoor {
  /** host:port, as it listens. */
  readonly address: string;
  /** Something was queued for an ESME. */
  wake(): void;
  /** Takes no more, answers what it has, says goodbye to all. */
  stop(): Promise<void>;
}

const SESSION_LIMITS: SessionLimits = { ...LIMITS, window: 50, owedLimit: 2_000 };
const BIND_WITHIN_MS = 10_000;
const MOST_CONNECTIONS = 2_000;
/** Within so long an ESME that is disabled, removed or given another password is out. */
const LOOK_AGAIN_MS = 5_000;
/** What a client gets to answer our unbind. */
const GOODBYE_MS = 1_000;
/** Where the database is away at a stop, submits stay without an answer: their clients ask again elsewhere. */
const ANSWER_WITHIN_MS = 3_000;

/** The door for customers' own SMPP clients. Throws what `listen` does. */
export async function openSmppDoor(parts: DoorParts, at: { host: string; port: number }): Promise<SmppDoor> {
  const door = new Door(parts);
  const server = createServer((socket) => door.connected(socket));
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  server.on('error', (error) => parts.log('smpp.fault', { error: error.message }));
  door.start();
  const { address, port, family } = server.address() as AddressInfo;
  return {
    address: family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`,
    wake: () => door.wake(),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await door.stop();
      await closed;
    },
  };
}

class Door {
  readonly #parts: DoorParts;
  readonly #admission: Admission;
  readonly #esmes: BoundEsmes;
  readonly #courier: Courier;
  readonly #unbound = new Unbound();
  readonly #refused: RefusedBinds;
  readonly #sockets = new Set<Socket>();
  #stopping = false;
  #cancelLook: () => void = () => {};
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: DoorParts) {
    this.#parts = parts;
    this.#admission = admission(parts);
    this.#refused = new RefusedBinds(parts.clock, parts.log);
    this.#esmes = new BoundEsmes(parts, this.#admission);
    this.#courier = new Courier({ ...parts, esmes: () => this.#esmes.all() });
  }

  start(): void {
    this.#courier.wake();
    this.#lookLater();
  }

  wake(): void {
    this.#courier.wake();
  }

  connected(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const entered = this.#stopping ? null : this.#unbound.enter(address);
    if (entered === null) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    this.#open(socket, address, entered);
  }

  #open(socket: Socket, address: string, entered: () => void): void {
    const options = { systemId: 'veredus', bindTimeoutMs: BIND_WITHIN_MS, limits: SESSION_LIMITS };
    let bound: BoundSession | null = null;
    let gone = false;
    const session: ServerSession<Parcel> = new ServerSession<Parcel>(socket, this.#parts, options, {
      bind: async ({ systemId, password, interfaceVersion: version }, mode) => {
        const refused = (status: number, why: string) => {
          this.#refused.add({ system_id: systemId, address, why });
          return status;
        };
        const verdict = await this.#admission.bind(systemId, password, address);
        if ('status' in verdict) return refused(verdict.status, verdict.why);
        if (gone || this.#stopping) return refused(STATUS.ESME_RSYSERR, 'the door closes');
        const { passwordHash, binds } = verdict.esme;
        bound = this.#esmes.join(verdict, { session, socket, mode, version, passwordHash });
        if (bound === null) return refused(STATUS.ESME_RALYBND, `it has its ${binds} binds`);
        this.#parts.log('smpp.bound', { system_id: systemId, address, mode });
        return STATUS.ESME_ROK;
      },
      bound: () => {
        entered();
        this.#courier.wake();
      },
      submits: (messages) => {
        // Another node, or this one when it is back, takes them.
        if (this.#stopping) for (const { sequence } of messages) session.respond(sequence, STATUS.ESME_RMSGQFUL, '');
        else bound?.take(messages, this.#parts);
      },
      responses: (endings) => this.#courier.answered(endings),
      ready: () => {
        if (bound !== null) this.#courier.pump(bound.facts.esme);
      },
      closed: (why) => {
        gone = true;
        entered();
        if (bound !== null) this.#left(bound, why);
      },
      fault: (error) => this.#parts.log('smpp.fault', { error: (error as Error).message }),
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelLook();
    await this.#looking;
    await this.#courier.stop();
    const esmes = [...this.#esmes.all()];
    await Promise.race([Promise.all(esmes.map((esme) => esme.idle())), this.#pass(ANSWER_WITHIN_MS)]);
    await this.#sayGoodbye(esmes.flatMap(({ sessions }) => [...sessions]));
    for (const socket of this.#sockets) socket.destroy();
    this.#refused.stop();
    await this.#courier.settled();
  }

  #left(session: BoundSession, why: string): void {
    const { esme } = session.facts;
    this.#esmes.leave(session);
    this.#parts.log('smpp.left', { system_id: esme.esme.systemId, why });
    // What was claimed for it goes to another of its sessions, or back.
    this.#courier.pump(esme);
  }

  #lookLater(): void {
    this.#cancelLook = this.#parts.clock.after(LOOK_AGAIN_MS, () => {
      this.#looking = this.#look().finally(() => {
        if (!this.#stopping) this.#lookLater();
      });
    });
  }

  async #look(): Promise<void> {
    try {
      const barred = await this.#esmes.refresh();
      for (const session of barred) session.leaving = true;
      await this.#sayGoodbye(barred);
    } catch (error) {
      this.#parts.log('smpp.esmes-not-read', { error: (error as Error).message });
    }
  }

  /** Asks sessions to unbind; those that do not answer are hung up on. */
  async #sayGoodbye(sessions: readonly BoundSession[]): Promise<void> {
    if (sessions.length === 0) return;
    const gone = sessions.map(
      ({ facts: { session, socket } }) =>
        new Promise<void>((resolve) => {
          if (socket.destroyed) resolve();
          else socket.once('close', () => resolve());
          session.unbind();
        }),
    );
    await Promise.race([Promise.all(gone), this.#pass(GOODBYE_MS)]);
    for (const { facts } of sessions) facts.session.close('the unbind was not answered');
  }

  #pass(ms: number): Promise<void> {
    return new Promise<void>((resolve) => void this.#parts.clock.after(ms, resolve));
  }
}
