import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { slugOf } from 'boternity';

/** What a service manager has to know to run the server of a home. All paths are absolute. */
export interface ServiceDescription {
  /** One per home: that of the user is `boternity`, others carry the name of their folder and a part of a digest of its path. */
  readonly name: string;
  readonly home: string;
  readonly node: string;
  readonly program: string;
  /** Where programs are looked for that bots and plugins use: git, bubblewrap, command lines of models. */
  readonly searchPath: string;
}

/** The service of a home, run by the Node and the package that run now. */
export function describeService(home: string): ServiceDescription {
  const own = path.join(homedir(), '.boternity');
  const digest = createHash('sha256').update(home).digest('hex').slice(0, 6);
  const name = home === own ? 'boternity' : `boternity-${slugOf(path.basename(home))}-${digest}`;
  const places = [
    path.dirname(process.execPath),
    path.join(homedir(), '.local/bin'),
    '/usr/local/bin',
    '/usr/bin',
    '/bin',
  ];
  return {
    name,
    home,
    node: process.execPath,
    program: fileURLToPath(import.meta.resolve('boternity/package.json')).replace(/package\.json$/, 'bin/bnity.js'),
    searchPath: [...new Set(places)].join(':'),
  };
}
