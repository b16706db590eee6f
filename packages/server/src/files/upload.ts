import type { Body, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { conversions, FILE_LIMIT } from '@veredus/contract/endpoints/uploads';
import type { Answer, CallFile } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { showMessageId } from '../messages/ids.ts';
import { Refusal } from '../refusal.ts';
import { decodeBase64, NotBase64 } from './base64.ts';
import { CSV_TYPE, extensionOf, XLSX_TYPE } from './content-types.ts';
import { peek } from './peek.ts';
import { type SaveParts, saveFile } from './save-file.ts';
import { HEAD_BYTES, sniffTable } from './sniff-table.ts';

export interface UploadParts extends SaveParts {
  publicUrl(): string;
}

export interface UploadInput {
  query: Query<Endpoints['upload']>;
  body: Body<Endpoints['upload']>;
  file: CallFile | undefined;
}

/**
 * Stores a file and answers its address. What it is its first bytes say; its name and the type its sender gives it do not
 * count. The id in the address is its only secret, 122 random bits.
 *
 * @throws Refusal bad-request for a conversion not built yet and for what is no table; too-large beyond 64 MB.
 */
export async function uploadFile(
  parts: UploadParts,
  caller: Caller,
  { query, body, file }: UploadInput,
): Promise<Answer<Endpoints['upload']>> {
  checkConversion(query.convert ?? body?.convert);
  const { name, field, source } = sourceOf(body, file);
  const { head, rest } = await peek(source, HEAD_BYTES);
  const sniffed = sniffTable(head);
  if (sniffed.kind === null) throw fault(field, sniffed.words);
  const contentType = sniffed.kind === 'xlsx' ? XLSX_TYPE : CSV_TYPE;
  const saved = await saveFile(parts, caller, { name, contentType, source: rest, maxBytes: FILE_LIMIT });
  const shown = `${showMessageId(saved.fileId)}.${extensionOf(contentType)}`;
  return {
    data: {
      upload_id: saved.uploadId,
      user_id: caller.accountId,
      file_name: shown,
      _url: `${parts.publicUrl()}/files/${shown}`,
      date_added: Math.floor(saved.createdAt / 1000),
      date_delete: Math.floor(saved.expiresAt / 1000),
    },
    words: 'Uploaded.',
  };
}

function checkConversion(given: unknown): void {
  const convert = typeof given === 'string' ? given.trim().toLowerCase() : '';
  if (convert === 'csv') return;
  if (convert === '') throw fault('convert', 'convert is required: say what the file is for, e.g. ?convert=csv.');
  const known = conversions.some((conversion) => conversion === convert);
  throw fault(
    'convert',
    known
      ? `convert=${convert} is for a later release: this one takes files of contacts only, with convert=csv.`
      : 'convert must be csv, for a file of contacts (CSV, TSV or .xlsx).',
  );
}

function sourceOf(body: UploadInput['body'], file: CallFile | undefined) {
  if (file) return { name: file.name, field: 'file', source: file.source };
  if (body?.content) return { name: '', field: 'content', source: bytesOf(body.content) };
  throw fault(
    'content',
    'content is required: the file in base64. Or send a form (multipart/form-data) with a part file.',
  );
}

async function* bytesOf(content: string): AsyncGenerator<Uint8Array> {
  try {
    yield* decodeBase64(content);
  } catch (error) {
    throw error instanceof NotBase64
      ? fault('content', 'content must be the file in base64, and nothing else.')
      : error;
  }
}

function fault(field: string, words: string): Refusal {
  return new Refusal('bad-request', words, { fields: { [field]: words } });
}
