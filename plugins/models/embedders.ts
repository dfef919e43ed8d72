import { Registry, type Embedder, type Problem, type Scope, type Setting } from 'boternity';
import { nameOf } from './chain.ts';
import { chosenEmbedder, type ChosenEmbedder } from './chosen-embedder.ts';
import type { Circuits } from './circuits.ts';

/** The embedders that are there, and which of them the house has chosen. */
export class Embedders {
  readonly #registry = new Registry<Embedder>('embedder');
  readonly #chosen = new WeakMap<Embedder, ChosenEmbedder>();
  readonly #circuits: Circuits;
  readonly #settings: () => readonly Setting[];

  constructor(circuits: Circuits, settings: () => readonly Setting[]) {
    this.#circuits = circuits;
    this.#settings = settings;
  }

  get all(): Embedder[] {
    return Array.from(this.#registry, ([, embedder]) => embedder);
  }

  /** What the setting asks for; undefined where nobody has set it. */
  get wanted(): string | undefined {
    const value = this.#settings().find(({ key }) => key === 'embedder')?.value;
    return typeof value === 'string' ? value : undefined;
  }

  /** The setting asks for one that is not there. */
  get problems(): Problem[] {
    if (this.wanted === undefined || this.chosen()) return [];
    const { source = '' } = this.#settings().find(({ key }) => key === 'embedder') ?? {};
    const message = `embedder: no provider offers ${this.wanted}, so memory finds by words alone`;
    return [{ file: source, line: 1, column: 1, level: 'warning', message }];
  }

  add(scope: Scope, embedder: Embedder): void {
    this.#registry.add(scope, nameOf(embedder), embedder);
  }

  /** The one of a name, or of the setting. All who ask for it share its calls. */
  chosen(name = this.wanted): ChosenEmbedder | undefined {
    if (name === undefined) return undefined;
    const embedder = this.#registry.get(name) ?? this.all.find(({ id }) => id === name);
    if (!embedder) return undefined;
    const chosen = this.#chosen.get(embedder) ?? chosenEmbedder(embedder, this.#circuits);
    this.#chosen.set(embedder, chosen);
    return chosen;
  }
}
