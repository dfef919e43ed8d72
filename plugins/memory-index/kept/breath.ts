import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work goes on at most so long before others get their turn, in milliseconds. */
const AT_ONCE_MS = 8;

/** Long work asks this between its pieces: whether others should get their turn now. `rest` lets them. */
export class Breath {
  #beganMs = performance.now();

  get isShort(): boolean {
    return performance.now() - this.#beganMs > AT_ONCE_MS;
  }

  async rest(): Promise<void> {
    await nextTurn();
    this.#beganMs = performance.now();
  }
}
