/** What a toast says beside its words. */
export interface ToastOptions {
  readonly tone?: 'plain' | 'danger' | undefined;
  /** Something to do about it; the toast goes with it. */
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

/** Somebody wants a few words shown at the edge of the page. */
export class ToastEvent extends Event {
  static readonly type = 'bn-toast';
  readonly text: string;
  readonly options: ToastOptions;

  constructor(text: string, options: ToastOptions) {
    super(ToastEvent.type, { bubbles: true, composed: true });
    this.text = text;
    this.options = options;
  }
}

/**
 * Says in a few words what has happened, at the edge of the page, to eyes and to screen readers. It goes by itself; one with an action
 * or of danger stays longer. What a person must decide on does not belong here.
 */
export function toast(from: Element, text: string, options: ToastOptions = {}): void {
  // An element that has left the page with its deed can still tell of it.
  (from.isConnected ? from : document).dispatchEvent(new ToastEvent(text, options));
}
