import { noImportCycles } from './cycles.ts';
import { declaresWhatItImports, importsDownBetweenPackages } from './packages.ts';
import { importsDownBetweenRooms, roomsFormNoCircle, webFrameworkOnlyInHttp } from './rooms.ts';
import * as seams from './seams.ts';
import { namesSayWhatTheyHold, noBarrels, noDefaultExports } from './shape.ts';
import type { Rule } from './source.ts';

/** The rules of the house by the sentence a failing test shows. */
export const rules = {
  'workspaces import down only': importsDownBetweenPackages,
  'each workspace declares what it imports': declaresWhatItImports,
  'rooms of the server import down only': importsDownBetweenRooms,
  'rooms form no circle': roomsFormNoCircle,
  'modules form no circle': noImportCycles,
  'the web framework stays in http': webFrameworkOnlyInHttp,
  'SQL stays in stores and db': seams.sqlOnlyInStores,
  'stores ask no database clock': seams.storesAskNoDatabaseClock,
  'sockets stay in their rooms': seams.socketsOnlyInTheirRooms,
  'time and chance are passed in': seams.clockAndChanceArePassedIn,
  'the environment is read in config': seams.environmentOnlyInConfig,
  'only main acts on import': seams.onlyMainActsOnImport,
  'no barrels': noBarrels,
  'no default exports': noDefaultExports,
  'names say what they hold': namesSayWhatTheyHold,
} satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;
