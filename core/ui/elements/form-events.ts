/** Somebody changed a field of a form. */
export class FormChangeEvent extends Event {
  static readonly type = 'bn-form-change';
  /** The whole value as it now is; what is empty is left out. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Which field: `limit.dollars`. */
  readonly path: string;

  constructor(value: Readonly<Record<string, unknown>>, path: string) {
    super(FormChangeEvent.type);
    this.value = value;
    this.path = path;
  }
}

/** Somebody wants to keep what stands in a form. All that its fields can know by themselves is right. */
export class FormSubmitEvent extends Event {
  static readonly type = 'bn-form-submit';
  readonly value: Readonly<Record<string, unknown>>;

  constructor(value: Readonly<Record<string, unknown>>) {
    super(FormSubmitEvent.type);
    this.value = value;
  }
}

declare global {
  interface HTMLElementEventMap {
    'bn-form-change': FormChangeEvent;
    'bn-form-submit': FormSubmitEvent;
  }
}
