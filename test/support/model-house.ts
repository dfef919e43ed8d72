import { testHouse, type TestHouse } from 'boternity/testing';
import { definePlugin, type Model } from 'boternity';
import type { Models } from '../../plugins/models/index.ts';
import standard from '../../plugins/standard.ts';

/** The whole product in this process, whose models a test may hold in its hand. */
export interface ModelHouse extends AsyncDisposable {
  readonly house: TestHouse;
  /** Sends JSON as the owner. Throws with the answer where it is no success. */
  put(place: string, body: object): Promise<void>;
  /** Adds a provider at the front door, and gives the first model that it offers. */
  modelAt(
    entry: object,
    address: string,
    patience: { readonly firstMs: number; readonly idleMs: number },
  ): Promise<Model>;
}

export async function startModelHouse(files: Readonly<Record<string, string>>): Promise<ModelHouse> {
  let models: Models | undefined;
  const look = definePlugin({ name: 'look', needs: ['models'], setup: (context) => void (models = context.models) });
  const house = await testHouse({ plugins: [...standard, look()], files });
  let count = 0;
  const put = async (place: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await house.fetch(place, { method: 'PUT', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  };
  return {
    house,
    put,
    async modelAt(entry, address, { firstMs, idleMs }) {
      const name = `stage-${(count += 1)}`;
      await put(`/api/v1/providers/${name}`, { ...entry, address, timeout: firstMs / 1_000, idle: idleMs / 1_000 });
      const model = [...(models ?? [])].find(({ provider }) => provider === name);
      if (!model) throw new Error(`${name} offers nothing.`);
      return model;
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}
