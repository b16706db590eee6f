import type { Clock } from '@veredus/protocols/clock';
import type { Authentication } from '../accounts/authenticate.ts';
import { allowedActions } from '../agents/act-as.ts';
import type { Config } from '../config.ts';
import { admitAgent } from '../http/agent-door.ts';
import type { openApp } from '../http/app.ts';
import { addBroker } from '../http/broker/broker.ts';
import { addConnect, connectLinks } from '../http/connect.ts';
import { addMcp } from '../http/mcp.ts';
import type { Agents } from './agents.ts';

interface FaceParts {
  config: Config;
  clock: Clock;
  version: string;
  authentication: Authentication;
  agents: Agents;
  publicUrl(): string;
  log(event: string, facts: Record<string, unknown>): void;
}

/** What agents, their platforms and the people who connect for them meet: MCP, the broker's API, and the connect page. */
export function addAgentFaces(app: ReturnType<typeof openApp>, parts: FaceParts): void {
  const { config, clock, version, authentication, agents, publicUrl, log } = parts;
  const { connections, runAction, actorOf } = agents;
  addMcp(app, {
    admit: (request) => admitAgent(authentication, request),
    hostOf: agents.hostOf,
    ...{ clock, version, publicUrl, boundTo: config.host, log },
  });
  addBroker(app, { authentication, actorOf, allowedActions, runAction, connections, publicUrl, log });
  addConnect(app, {
    links: connectLinks(connections),
    hostOf: (target) => new URL(target === 'local' ? publicUrl() : config.cloudUrl).host,
    ...{ clock, publicUrl, log },
  });
}
