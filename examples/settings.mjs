import { readFile } from 'node:fs/promises';

/**
 * Where the server is and what opens it: from the environment, else from the file `veredus` wrote at its first start
 * (`.veredus/credentials.json` in the folder you are in).
 */
export async function readSettings() {
  const file = await readCredentials();
  const settings = {
    url: process.env.VEREDUS_URL ?? file.url,
    brokerKey: process.env.VEREDUS_BROKER_KEY ?? file.broker_key,
    /** What a connection signs in with. Not needed where the user has a connection already. */
    username: process.env.VEREDUS_USERNAME ?? file.username,
    apiKey: process.env.VEREDUS_API_KEY ?? file.api_key,
  };
  if (!settings.url || !settings.brokerKey) {
    throw new Error('Set VEREDUS_URL and VEREDUS_BROKER_KEY, or start this where .veredus/credentials.json is.');
  }
  return { ...settings, url: settings.url.replace(/\/$/, '') };
}

async function readCredentials() {
  try {
    return JSON.parse(await readFile('.veredus/credentials.json', 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}
