import type { Handlers } from '../accounts/call.ts';
import { gate } from '../gate.ts';
import { stopImport, undoImport } from './end-import.ts';
import { previewFirstRow, previewImport } from './preview-import.ts';
import { listFaults, listImports, readImport } from './read-imports.ts';
import { type StartParts, startImport } from './start-import.ts';

type ImportHandlers = Pick<
  Handlers,
  | 'listImport'
  | 'listImportCsvPreview'
  | 'listImportPreview'
  | 'listImports'
  | 'listImportById'
  | 'listImportErrors'
  | 'listImportUndo'
  | 'listImportCancel'
>;

/** A workbook of 5 MB may take 250 MB while its first rows are read. */
const PREVIEWS_AT_ONCE = 2;

export function importRoutes(parts: StartParts): ImportHandlers {
  const preview = gate(PREVIEWS_AT_ONCE);
  return {
    listImport: ({ caller, params, body }) => startImport(parts, caller, params.list_id, body),
    listImportCsvPreview: ({ caller, params, body }) =>
      preview(() => previewFirstRow(parts, caller, params.list_id, body)),
    listImportPreview: ({ caller, params, body }) => preview(() => previewImport(parts, caller, params.list_id, body)),
    listImports: ({ caller, params, query }) => listImports(parts, caller, params.list_id, query),
    listImportById: ({ caller, params }) => readImport(parts, caller, params),
    listImportErrors: ({ caller, params, query }) => listFaults(parts, caller, params, query),
    listImportUndo: ({ caller, params }) => undoImport(parts, caller, params),
    listImportCancel: ({ caller, params }) => stopImport(parts, caller, params),
  };
}
