/** What files are taken for, and how they are called. */
export const CSV_TYPE = 'text/csv';
export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const EXTENSIONS: Readonly<Record<string, string>> = {
  [CSV_TYPE]: 'csv',
  [XLSX_TYPE]: 'xlsx',
};

/** Without a dot. */
export function extensionOf(contentType: string): string {
  return EXTENSIONS[contentType] ?? 'bin';
}

/** What a stored file is served as. Anything not known here is bytes: a browser must find nothing to run. */
export function servedAs(contentType: string): string {
  return contentType in EXTENSIONS ? contentType : 'application/octet-stream';
}

/** A sender's own word for a type, without parameters; what is no type at all is bytes. */
export function plainType(contentType: string): string {
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  return /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/.test(type) ? type : 'application/octet-stream';
}
