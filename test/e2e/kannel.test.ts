import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@veredus/server/db/embedded/server';
import { openSmsc } from '@veredus/server/sandbox/smsc';
import { systemClock, systemRandom } from '@veredus/server/system';
import { expect } from 'vitest';
import { kannelConfig } from '../../bench/kannel-config.ts';
import { verifies } from '../conformance/promises.ts';
import { onPath, peer } from '../rig/peers.ts';
import { eventually } from '../rig/server.ts';

const withKannel = peer('kannel', () => onPath('bearerbox') && onPath('smsbox'));

withKannel(
  verifies('smpp:kannel', 'a message sent through Kannel stands on the virtual phone, and Kannel gets its receipt'),
  async () => {
    const smsc = await openSmsc({
      clock: systemClock,
      random: systemRandom,
      log: () => {},
      systemId: 'u',
      password: 'p',
    });
    const reports: string[] = [];
    const callBacks = createServer((request, response) => {
      reports.push(request.url ?? '');
      response.end();
    });
    await once(callBacks.listen(0, '127.0.0.1'), 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'veredus-kannel-'));
    const ports = { admin: await freePort(), box: await freePort(), sendSms: await freePort(), carrier: smsc.port };
    await writeFile(join(folder, 'kannel.conf'), kannelConfig(folder, ports, 10));
    const start = (program: string) => spawn(program, ['-v', '4', join(folder, 'kannel.conf')], { stdio: 'ignore' });
    const boxes = [start('/usr/sbin/bearerbox')];
    try {
      await answers(ports.admin);
      boxes.push(start('/usr/sbin/smsbox'));
      await answers(ports.sendSms);
      const back = `http://127.0.0.1:${(callBacks.address() as AddressInfo).port}/?status=%d`;
      const query = new URLSearchParams({
        username: 'bench',
        password: 'bench',
        from: 'Bakehouse',
        to: '+61400000009',
        text: 'Hello from Kannel',
        'dlr-mask': '31',
        'dlr-url': back,
      });
      await eventually(async () => {
        const answer = await fetch(`http://127.0.0.1:${ports.sendSms}/cgi-bin/sendsms?${query}`).catch(() => null);
        return answer?.status === 202;
      });
      await eventually(async () => smsc.phones.messages('+61400000009').length > 0);
      expect(smsc.phones.messages('+61400000009')[0]).toMatchObject({
        from: 'Bakehouse',
        body: 'Hello from Kannel',
        parts: 1,
      });
      // 1 = delivered to the phone (Kannel's dlr-mask).
      await eventually(async () => reports.includes('/?status=1'));
    } finally {
      for (const box of boxes.reverse()) {
        const ended = once(box, 'exit');
        box.kill('SIGTERM');
        await ended;
      }
      callBacks.close();
      await smsc.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000,
);

const answers = (port: number) =>
  eventually(async () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    ),
  );
