/** Raised when a record's shape changes; an older one is then migrated on reading. */
export const VERSION = 1;
