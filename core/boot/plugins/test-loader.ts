import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createModuleLoader } from '../../kernel/modules.ts';
import { packageRoot } from '../package-root.ts';

/** Imported before the tests of a plugin: in its folder `boternity` means this product. */
createModuleLoader(packageRoot, pathToFileURL(`${process.env.BOTERNITY_TESTED ?? process.cwd()}${path.sep}`));
