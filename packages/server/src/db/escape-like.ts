/** Text that is looked for as it stands within a LIKE pattern whose escape is the backslash. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
