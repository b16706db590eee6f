/**
 * Milliseconds of the machine's monotonic clock. Unlike performance.now() it counts from the same moment in every
 * process, so that the load's start and the pretend carrier's last acknowledgement can be subtracted.
 */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;
