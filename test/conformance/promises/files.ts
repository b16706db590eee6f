import { from } from '../promise.ts';

/** Files that are uploaded, fetched and served, and what may be fetched at all. */
export const files = {
  ...from('ClickSend v3: uploads and downloads', {
    'files:upload': 'A file uploaded as base64 or as a form comes back byte for byte from its address, for 7 days.',
    'files:conversion': 'convert stands in the query or the body; what this release cannot convert is a clear 400.',
    'files:content': 'What a file is its first bytes say: CSV, TSV and .xlsx are taken, others are refused by name.',
    'files:limit': 'A file of more than 64 MB is 413, and nothing of it stays; who may not upload is not read at all.',
    'files:attachment': 'Whatever a stranger uploaded, a browser is told to save it and never to show it.',
    'files:broken-off': 'An upload that breaks off leaves nothing behind and disturbs nobody.',
    'files:own-url':
      'A link to a file of one’s own is taken from the store, never fetched; others’ files are not there.',
    'files:sweep': 'Expired files and export links are deleted, and so is what was left half written.',
  }),
  ...from('ClickSend v3: official Node SDK, unmodified but for its host', {
    'sdk:upload': 'uploadsPost',
  }),
  ...from('VEREDUS_ALLOW_URLS', {
    'url-guard:public': 'A URL of a user leads to public addresses only, however they are written or resolved.',
    'url-guard:rules': 'http and https, ports 80 and 443, no credentials; the refusal names the rule and the field.',
    'url-guard:pinned': 'A name is resolved once, and the connection goes to the very address that was judged.',
    'url-guard:redirects': 'Each of at most five redirects is judged as the first URL was.',
    'url-guard:bounded':
      'Silence, slowness, endless and compressed bodies are cut off; bytes are counted as they come.',
    'url-guard:quiet': 'No refusal repeats a path, a query or an address from inside.',
    'url-guard:allowed': 'The operator may let hosts of his own through, each with its port.',
  }),
} as const;
