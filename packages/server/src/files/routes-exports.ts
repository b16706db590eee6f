import type { Handlers } from '../accounts/call.ts';
import type { ExportParts } from '../history/export.ts';
import { exportContacts } from './export-contacts.ts';

export function exportRoutes(parts: ExportParts): Pick<Handlers, 'listExport'> {
  return {
    listExport: async ({ caller, params, query }) => ({
      data: await exportContacts(parts, caller, params.list_id, query.filename),
      words: 'Export ready.',
    }),
  };
}
