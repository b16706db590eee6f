import { from } from '../promise.ts';

/** The repository itself, starting, stopping, and the schema. */
export const house = {
  ...from('ARCHITECTURE.md#packages-and-rooms', {
    'house:layers':
      'Imports, manifests, sockets, SQL, environment and clock stay in their rooms; a test reads the sources to see to it.',
  }),
  ...from('ARCHITECTURE.md#starting-and-stopping', {
    'start:ready': 'The start ends with one line, `ready <url>`, on stdout, and the address answers.',
    'start:credentials':
      'The first start writes credentials.json, readable by its owner only, with url, username, api_key, password, broker_key and agent_key.',
    'start:again': 'A later start keeps the data and the credentials of the first.',
    'start:as-root': 'It starts as root, also from a clone in a folder only root may enter.',
    'start:as-user': 'It starts as an ordinary user.',
    'start:node-20':
      'With only Node 20 and npm on the machine, `npm ci && npm start` runs on the Node that npm brought.',
    'start:no-scripts': 'It starts after `npm ci --ignore-scripts`.',
    'start:database-url': 'DATABASE_URL replaces the embedded PostgreSQL.',
    'start:secret-key':
      'The secret key is made once, or set; a node whose key is not the one the database was used with does not start.',
    'start:twice': 'A second start on one data folder is refused with one clear sentence.',
    'start:other-major': 'A data folder of another PostgreSQL major is refused, naming both versions.',
    'start:settings': 'Every bad setting is named, all in one go, and nothing is started.',
    'stop:drain': 'Ctrl-C and SIGTERM drain within 10 seconds and leave no process behind.',
    'crash:node': 'After kill -9 of Node, the next start adopts the orphaned PostgreSQL and carries on.',
    'crash:postgres':
      'After kill -9 of PostgreSQL the server brings it back, and no request is answered 200 without its commit.',
  }),
  ...from('ARCHITECTURE.md#the-tables', {
    'migrate:append-only': 'A migration that has landed never changes; a changed one is refused.',
    'migrate:two-nodes': 'Two nodes that start at once migrate once.',
    'migrate:old-node': 'A node too old for the schema (a breaking migration lies between) refuses to start.',
    'migrate:schema-dump': 'schema.sql is what the migrations make.',
    'rls:no-account': 'The role that serves requests sees no row while no account is set.',
  }),
} as const;
