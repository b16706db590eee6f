import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms } from '../query.ts';
import { listParams } from './lists.ts';

const fileUrl = z
  .string('must be the address of a CSV or .xlsx file.')
  .min(1, 'must be the address of a CSV or .xlsx file.')
  .max(2_048, 'must have 2048 characters at most.')
  .describe('A file uploaded here, or any public address of a CSV or .xlsx file.');

const orderWords = 'must be an array of field names, or their names with commas between.';
/** The Python client can only send text, the others send an array. Names are read by the platform, which names a bad one. */
const fieldOrder = z
  .union([z.array(z.string().max(200).nullable()).max(1_000), z.string().max(10_000)], orderWords)
  .describe('Which field each column holds. Null, "", skip, ignore or - passes over a column.');

/** Text with a digit or two more than a number of JSON would keep. */
export const importParams = listParams.extend({
  import_id: z.string().regex(/^[1-9]\d{0,15}$/, 'must be the id of an import: digits.'),
});

export const importStates = [
  'queued',
  'fetching',
  'checking',
  'adding',
  'done',
  'failed',
  'cancelled',
  'undone',
] as const;

const importJob = z
  .object({
    import_id: z.string(),
    list_id: z.int(),
    state: z.enum(importStates),
    field_order: z.array(z.string().nullable()),
    /** Null until the first row was looked at. */
    has_header: z.boolean().nullable(),
    /** Of the file, 0 to 100. */
    percent: z.int().min(0).max(100),
    /** The number of the last row looked at, as a spreadsheet counts. */
    rows_read: z.int().min(0),
    rows_added: z.int().min(0),
    rows_refused: z.int().min(0),
    bytes_read: z.int().min(0),
    bytes_total: z.int().min(0).nullable(),
    /** Why it failed, or what is worth knowing of how the file was read. */
    words: z.string().nullable(),
    date_added: z.int(),
    date_done: z.int().nullable(),
    date_undone: z.int().nullable(),
  })
  .meta({ id: 'ListImport' });

