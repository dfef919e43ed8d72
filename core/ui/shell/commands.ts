import type { ReactiveControllerHost } from 'lit';

/** Something that the palette (Ctrl or Cmd and K) offers. */
export interface Command {
  readonly title: string;
  readonly icon?: string | undefined;
  /** Heading under which it stands; those without one stand under the page's. */
  readonly group?: string | undefined;
  /** Other words by which it is found. */
  readonly words?: string | undefined;
  /** Keys that do it from everywhere outside of fields, one after the other: `g d`, `n`, `?`. */
  readonly keys?: string | undefined;
  /** A page of the application, in place of `run`. */
  readonly href?: string | undefined;
  readonly run?: (() => void) | undefined;
}

type Offer = () => readonly Command[];

const offers = new Set<Offer>();

/** Offers commands as long as the element is in the page; what they are is asked whenever somebody looks. Call it in the constructor. */
export function offerCommands(host: ReactiveControllerHost, offer: Offer): void {
  host.addController({
    hostConnected: () => void offers.add(offer),
    hostDisconnected: () => void offers.delete(offer),
  });
}

/** What is offered now, the latest first. */
export function offeredCommands(): readonly Command[] {
  return [...offers].toReversed().flatMap((offer) => offer());
}
