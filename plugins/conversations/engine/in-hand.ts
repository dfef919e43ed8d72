/**
 * Knows which conversations somebody may still have in hand: those that were used since the oldest of what goes on began. One that is
 * closed then would refuse what they are about to write.
 */
export class InHand {
  #clock = 0;
  readonly #used = new Map<string, number>();
  /** When what goes on began, oldest first. */
  readonly #begun = new Set<number>();

  /** Does something that may use conversations. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const begun = (this.#clock += 1);
    this.#begun.add(begun);
    try {
      return await work();
    } finally {
      this.#begun.delete(begun);
      if (this.#begun.size === 0) this.#used.clear();
    }
  }

  /** Somebody got this one now. */
  use(id: string): void {
    this.#used.set(id, (this.#clock += 1));
  }

  has(id: string): boolean {
    const [oldest = Infinity] = this.#begun;
    return (this.#used.get(id) ?? 0) > oldest;
  }

  /** It is no more. */
  forget(id: string): void {
    this.#used.delete(id);
  }
}
