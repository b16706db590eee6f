import type { Handlers } from '../accounts/call.ts';
import { type AuditParts, readAudit } from './read-audit.ts';

export function auditRoutes(parts: AuditParts): Pick<Handlers, 'auditLog'> {
  return { auditLog: ({ caller, query }) => readAudit(parts, caller, query) };
}
