import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/**
 * Loaded into a server (`node --import`): writes the name of each npm package of which a module is loaded into the file that LOADS_FILE
 * names, a line each, at once.
 */
const file = process.env.LOADS_FILE;
const seen = new Set<string>();

if (file !== undefined)
  registerHooks({
    load(url, context, next) {
      const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
      if (name !== undefined && !seen.has(name)) {
        seen.add(name);
        appendFileSync(file, `${name}\n`);
      }
      return next(url, context);
    },
  });
