import { z } from 'zod';

/** A name that is safe in a header and on any disk. */
export const csvName = z
  .string()
  .max(200, 'must have 200 characters at most.')
  .regex(/^[^\\/:*?"<>|\p{Cc}]+\.csv$/iu, 'must be a plain file name that ends in .csv.');
