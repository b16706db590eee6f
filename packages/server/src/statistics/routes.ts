import type { Handlers } from '../accounts/call.ts';
import { readSmsStatistics, type StatisticsParts } from './read-statistics.ts';

export function statisticsRoutes(parts: StatisticsParts): Pick<Handlers, 'smsStatistics'> {
  return { smsStatistics: ({ caller }) => readSmsStatistics(parts, caller) };
}
