import { actions } from '@veredus/tools/catalogue';
import { describe, expect } from 'vitest';
import { browserIsInstalled } from '../rig/browser.ts';
import { peer } from '../rig/peers.ts';
import { openSdk, sdkIsInstalled, withSdk } from './composio.ts';
import * as cases from './composio-suite.ts';
import { verifies } from './promises.ts';

describe('@composio/core 0.17.0', () => {
  const bench = cases.benchFor('0-17');
  const test = withSdk('0-17');
  const withBrowser = peer('@composio/core 0.17 and Chromium', () => sdkIsInstalled('0-17') && browserIsInstalled());

  test(verifies('broker-sdk:tools', 'toolkits and the fields of connecting'), () => cases.readsToolkits(bench));
  test(verifies('broker-sdk:tools', 'tools by every filter'), () => cases.readsTools(bench));
  test(verifies('broker-sdk:tools', 'broker-sdk:execute', 'through the OpenAI provider'), () =>
    cases.worksThroughProvider(bench),
  );
  test(verifies('broker-sdk:execute', 'directly, with failures as results and typed errors'), () =>
    cases.executes(bench),
  );
  test(verifies('broker-sdk:connect', 'with right credentials, wrong ones, and more than once'), () =>
    cases.connectsWithCredentials(bench),
  );
  test(verifies('broker-sdk:connect', 'by a link whose page is filled in, while the SDK waits'), () =>
    cases.connectsByLink(bench),
  );
  withBrowser(verifies('broker-sdk:connect', 'by a link, in a real browser, and executes'), () =>
    cases.connectsInBrowser(bench),
  );
  test(verifies('broker-sdk:connect', 'a link that nobody uses'), () => cases.givesUpOnLink(bench));
  test(verifies('broker-sdk:lifecycle', 'a connection'), () => cases.endsConnections(bench));
  test(verifies('broker-sdk:lifecycle', 'an auth config'), () => cases.endsAuthConfigs(bench));

  test(verifies('broker:agents', 'an agent’s key lists and runs what the agent may, and connects nobody'), async () => {
    const { url, credentials, call } = bench.server;
    const agents = await call('GET', '/v3/agents');
    expect(agents.body.data.data).toHaveLength(1);
    await bench.connected('anybody');
    const made = await call('POST', '/v3/agents', { name: 'Reader', allowed_actions: ['CLICKSEND_GET_LISTS'] });
    const { sdk: whole } = await openSdk('0-17', url, credentials.agent_key);
    const { sdk: reader } = await openSdk('0-17', url, made.body.data.key);
    const run = (sdk: typeof whole, slug: string, args: object = {}) =>
      sdk.tools.execute(slug, { userId: 'anybody', arguments: args, dangerouslySkipVersionCheck: true });
    expect(await whole.tools.getRawComposioTools({ toolkits: ['clicksend'] })).toHaveLength(actions.length);
    expect(await run(whole, 'CLICKSEND_GET_ACCOUNT')).toMatchObject({ successful: true });
    const listed = await reader.tools.get('anybody', { toolkits: ['clicksend'] });
    expect(listed.map((tool) => tool.function.name)).toEqual(['CLICKSEND_GET_LISTS']);
    expect(await run(reader, 'CLICKSEND_GET_LISTS')).toMatchObject({ successful: true });
    await expect(run(reader, 'CLICKSEND_CREATE_SMS_SEND', cases.sms('Not allowed'))).rejects.toThrow();
    const direct = await call(
      'POST',
      '/api/v3.1/tools/execute/CLICKSEND_CREATE_SMS_SEND',
      { arguments: cases.sms('Not allowed') },
      { authorization: `Bearer ${made.body.data.key}` },
    );
    expect(direct.status).toBe(404);
    expect((await bench.phone()).map(({ body }) => body)).not.toContain('Not allowed');
    await expect(reader.toolkits.authorize('anybody', 'clicksend')).rejects.toThrow();
  });

  test(verifies('broker:secrets', 'what was typed stands in no log of the server'), async () => {
    const canary = `canary-${'k'.repeat(20)}`;
    const { call, credentials } = bench.server;
    const headers = { authorization: `Bearer ${credentials.broker_key}` };
    const val = { username: bench.right.username, password: canary };
    const body = { arguments: { api_key: canary }, user_id: 'x', custom_connection_data: { authScheme: 'BASIC', val } };
    expect((await call('POST', '/api/v3/tools/execute/CLICKSEND_GET_LISTS', body, headers)).status).toBe(400);
    const broken = { auth_config: { id: 'ac_x' }, connection: { user_id: 'x', state: { authScheme: 'BASIC', val } } };
    expect((await call('POST', '/api/v3/connected_accounts', broken, headers)).status).toBe(404);
    expect((await call('GET', `/api/v3/tools?api_key=${canary}`, undefined, headers)).status).toBe(200);
    expect(bench.server.log()).not.toContain(canary);
    expect(bench.server.log()).not.toContain(credentials.broker_key);
  });
});
