import { recordExchange, type Ear, type Exchange, type Model, type ModelRequest, type Scrubber } from 'boternity';

/** What a listener is told. Exchanges have numbers, in the order in which they were asked. */
export type Told =
  | { readonly type: 'asked'; readonly number: number }
  | { readonly type: 'answered'; readonly number: number; readonly exchange: Exchange }
  /** It was too much to be searched for keys. */
  | { readonly type: 'omitted'; readonly number: number };

export interface Listener {
  readonly scrubber: Scrubber;
  wants(model: Model, request: ModelRequest): boolean;
  tell(told: Told): void;
}

/** Those who listen to what goes to services of models and comes back. */
export class Listeners {
  readonly #ears = new Map<Listener, (provider: string) => Ear>();

  /** Tells a listener until what this gives is called. */
  add(listener: Listener): () => void {
    let count = 0;
    let recording = Promise.resolve();
    this.#ears.set(listener, (provider) => (request) => {
      const number = count++;
      listener.tell({ type: 'asked', number });
      return (answer) => {
        // One after the other: what is learned from one is kept out of the next.
        recording = recording.then(async () => {
          const exchange = await recordExchange(provider, request, answer, listener.scrubber);
          listener.tell(exchange ? { type: 'answered', number, exchange } : { type: 'omitted', number });
        });
      };
    });
    return () => void this.#ears.delete(listener);
  }

  /** Undefined while nobody wants to know of such a call. */
  earFor(model: Model, request: ModelRequest): Ear | undefined {
    const ears = [...this.#ears]
      .filter(([listener]) => listener.wants(model, request))
      .map(([, earOf]) => earOf(model.provider));
    if (ears.length === 0) return undefined;
    return (sent) => {
      const answered = ears.map((ear) => ear(sent));
      return (answer) => answered.forEach((tell) => tell(answer));
    };
  }
}
