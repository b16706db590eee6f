import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import multipart from '@fastify/multipart';
import { FILE_LIMIT } from '@veredus/contract/endpoints/uploads';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CallFile } from '../accounts/call.ts';
import { Refusal } from '../refusal.ts';

/** One byte beyond the limit is let through, by which whoever counts knows that there was more. */
const LIMITS = {
  fileSize: FILE_LIMIT + 1,
  files: 1,
  fields: 10,
  parts: 11,
  fieldSize: 1_024,
  fieldNameSize: 100,
  headerPairs: 20,
};

/** Lets the routes of a scope take forms. Anywhere else a form is no body. */
export async function takeForms(scope: FastifyInstance): Promise<void> {
  await scope.register(multipart, { limits: LIMITS, throwFileSizeLimit: false });
}

/**
 * The file of a form, as it arrives; undefined when the body is none. Close it whatever happened: what is left of the body
 * is read and forgotten, since many clients only look at the answer once they are done writing.
 *
 * @throws Refusal bad-request for a form without a file, or one that cannot be read.
 */
export async function fileOfForm(
  request: FastifyRequest,
): Promise<{ file: CallFile; close(): Promise<void> } | undefined> {
  if (!request.isMultipart?.()) return undefined;
  const part = await request.file().catch((error: Error) => {
    throw new Refusal('bad-request', `The form could not be read: ${error.message}.`);
  });
  if (!part) {
    const words = 'file is required: the part of the form that holds the file.';
    throw new Refusal('bad-request', words, { fields: { file: words } });
  }
  const source = piecesOf(part.file);
  return {
    file: { name: part.filename ?? '', source },
    async close() {
      await source.return(undefined);
      part.file.resume();
      await finished(part.file).catch(() => {});
    },
  };
}

/** Left open at an early end: what comes after must still be read. */
async function* piecesOf(file: Readable): AsyncGenerator<Uint8Array, void> {
  try {
    yield* file.iterator({ destroyOnReturn: false });
  } catch {
    throw new Refusal('bad-request', 'The upload broke off before the file was complete.');
  }
}
