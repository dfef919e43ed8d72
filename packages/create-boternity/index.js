#!/usr/bin/env node
// `npm create boternity [folder]` is `boternity init [folder]`. Plain old JavaScript: an older Node must be able to read it.
import { createRequire } from 'module';
import path from 'path';
import { pathToFileURL } from 'url';

const manifest = createRequire(import.meta.url).resolve('boternity/package.json');
process.argv.splice(2, 0, 'init');
import(pathToFileURL(path.join(path.dirname(manifest), 'bin/bnity.js')).href).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
