/** What the pane at the side of the page shows. */
export interface Inspected {
  readonly heading: string;
  /** Drawn anew whenever the element that asked for it is. Give an element of your own: the styles of yours do not reach there. */
  readonly content: () => unknown;
  /** Told when it was closed, by whatever means. */
  readonly closed?: (() => void) | undefined;
}

/** Somebody wants something shown at the side of the page, or nothing more. */
export class InspectEvent extends Event {
  static readonly type = 'bn-inspect';
  readonly from: Element;
  readonly wanted: Inspected | undefined;

  constructor(from: Element, wanted: Inspected | undefined) {
    super(InspectEvent.type, { bubbles: true, composed: true });
    this.from = from;
    this.wanted = wanted;
  }
}

/**
 * Shows something in the pane at the side of the page, a drawer on narrow screens; undefined closes what this element has opened. It closes by
 * itself when the element leaves the page.
 */
export function inspect(from: Element, wanted: Inspected | undefined): void {
  from.dispatchEvent(new InspectEvent(from, wanted));
}
