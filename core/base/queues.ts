/** Works of one key run one after the other, in the order in which they were asked for; works of others beside them. */
export class Queues {
  readonly #last = new Map<string, Promise<void>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const done = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, settled);
    void settled.then(() => this.#last.get(key) === settled && this.#last.delete(key));
    return done;
  }

  /** Ends when everything that was asked for has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
