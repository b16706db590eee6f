import { describe, expect, vi } from 'vitest';
import { browserIsInstalled } from '../rig/browser.ts';
import { cuttingProxy } from '../rig/cutting-proxy.ts';
import { peer } from '../rig/peers.ts';
import { openSdk, sdkIsInstalled, withSdk } from './composio.ts';
import * as cases from './composio-suite.ts';
import { verifies } from './promises.ts';

describe('@composio/core 0.8.1', () => {
  const bench = cases.benchFor('0-8');
  const test = withSdk('0-8');
  const withBrowser = peer('@composio/core 0.8 and Chromium', () => sdkIsInstalled('0-8') && browserIsInstalled());

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

  test(verifies('broker:lost-response', 'the socket is cut after the send; the SDK asks again by itself'), async () => {
    await bench.connected('lossy');
    const proxy = await cuttingProxy(bench.server.url);
    try {
      const { sdk } = await openSdk('0-8', proxy.url, bench.server.credentials.broker_key);
      proxy.cutAnswerTo('/tools/execute/');
      const call = { userId: 'lossy', arguments: cases.sms('Only once'), dangerouslySkipVersionCheck: true };
      const result = await sdk.tools.execute('CLICKSEND_CREATE_SMS_SEND', call);
      expect(proxy.cuts()).toBe(1);
      expect(result).toMatchObject({ successful: true, error: null, data: { replayed: true } });
      const sent = async () => (await bench.phone()).filter(({ body }) => body === 'Only once');
      await vi.waitFor(async () => expect(await sent()).toHaveLength(1), 10_000);
      const { body } = await bench.server.call('GET', '/v3/sms/history?limit=100');
      expect(body.data.data.filter((one: { body: string }) => one.body === 'Only once')).toHaveLength(1);
    } finally {
      await proxy.close();
    }
  });
});
