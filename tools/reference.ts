import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startProduct, type Product } from '../test/support/product.ts';
import { cliReference } from './reference/cli.ts';
import { httpReference, type Document } from './reference/http.ts';
import { forMachines } from './reference/machines.ts';

const root = path.resolve(import.meta.dirname, '..');

/** What is written from the program and the guide: file → text. The home of the product has to be new: what it holds would show. */
export async function references(product: Product): Promise<Readonly<Record<string, string>>> {
  const { actions } = await product.client.call('actions.list', {});
  const response = await product.fetch('/api/openapi.json');
  const { short, full, served } = await forMachines(root);
  return {
    'docs/reference/cli.md': await cliReference(actions),
    'docs/reference/http.md': httpReference((await response.json()) as Document),
    'llms.txt': short,
    'llms-full.txt': full,
    'public/llms.txt': served,
  };
}

/** `node tools/reference.ts` writes the references and llms.txt; test/docs.test.ts tells when they are stale. */
if (import.meta.main) {
  await using product = await startProduct();
  for (const [file, text] of Object.entries(await references(product))) {
    const place = path.join(root, file);
    const before = await readFile(place, 'utf8').catch(() => '');
    if (before === text) continue;
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, text);
    console.log(`wrote ${file}`);
  }
}
