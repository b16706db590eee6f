import type { FastifyInstance } from 'fastify';
import { authConfigRoutes } from './auth-configs.ts';
import { connectRoutes } from './connect.ts';
import { connectedAccountRoutes } from './connected-accounts.ts';
import { addRoute, answerFailures, bounds } from './door.ts';
import { executionRoutes } from './execute.ts';
import { PREFIXES } from './failures.ts';
import { logRoutes } from './logs.ts';
import { routesNotServed } from './not-served.ts';
import type { BrokerParts } from './parts.ts';
import { toolkitRoutes } from './toolkits.ts';
import { toolRoutes } from './tools.ts';

/** The tool broker's API, as its clients speak it: tools, connections and executions for projects and agents. */
export function addBroker(app: FastifyInstance, parts: BrokerParts): void {
  const routes = [
    ...toolkitRoutes(parts),
    ...toolRoutes(parts),
    ...executionRoutes(parts),
    ...authConfigRoutes(parts),
    ...connectRoutes(parts),
    ...connectedAccountRoutes(parts),
    ...logRoutes(parts),
    ...routesNotServed(parts),
  ];
  const bounded = bounds();
  for (const prefix of PREFIXES) {
    app.register(
      async (door) => {
        answerFailures(door, parts);
        for (const route of routes) addRoute(door, parts, bounded, route);
      },
      { prefix },
    );
  }
}
