import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { openapiDocument } from '@veredus/contract/openapi';
import type { FastifyInstance } from 'fastify';

/** `/openapi.json` for programs and `/docs` for people, both from the contract's table. */
export async function addDocs(
  app: FastifyInstance,
  facts: { publicUrl: () => string; version: string },
): Promise<void> {
  const document = () => openapiDocument({ serverUrl: facts.publicUrl(), version: facts.version });
  app.get('/openapi.json', async () => document());
  await app.register(swagger, { mode: 'static', specification: { document: document() as never } });
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { url: '/openapi.json' } });
}
