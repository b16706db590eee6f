import type { Endpoints } from '@veredus/contract/endpoints';
import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Client } from '../db/transaction.ts';
import { csvLine } from '../files/csv.ts';
import { saveFile } from '../files/save-file.ts';
import { showMessageId } from '../messages/ids.ts';
import { Refusal } from '../refusal.ts';
import { type LinkStatisticsParts, ofCampaign, openingRow } from './link-statistics.ts';
import { type CampaignKey, readOpenings } from './store-links.ts';

export interface LinkExportParts extends LinkStatisticsParts {
  clock: Clock;
  random: Random;
}

/** A third of a million openings; held in memory while it is written. */
const MOST_BYTES = 32 * 1024 * 1024;

const HEAD = [
  ...['contact_id', 'first_name', 'last_name', 'phone_number', 'open_count', 'date_opened'],
  ...['user_browser', 'user_device', 'user_os', 'user_geo_country', 'user_geo_region', '_machine_count'],
];

/** Writes the rows of link tracking as they are now into a CSV file, and answers its link. */
export async function exportOpenings(
  parts: LinkExportParts,
  caller: Caller,
  campaignId: number,
  filename: string,
): Promise<Answer<Endpoints['smsCampaignLinkExport']>> {
  // All is read before any is stored: a connection that waits for another of the same pool may wait for ever.
  const pieces = await ofCampaign(parts.db, caller, campaignId, readCsv);
  const { fileId } = await saveFile(parts, caller, {
    name: filename,
    contentType: 'text/csv; charset=utf-8',
    source: inOrder(pieces),
    maxBytes: MOST_BYTES,
  });
  const url = `${parts.publicUrl()}/files/${showMessageId(fileId)}?filename=${encodeURIComponent(filename)}`;
  return { data: { url }, words: 'Export.' };
}

async function readCsv(client: Client, key: CampaignKey): Promise<Buffer[]> {
  const pieces = [Buffer.from(csvLine(HEAD))];
  let size = 0;
  for await (const openings of readOpenings(client, key)) {
    const lines = openings.map((opening) => {
      const { contact, ...row } = openingRow(opening);
      return csvLine([...Object.values(contact), ...Object.values(row)]);
    });
    const piece = Buffer.from(lines.join(''));
    size += piece.length;
    if (size > MOST_BYTES) throw new Refusal('too-large', 'This campaign has too many openings for one file.');
    pieces.push(piece);
  }
  return pieces;
}

async function* inOrder(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}
