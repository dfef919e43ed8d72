import { once } from 'node:events';
import { createServer } from 'node:net';
import { correctMisspellings, findingOfMisspelt, findMisspellings, settingsSchema } from 'boternity';
import type { Finding, Home, House } from 'boternity';

const FILE = 'settings.yaml';

export async function settingsMisspelt(house: House, home: Home): Promise<Finding[]> {
  const text = (await home.files.read(FILE))?.toString() ?? '';
  const misspellings = await findMisspellings(text, settingsSchema);
  return findingOfMisspelt({
    file: FILE,
    level: 'error',
    text,
    misspellings,
    apply: () =>
      house.editSettings(async (now) => correctMisspellings(now, await findMisspellings(now, settingsSchema))),
  });
}

/** What is broken in the files of the server itself, or was when it started; `bnity check` tells it with line and sentence. */
export async function filesBroken(house: House): Promise<Finding[]> {
  const broken = house.problems().toSorted((a, b) => a.level.localeCompare(b.level));
  const [first] = broken;
  if (!first) return [];
  const more = broken.length === 1 ? '' : ` There are ${broken.length - 1} more.`;
  return [
    {
      level: first.level,
      message: `${first.file}:${first.line}: ${first.message.replace(/\.$/, '')}.${more}`,
      advice: 'See all of it with: bnity check',
    },
  ];
}

/** Whether the next start could listen. While a server runs, it holds the port itself. */
export async function portTaken(house: House, home: Home): Promise<Finding[]> {
  if (await isServing(home)) return [];
  const valueOf = (key: string): unknown =>
    house.settings('command line').find((setting) => setting.key === key)?.value;
  const [host, port] = [String(valueOf('host')), Number(valueOf('port'))];
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return [];
  } catch (error) {
    const message = `Port ${port} on ${host} cannot be had: ${error instanceof Error ? error.message : ''}.`;
    const advice = 'Stop what uses it, or choose another with: bnity settings set port <port>';
    return [{ level: 'warning', message, advice }];
  } finally {
    server.close();
  }
}

export async function serverFileStale({ replaced }: House): Promise<Finding[]> {
  if (!replaced) return [];
  return [
    {
      level: 'info',
      message: `The last server (process ${replaced.pid}) ended without a word; this start took its place.`,
      advice: 'Nothing is left to do. If it happens often, look into .boternity/logs.',
    },
  ];
}

/** Whether this process is a server that others may find, and no command that ends soon. */
export async function isServing({ files }: Home): Promise<boolean> {
  const text = (await files.read('.boternity/server.json'))?.toString() ?? '{}';
  return 'url' in (JSON.parse(text) as object);
}
