import { KernelError, type Scope } from './scope.ts';

type AnyFunction = (...input: never[]) => unknown;

/** Wraps an operation: may change input and output, call `next` again, refuse by throwing, or time it. */
export type Layer<F extends AnyFunction> = (next: F, ...input: Parameters<F>) => ReturnType<F>;

/** One function and the layers around it. Layers come and go with their scopes, before or after the function itself. */
export class Onion<F extends AnyFunction> {
  readonly #name: string;
  #layers: { layer: Layer<F>; order: number }[] = [];
  #core: { operation: F; owner: string } | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** A lower order stands further out; among equals the first added does. */
  wrap(scope: Scope, layer: Layer<F>, order: number): void {
    const added = { layer, order };
    scope.defer(() => void (this.#layers = this.#layers.filter((other) => other !== added)));
    this.#layers = [...this.#layers, added].toSorted((a, b) => a.order - b.order);
  }

  /** Gives the function to call. It runs through the layers of that moment. */
  open(scope: Scope, operation: F): F {
    const taken = this.#core?.owner;
    if (taken)
      throw new KernelError('NAME_TAKEN', `The operation "${this.#name}" of "${scope.name}" is open by "${taken}".`);
    scope.defer(() => void (this.#core = undefined));
    this.#core = { operation, owner: scope.name };
    return ((...input: Parameters<F>) => this.#composed()(...input)) as F;
  }

  #composed(): F {
    if (!this.#core)
      throw new KernelError('SCOPE_CLOSED', `The operation "${this.#name}" is not open; its owner is stopped.`);
    return this.#layers.reduceRight(
      (next, { layer }) => ((...input: Parameters<F>) => layer(next, ...input)) as F,
      this.#core.operation,
    );
  }
}
