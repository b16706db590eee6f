import { Readable } from 'node:stream';
import type { Clock } from '@veredus/protocols/clock';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../db/db.ts';
import { openFile } from '../files/open-file.ts';

type WithName = FastifyRequest<{ Params: { name: string } }>;

/**
 * `/files/{guid}` and `/files/{guid}.{extension}`: what the links of exports and uploads point to. The guid is the secret;
 * the extension is for people. A stranger made the content, so a browser is told in four ways not to show it.
 */
export function addFiles(app: FastifyInstance, parts: { db: Database; clock: Clock }): void {
  const handler = async (request: WithName, reply: FastifyReply) => {
    const file = await openFile(parts, request.params.name.split('.')[0]!);
    reply
      .type(file.contentType)
      .header('content-disposition', attachment(file.name))
      .header('cache-control', 'private, no-store')
      .header('x-content-type-options', 'nosniff')
      .header('content-security-policy', "default-src 'none'; sandbox");
    if (file.size !== null) reply.header('content-length', file.size);
    // Nothing is read for who asks for the headers alone: the framework would read it all to no end.
    if (request.method === 'HEAD') return reply.send();
    return reply.send(Readable.from(file.chunks, { objectMode: false }));
  };
  app.route({ method: ['GET', 'HEAD'], url: '/files/:name', exposeHeadRoute: false, handler });
}

/** RFC 6266: a plain name for everybody, and the whole one for those who can read it. */
function attachment(name: string): string {
  const plain = name.replace(/[^\w.-]/g, '_');
  const whole = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
  return plain === name
    ? `attachment; filename="${plain}"`
    : `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}
