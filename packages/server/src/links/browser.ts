/** What is kept of a User-Agent: three words of ours, so that nobody can be told from another by them. */
export interface BrowserKind {
  device: string;
  os: string;
  browser: string;
}

type Rules = readonly (readonly [name: string, sign: RegExp])[];

const OTHER = 'Other';
/** The first that fits counts: most agents also name those they descend from. */
const BROWSERS: Rules = [
  ['Samsung Internet', /samsungbrowser/],
  ['Edge', /edg(e|a|ios)?\//],
  ['Opera', /opr\/|opera|opios\/|opt\//],
  ['Firefox', /firefox|fxios/],
  ['UC Browser', /ucbrowser|ubrowser/],
  ['Facebook', /fban|fbav|fb_iab/],
  ['Instagram', /instagram/],
  ['DuckDuckGo', /duckduckgo|ddg\//],
  ['Chrome', /chrome|crios|crmo/],
  ['Safari', /safari|applewebkit.*mobile/],
];
const SYSTEMS: Rules = [
  ['iOS', /iphone|ipad|ipod/],
  ['HarmonyOS', /harmonyos|openharmony/],
  ['Android', /android/],
  ['ChromeOS', /\bcros\b/],
  ['Windows', /windows/],
  ['macOS', /mac os x|macintosh/],
  ['Linux', /linux|x11/],
];
const DEVICES: Rules = [
  ['Tablet', /ipad|tablet|kindle|silk\/|android(?!.*mobile)/],
  ['Mobile', /iphone|ipod|mobi|phone/],
  ['Desktop', /windows|macintosh|linux|x11|\bcros\b/],
];

/** The kinds an agent is of. An iPad that asks for desktop pages calls itself a Macintosh, and is one here. */
export function browserKind(agent: string): BrowserKind {
  // No browser needs more, and the rules read the text several times.
  const lower = agent.slice(0, 500).toLowerCase();
  const first = (rules: Rules) => rules.find(([, sign]) => sign.test(lower))?.[0] ?? OTHER;
  return { device: first(DEVICES), os: first(SYSTEMS), browser: first(BROWSERS) };
}
