import { readFileSync } from 'node:fs';

/** URL of the folder of the running package, in a clone and when installed. */
export const packageRoot = new URL('../../', import.meta.url);

/** Version of the running package. */
export const version: string = (
  JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as { version: string }
).version;
