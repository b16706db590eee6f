/**
 * Programs that open links before or without a person: previews in messengers, scanners of mail and messages, crawlers.
 * A piece of each one's User-Agent, in lower case.
 *
 * Chosen from github.com/monperrus/crawler-user-agents (MIT licence) as of 2026-07-02, which gives a sighting for each: those
 * that open addresses out of messages, and those with wide use. Whoever is missing here shows as "bot-like" if his agent
 * says so (see machine.ts), else as a person.
 */
export const READING_AGENTS: readonly string[] = [
  // Previews in messengers, mail and social networks. iMessage names facebookexternalhit, Facebot and Twitterbot.
  ...['facebookexternalhit', 'facebot', 'facebookcatalog', 'meta-externalagent', 'meta-externalfetcher', 'twitterbot'],
  ...['whatsapp', 'telegrambot', 'slackbot', 'slack-imgproxy', 'discordbot', 'linkedinbot', 'skypeuripreview'],
  ...['microsoftpreview', 'bingpreview', 'google-pagerenderer', 'developers.google.com/+/web/snippet', 'vkshare'],
  ...['google web preview', 'yahoo link preview', 'snap url preview', 'snapurlpreview', 'groupmebot', 'keybasebot'],
  ...['redditbot', 'pinterest.com/bot', 'pinterestbot', 'applebot', 'mastodon/', 'iframely', 'embedly'],
  ...['chatwork linkpreview', 'dingtalkbot', 'mattermost-bot', 'beeperbot', 'orlo-linkpreview', 'bufferlinkpreviewbot'],
  ...['zoombot', 'evernoterichlinkbot', 'clickuplinkunfurler', 'opengraph', 'metainspector', 'summalybot', 'odklbot'],
  // Scanners of links and pages.
  ...['google-safety', 'googleimageproxy', 'yahoomailproxy', 'virustotal', 'bitsightbot'],
  ...['twinwavescanner', 'safednsbot', 'cybaabot', 'netcraft', 'censysinspect', 'expanse', 'internetmeasurement'],
  ...['zgrab', 'nmap', 'masscan', 'nessus', 'nikto', 'qualys', 'detectify', 'sucuri', 'cloudflare-radar-scanner'],
  ...['cloudflareradarurlscanner', 'lightspeedsystemscrawler', 'urlcheckr', 'unshorten', 'wheregoes', 'twilioproxy'],
  ...['smarshbot'],
  // Crawlers.
  ...['googlebot', 'googleother', 'google-inspectiontool', 'adsbot-google', 'apis-google', 'bingbot', 'msnbot'],
  ...['duckduckbot', 'yandex.com/bots', 'yandexbot', 'baiduspider', 'petalbot', 'bytespider', 'amazonbot', 'seznambot'],
  ...['ahrefsbot', 'semrushbot', 'mj12bot', 'dotbot', 'dataforseobot', 'ia_archiver', 'archive.org_bot', 'gptbot'],
  ...['chatgpt-user', 'oai-searchbot', 'claudebot', 'claude-user', 'perplexitybot', 'perplexity-user', 'ccbot'],
];

/** As above, and what people too write programs and tests with. */
export const MACHINE_AGENTS: readonly string[] = [
  ...READING_AGENTS,
  // Browsers without a screen, and libraries.
  ...['headlesschrome', 'chrome-lighthouse', 'phantomjs', 'playwright', 'puppeteer', 'selenium', 'ptst/', 'curl/'],
  ...[
    'wget/',
    'python-requests',
    'python-urllib',
    'aiohttp',
    'httpx',
    'go-http-client',
    'okhttp',
    'node-fetch',
    'axios',
  ],
  ...['libwww-perl', 'apache-httpclient', 'ahc/', 'httpurlconnection', 'java/', 'scrapy'],
  ...['colly', 'httpie/', 'sindresorhus/got', 'customasynchttpclient'],
  // Not in that list: what these call themselves unless told otherwise.
  ...['undici', 'guzzlehttp', 'postmanruntime', 'winhttp', 'faraday v', 'bluesky cardyb'],
];
