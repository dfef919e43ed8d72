import { pathToFileURL } from 'node:url';
import { Fault } from '../../base/fault.ts';
import { createModuleLoader } from '../../kernel/modules.ts';
import { packageRoot } from '../package-root.ts';
import { importPlugin } from './import.ts';
import { MARK, type Inspected, type ToInspect } from './inspect.ts';

/** Runs in a process of its own: imports one plugin, starts nothing of it, and prints what it is. */
const { entry, places } = JSON.parse(process.argv[2] ?? '{}') as ToInspect;
const inspected = await inspect();
process.stdout.write(`\n${MARK}${JSON.stringify(inspected)}\n`, () => process.exit(0));

async function inspect(): Promise<Inspected> {
  using loader = createModuleLoader(packageRoot, ...places.map((place) => pathToFileURL(place)));
  try {
    const { plugin } = await importPlugin(entry, loader);
    const { name, needs, provides, config } = plugin;
    return { name, needs: [...needs], provides: [...provides], hasConfig: config !== undefined };
  } catch (error) {
    const { message } = Fault.from(error);
    const [, file, line] = /(\/[^\s:]+):(\d+): /.exec(message) ?? [];
    return { error: message, ...(file !== undefined && { file, line: Number(line) }) };
  }
}
