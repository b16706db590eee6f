import type { Handlers } from '../accounts/call.ts';
import { type ExportParts, exportHistory } from './export.ts';
import { readHistory } from './read-history.ts';

export function historyRoutes(parts: ExportParts): Pick<Handlers, 'smsHistory' | 'smsHistoryExport'> {
  return {
    smsHistory: ({ caller, query }) => readHistory(parts, caller, query),
    smsHistoryExport: ({ caller, query }) => exportHistory(parts, caller, query),
  };
}
