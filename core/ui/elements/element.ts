import { ContextConsumer, type Context } from '@lit/context';
import { updateWhenLocaleChanges } from '@lit/localize';
import { LitElement, type CSSResultGroup } from 'lit';
import { baseStyles } from './styles.ts';

/** Base of every element of the house, and of panels: shared styles, contexts, effects that end with the element's stay in the page. */
export class BnElement extends LitElement {
  static override styles: CSSResultGroup = baseStyles;

  constructor() {
    super();
    updateWhenLocaleChanges(this);
  }

  /** The value of a context, current as long as the element is in the page; the element is drawn anew when it changes. */
  protected watch<Value>(context: Context<unknown, Value>): { readonly value?: Value } {
    return new ContextConsumer(this, { context, subscribe: true });
  }

  /** Begins something whenever the element enters the page and undoes it when it leaves. Call it in the constructor. */
  protected whileConnected(begin: () => () => void): void {
    let end: (() => void) | undefined;
    this.addController({
      hostConnected: () => (end = begin()),
      hostDisconnected: () => end?.(),
    });
  }
}
