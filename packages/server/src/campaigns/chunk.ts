/** Recipients that become messages in one transaction; every chunk of a campaign but its last has so many. */
export const EXPAND_CHUNK = 1_000;