export const listImport = endpoint({
  id: 'listImport',
  method: 'POST',
  path: '/v3/lists/{list_id}/import',
  summary: 'Import contacts into a list from a CSV or .xlsx file. Goes on by itself; rows that do not fit are listed.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  body: z.object({ file_url: fileUrl, field_order: fieldOrder }).meta({ id: 'ListImportInput' }),
  /** Ids are text here: they are longer than a 32-bit number. */
  data: z.object({ id: z.string(), ids: z.array(z.string()), msg: z.string() }).meta({ id: 'ListImportQueued' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE'],
  example: {
    body: {
      file_url: 'https://files.example.test/regulars.csv',
      field_order: ['phone', 'first_name', 'skip', 'custom_1'],
    },
    data: { id: '4203118855207961', ids: ['4203118855207961'], msg: 'Queued.' },
  },
});

export const listImportCsvPreview = endpoint({
  id: 'listImportCsvPreview',
  method: 'POST',
  path: '/v3/lists/{list_id}/import-csv-preview',
  summary: 'The first row of a file that is to be imported.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  body: z.object({ file_url: fileUrl }).meta({ id: 'ListImportCsvPreviewInput' }),
  data: z.object({ row: z.array(z.string()) }).meta({ id: 'ListImportCsvPreview' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE'],
  example: {
    body: { file_url: 'https://files.example.test/regulars.csv' },
    data: { row: ['Mobile', 'First name', 'Notes', 'Tier'] },
  },
});

export const listImportPreview = endpoint({
  id: 'listImportPreview',
  method: 'POST',
  path: '/v3/lists/{list_id}/import-preview',
  summary: 'The first rows of a file, which fields its columns seem to hold, and what would be refused. Adds nothing.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  body: z
    .object({ file_url: fileUrl, field_order: fieldOrder.nullish().describe('Left out: as suggested.') })
    .meta({ id: 'ListImportPreviewInput' }),
  data: z
    .object({
      /** The file as it is kept here now, so that the import need not fetch it again. */
      file_url: z.string(),
      has_header: z.boolean(),
      field_order: z.array(z.string().nullable()),
      words: z.string().nullable(),
      rows: z.array(
        z.object({
          row_number: z.int(),
          cells: z.array(z.string()),
          faults: z.array(z.object({ field: z.string(), words: z.string() })),
        }),
      ),
    })
    .meta({ id: 'ListImportPreview' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE'],
  example: {
    body: { file_url: 'https://files.example.test/regulars.csv' },
    data: {
      file_url: 'https://msg.example.test/files/161BFA93-3660-4B03-9BCB-7629166F2E91',
      has_header: true,
      field_order: ['phone_number', 'first_name'],
      words: null,
      rows: [
        { row_number: 1, cells: ['Mobile', 'First name'], faults: [] },
        { row_number: 2, cells: ['+61411111111', 'Ana'], faults: [] },
      ],
    },
  },
});

const example = {
  import_id: '4203118855207961',
  list_id: 1002,
  state: 'done',
  field_order: ['phone_number', 'first_name', null, 'custom_1'],
  has_header: true,
  percent: 100,
  rows_read: 65,
  rows_added: 63,
  rows_refused: 1,
  bytes_read: 2880,
  bytes_total: 2880,
  words: null,
  date_added: 1789990000,
  date_done: 1789990001,
  date_undone: null,
} as const;

export const listImports = endpoint({
  id: 'listImports',
  method: 'GET',
  path: '/v3/lists/{list_id}/imports',
  summary: 'Imports into a list, the newest first.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  query: z.object(pageTerms),
  data: page(importJob).meta({ id: 'ListImportPage' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    data: {
      total: 1,
      per_page: 15,
      current_page: 1,
      last_page: 1,
      next_page_url: null,
      prev_page_url: null,
      from: 1,
      to: 1,
      data: [example],
    },
  },
});

export const listImportById = endpoint({
  id: 'listImportById',
  method: 'GET',
  path: '/v3/lists/{list_id}/imports/{import_id}',
  summary: 'How far an import is.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: importParams,
  data: importJob,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: example },
});

const importError = z
  .object({
    row_number: z.int(),
    field: z.string(),
    words: z.string(),
    /** The cell as it stood, cut short. */
    value: z.string().nullable(),
  })
  .meta({ id: 'ListImportError' });

export const listImportErrors = endpoint({
  id: 'listImportErrors',
  method: 'GET',
  path: '/v3/lists/{list_id}/imports/{import_id}/errors',
  summary: 'Rows that an import refused and why, in the order of the file; the first 10,000 faults are kept.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: importParams,
  query: z.object(pageTerms),
  data: page(importError).meta({ id: 'ListImportErrorPage' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    data: {
      total: 1,
      per_page: 15,
      current_page: 1,
      last_page: 1,
      next_page_url: null,
      prev_page_url: null,
      from: 1,
      to: 1,
      data: [
        {
          row_number: 7,
          field: 'phone_number',
          words: 'phone_number is not a telephone number: write it like +61411111111, or as it is dialled in AU.',
          value: '0411 11',
        },
      ],
    },
  },
});

export const listImportUndo = endpoint({
  id: 'listImportUndo',
  method: 'PUT',
  path: '/v3/lists/{list_id}/imports/{import_id}/undo',
  summary: 'Remove the contacts that an import added and that are still in its list.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: importParams,
  data: z.object({ deleted: z.int().min(0) }).meta({ id: 'ListImportUndone' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND', 'CONFLICT'],
  example: { data: { deleted: 63 } },
});

export const listImportCancel = endpoint({
  id: 'listImportCancel',
  method: 'PUT',
  path: '/v3/lists/{list_id}/imports/{import_id}/cancel',
  summary: 'Stop an import. What it has added stays until it is undone.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: importParams,
  data: importJob,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    data: {
      ...example,
      state: 'cancelled',
      percent: 40,
      bytes_read: 1152,
      rows_read: 26,
      rows_added: 25,
      rows_refused: 0,
    },
  },
});
