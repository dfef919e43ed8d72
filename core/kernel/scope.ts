/** What the kernel refuses. `code` is permanent; the fault table of core/base knows each of them. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  readonly code: 'SCOPE_CLOSED' | 'NAME_TAKEN' | 'PLUGIN_CONFIG' | 'PLUGIN_TIMEOUT' | 'PLUGIN_SERVICE';

  constructor(code: KernelError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Owns effects. Closing it undoes them in reverse order; nothing that was registered survives its scope. */
export interface Scope {
  readonly name: string;
  /** Aborted when the scope starts closing, before anything is undone. */
  readonly signal: AbortSignal;
  /** Remembers how to undo an effect. On a closed scope the undo runs at once and `SCOPE_CLOSED` is thrown. */
  defer(undo: () => void | Promise<void>): void;
  /** Adopts a resource and gives it back; it is disposed with the scope. */
  use<T extends Disposable | AsyncDisposable>(resource: T): T;
}

/** A scope and the right to close it. Closing runs every undo, also after one has thrown, then throws what they threw. */
export class OwnedScope implements Scope, AsyncDisposable {
  readonly name: string;
  readonly #stack = new AsyncDisposableStack();
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;
  /** How many effects the scope holds. */
  effects = 0;

  constructor(name: string) {
    this.name = name;
  }

  defer(undo: () => void | Promise<void>): void {
    if (this.signal.aborted) {
      void (async () => undo())().catch(() => undefined);
      throw new KernelError('SCOPE_CLOSED', `"${this.name}" is stopped; what it tried to register was undone at once.`);
    }
    this.effects += 1;
    this.#stack.defer(undo);
  }

  use<T extends Disposable | AsyncDisposable>(resource: T): T {
    this.defer(async () => {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
      else resource[Symbol.dispose]();
    });
    return resource;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort(new KernelError('SCOPE_CLOSED', `"${this.name}" is stopped.`));
    await this.#stack.disposeAsync();
  }
}
