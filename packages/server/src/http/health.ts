import type { FastifyInstance } from 'fastify';
import { Gauge, Registry } from 'prom-client';

export interface Health {
  /** Rejects while the database does not answer. */
  ping(): Promise<unknown>;
  /** What each dispatcher holds, by carrier. */
  carriers(): readonly { carrier: string; waiting: number; out: number; links: readonly { free: number }[] }[];
}

/**
 * `/healthz`: the process runs. `/readyz`: it can serve (503 while the database is away). `/metrics`: Prometheus text;
 * read without credentials, so it holds counts only.
 */
export function addHealth(app: FastifyInstance, health: Health): void {
  const registry = new Registry();
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `veredus_${name}`, help, labelNames: ['carrier'], registers: [registry] });
  const waiting = gauge('dispatch_waiting', 'Claimed messages that wait in memory for a free slot.');
  const out = gauge('dispatch_out', 'Messages handed to the carrier whose outcome is not committed yet.');
  const links = gauge('links_up', 'Links with free slots.');
  const memory = new Gauge({ name: 'veredus_resident_bytes', help: 'Memory of the process.', registers: [registry] });

  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await health.ping();
      return { status: 'ok' };
    } catch {
      return reply.status(503).header('retry-after', '2').send({ status: 'database away' });
    }
  });
  app.get('/metrics', async (_request, reply) => {
    for (const state of health.carriers()) {
      waiting.set({ carrier: state.carrier }, state.waiting);
      out.set({ carrier: state.carrier }, state.out);
      links.set({ carrier: state.carrier }, state.links.filter((link) => link.free > 0).length);
    }
    memory.set(process.memoryUsage.rss());
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
