import { Readable } from 'node:stream';
import type { Clock } from '@veredus/protocols/clock';
import type { FastifyInstance } from 'fastify';
import type { Database } from '../db/db.ts';
import { openExport } from '../files/open-export.ts';

/** `/files/{guid}`: what an export link points to. The guid is the secret; the file is always an attachment. */
export function addFiles(app: FastifyInstance, parts: { db: Database; clock: Clock }): void {
  app.get<{ Params: { guid: string } }>('/files/:guid', async (request, reply) => {
    const file = await openExport(parts, request.params.guid);
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${file.name.replace(/[^\w.-]/g, '_')}"`)
      .header('cache-control', 'private, no-store')
      .header('x-content-type-options', 'nosniff')
      .send(Readable.from(file.chunks));
  });
}
