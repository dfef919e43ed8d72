import path from 'node:path';
import { defineAction, nearest, z, type FoundPlugin, type House, type PluginRow, type Problem } from 'boternity';
import { pluginName, pluginRow } from '../view.ts';

declare module 'boternity' {
  interface ActionTypes {
    'plugins.check': ReturnType<typeof checkPlugins>;
  }
}

const problem = z.object({
  plugin: z.string(),
  file: z.string(),
  line: z.number(),
  column: z.number(),
  level: z.enum(['error', 'warning']),
  message: z.string(),
});

export function checkPlugins(house: House) {
  return defineAction({
    name: 'plugins.check',
    summary:
      'Says what is wrong with plugins of the home and of packages; their code is imported apart and not started.',
    permission: 'settings:read',
    http: 'GET /plugins/check',
    cli: 'plugin check [plugin]',
    columns: ['plugin', 'file', 'line', 'level', 'message'],
    examples: ['bnity plugin check', 'bnity plugin check weather --json'],
    input: z.strictObject({ plugin: pluginName.optional() }),
    output: z.object({
      ok: z.boolean(),
      checked: z.array(z.string()),
      problems: z.array(problem),
    }),
    async run({ plugin }) {
      const rows = plugin === undefined ? await house.pluginTable() : [await pluginRow(house, plugin)];
      const problems: z.infer<typeof problem>[] = [];
      // One after the other: each has a process of its own.
      for (const row of rows)
        for (const { file, line, column, level, message } of await problemsOf(row, house))
          problems.push({ plugin: row.name, file, line, column, level, message });
      const checked = rows.filter(({ found }) => found !== undefined).map(({ name }) => name);
      return { ok: problems.every(({ level }) => level !== 'error'), checked, problems };
    },
  });
}

/** What comes with the product is not looked into: there only its own error is told. */
async function problemsOf(row: PluginRow, house: House): Promise<Problem[]> {
  const { found, error } = row;
  const running: Problem[] = error === undefined ? [] : [at(found?.entry ?? `plugin ${row.name}`, error)];
  if (!found) return running;
  if (found.problems.length > 0) return [...found.problems];
  const inspected = await house.inspect(found);
  if ('error' in inspected) {
    const { error: message, file = found.entry ?? found.place, line = 1 } = inspected;
    return [{ ...at(file, message), line }];
  }
  const file = found.entry ?? found.place;
  const wrongName =
    inspected.name === row.name ? [] : [`definePlugin calls it "${inspected.name}", here it must be "${row.name}"`];
  const errors = [...wrongName, ...undeclared(found, inspected.needs), ...taken(row, inspected.provides, house)];
  const warnings = [...unprovided(inspected.needs, house), ...idle(found, inspected.needs), ...asking(row)];
  return [
    ...running,
    ...errors.map((message) => at(file, message)),
    ...warnings.map((message) => at(file, message, 'warning')),
  ];
}

function undeclared({ manifest }: FoundPlugin, needs: readonly string[]): string[] {
  if (!manifest) return [];
  return needs
    .filter((need) => !manifest.capabilities.includes(`service:${need}`))
    .map((need) => `it needs "${need}", and its manifest does not ask for service:${need}`);
}

function taken(row: PluginRow, provides: readonly string[], house: House): string[] {
  if (row.state === 'running') return [];
  const there = house.services();
  return provides.filter((service) => there.includes(service)).map((service) => `another plugin provides "${service}"`);
}

function unprovided(needs: readonly string[], house: House): string[] {
  const there = house.services();
  return needs
    .filter((need) => !there.includes(need))
    .map((need) => {
      const meant = nearest(need, there);
      return `it needs "${need}", which no plugin that runs provides${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
    });
}

function idle({ manifest, place }: FoundPlugin, needs: readonly string[]): string[] {
  const services = (manifest?.capabilities ?? []).filter((capability) => capability.startsWith('service:'));
  return services
    .filter((capability) => !needs.includes(capability.slice('service:'.length)))
    .map((capability) => `${path.join(place, 'package.json')} asks for ${capability}, and the plugin does not need it`);
}

function asking({ asks, isWritten, name }: PluginRow): string[] {
  return asks && isWritten ? [`it waits for consent to what it asks for: bnity plugin enable ${name}`] : [];
}

function at(file: string, message: string, level: Problem['level'] = 'error'): Problem {
  return { file, line: 1, column: 1, level, message };
}
