import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

/** The most that one file may hold, however it comes. */
export const FILE_LIMIT = 64 * 1024 * 1024;
/** The same as base64, which takes 4 characters for 3 bytes and may be broken into lines, with its JSON around it. */
const JSON_LIMIT = Math.ceil(FILE_LIMIT * (4 / 3) * 1.03) + 16 * 1024;

/** What a file is for. ClickSend has five; the others come with their channels. */
export const conversions = ['csv', 'mms', 'fax', 'post', 'postcard'] as const;

export const upload = endpoint({
  id: 'upload',
  method: 'POST',
  path: '/v3/uploads',
  summary: 'Upload a file, to name its address in later calls. It is kept for 7 days.',
  scope: 'files:write',
  auth: 'basic',
  bodyLimit: JSON_LIMIT,
  multipart: true,
  query: z.object({
    convert: z
      .string()
      .optional()
      .describe(
        `What the file is for: ${conversions.join(', ')}. This release takes csv. May stand in a JSON body instead.`,
      ),
  }),
  /** Loose for `convert`, which one official client sends here and another in the query. */
  body: z
    .looseObject({
      content: z.string().describe('The file in base64: CSV, TSV or .xlsx.'),
    })
    .nullish()
    .meta({ id: 'UploadInput' }),
  data: z
    .object({
      upload_id: z.int(),
      user_id: z.int(),
      file_name: z.string(),
      _url: z.url(),
      date_added: z.int(),
      date_delete: z.int(),
    })
    .meta({ id: 'Upload' }),
  refusals: ['BAD_REQUEST', 'PAYLOAD_TOO_LARGE'],
  example: {
    body: { content: 'cGhvbmUsbmFtZQorNjE0MTExMTExMTEsQW5uCg==', convert: 'csv' },
    data: {
      upload_id: 15,
      user_id: 5012,
      file_name: '161BFA93-3660-4B03-9BCB-7629166F2E91.csv',
      _url: 'https://msg.example.test/files/161BFA93-3660-4B03-9BCB-7629166F2E91.csv',
      date_added: 1789990000,
      date_delete: 1790594800,
    },
  },
});
