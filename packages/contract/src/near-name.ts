/** Names that other tools use for what has another here. */
const meanings: Readonly<Record<string, readonly string[]>> = {
  message: ['body', 'messages'],
  text: ['body'],
  content: ['body'],
  phone: ['phone_number', 'to'],
  number: ['phone_number', 'to'],
  mobile: ['phone_number', 'to'],
  recipient: ['to', 'recipients'],
  sender: ['from'],
  senderid: ['from'],
  title: ['name', 'rule_name'],
  id: ['list_id', 'message_id', 'sms_campaign_id'],
  list: ['list_id'],
  campaignid: ['sms_campaign_id'],
  name: ['list_name', 'rule_name', 'first_name'],
  query: ['q'],
  search: ['q'],
  perpage: ['limit'],
  pagesize: ['limit'],
  sort: ['order_by'],
  url: ['file_url', 'url_to_shorten', 'media_file'],
  sendat: ['schedule'],
  scheduledat: ['schedule'],
  country: ['address_country'],
  city: ['address_city'],
  state: ['address_state'],
  color: ['colour'],
  action: ['slug'],
  tool: ['slug'],
  args: ['arguments'],
  params: ['arguments'],
  parameters: ['arguments'],
  input: ['arguments'],
};

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The name that was probably meant: written alike, by another word, or a few letters off; null where none is near. */
export function nearName(written: string, known: readonly string[]): string | null {
  const wanted = plain(written.slice(0, 60));
  const alike = known.find((name) => plain(name) === wanted);
  if (alike !== undefined) return alike;
  const meant = Object.hasOwn(meanings, wanted) ? meanings[wanted] : undefined;
  const synonym = meant?.find((name) => known.includes(name));
  if (synonym !== undefined) return synonym;
  const [nearest] = known
    .map((name) => ({ name, apart: distance(wanted, plain(name)) }))
    .sort((a, b) => a.apart - b.apart);
  const most = Math.min(3, Math.floor(wanted.length / 2));
  return nearest !== undefined && nearest.apart <= most ? nearest.name : null;
}

/** Letters to put in, take out or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
