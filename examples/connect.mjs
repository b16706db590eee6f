import { AuthScheme, Composio } from '@composio/core';
import { step } from './check.mjs';
import { readSettings } from './settings.mjs';

/**
 * The broker SDK with your server behind it, for one user who is connected to his ClickSend-compatible account. Nothing is sent to
 * anybody else: neither usage data nor a look for newer versions.
 *
 * @param provider the SDK's adapter to the framework you use.
 * @param run gets the SDK and the user's id; what was made for it is taken away afterwards, however it ends.
 */
export async function withConnection(provider, run) {
  const { url, brokerKey, username, apiKey } = await readSettings();
  const composio = new Composio({
    provider,
    apiKey: brokerKey,
    baseURL: url,
    allowTracking: false,
    disableVersionCheck: true,
  });
  const userId = `example-${process.pid}`;

  step(`Connecting user ${userId} at ${url}`);
  const authConfig = await composio.authConfigs.create('clicksend', {
    type: 'use_custom_auth',
    name: 'Examples',
    authScheme: 'BASIC',
    credentials: {},
  });
  try {
    const request = await composio.connectedAccounts.initiate(userId, authConfig.id, {
      config: AuthScheme.Basic({ username, password: apiKey }),
    });
    const connection = await request.waitForConnection(10_000);
    console.log(`  ${connection.id} is ${connection.status}`);
    try {
      await run({ composio, userId });
    } finally {
      await composio.connectedAccounts.delete(connection.id);
    }
  } finally {
    await composio.authConfigs.delete(authConfig.id);
  }
}

/** A time to come, in unix seconds. */
export const inOneHour = () => Math.floor(Date.now() / 1000) + 3600;
