import type { Handlers } from '../accounts/call.ts';
import { exportOpenings, type LinkExportParts } from './link-export.ts';
import { linkStatistics, linkTracking } from './link-statistics.ts';

export function linkStatisticsRoutes(
  parts: LinkExportParts,
): Pick<Handlers, 'smsCampaignLinkStatistics' | 'smsCampaignLinkTracking' | 'smsCampaignLinkExport'> {
  return {
    smsCampaignLinkStatistics: ({ caller, params }) => linkStatistics(parts, caller, params.sms_campaign_id),
    smsCampaignLinkTracking: ({ caller, params, query }) => linkTracking(parts, caller, params.sms_campaign_id, query),
    smsCampaignLinkExport: ({ caller, params, query }) =>
      exportOpenings(parts, caller, params.sms_campaign_id, query.filename),
  };
}
