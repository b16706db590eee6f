import type { Caller } from '@veredus/server/accounts/caller';
import type { Database } from '@veredus/server/db/db';
import { saveFile } from '@veredus/server/files/save-file';
import { openImporter } from '@veredus/server/imports/importer';
import { readImport } from '@veredus/server/imports/read-imports';
import type { ImportParts } from '@veredus/server/imports/run-import';
import { startImport } from '@veredus/server/imports/start-import';
import { systemRandom } from '@veredus/server/system';
import type { HandClock } from './hand-clock.ts';
import { sheetFile } from './sheet-file.ts';
import { addAccount } from './stored-messages.ts';

type Order = string | (string | null)[];

/** An account that imports, with a worker that runs when it is told. */
export async function importing(db: Database, clock: HandClock, name: string) {
  const { accountId, userId } = await addAccount(db, name);
  const caller = { accountId, userId, username: name, account: { country: 'AU' } } as unknown as Caller;
  const logged: Record<string, unknown>[] = [];
  const parts: ImportParts = {
    db,
    clock,
    random: systemRandom,
    publicUrl: () => 'https://msg.example.test',
    outbound: {
      clock,
      resolve: async () => [],
      connect: async () => {
        throw new Error('no test lets a request leave');
      },
      allow: [],
    },
    log: (event, facts) => logged.push({ event, ...facts }),
  };
  const importer = openImporter(parts);
  /** Answers the file's address, as an upload does. */
  const upload = async (bytes: Buffer | string): Promise<string> => {
    const source = sheetFile(bytes).read();
    const file = { name: 'people.csv', contentType: 'text/csv', source, maxBytes: 100_000_000 };
    const { fileId } = await saveFile(parts, { accountId, userId }, file);
    return `https://msg.example.test/files/${fileId.toUpperCase()}.csv`;
  };
  const start = async (list: number, bytes: Buffer | string, field_order: Order): Promise<string> => {
    const body = { file_url: await upload(bytes), field_order };
    return (await startImport({ ...parts, wake: () => {} }, caller, list, body)).data.id;
  };
  const look = async (list_id: number, import_id: string) =>
    (await readImport(parts, caller, { list_id, import_id })).data;
  /** Works until nothing is left to do. */
  const work = async (): Promise<void> => {
    await importer.takeUp();
    await importer.idle();
  };
  return {
    caller,
    parts: { ...parts, wake: () => {} },
    importer,
    logged,
    async addList(): Promise<number> {
      const { rows } = await db.enginePool.query(
        `insert into lists (account_id, list_name, list_email_id, created_at)
         values ($1, 'People', 'AAAABBBBCCCCDDDD', 0) returning list_id`,
        [accountId],
      );
      return rows[0].list_id;
    },
    upload,
    start,
    look,
    work,
    /** From the call to its end; answers what is shown of it then. */
    async run(list: number, bytes: Buffer | string, order: Order) {
      const id = await start(list, bytes, order);
      await work();
      return look(list, id);
    },
    async contacts(listId: number) {
      const { rows } = await db.enginePool.query('select * from contacts where list_id = $1 order by contact_id', [
        listId,
      ]);
      return rows;
    },
  };
}

export type Importing = Awaited<ReturnType<typeof importing>>;
