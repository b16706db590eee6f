import type { Handlers } from '../accounts/call.ts';
import { type UploadParts, uploadFile } from './upload.ts';

export function fileRoutes(parts: UploadParts): Pick<Handlers, 'upload'> {
  return {
    upload: ({ caller, query, body, file }) => uploadFile(parts, caller, { query, body, file }),
  };
}
