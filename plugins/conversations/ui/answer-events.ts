/** An answer that hangs shall be stopped and asked for again. */
export class RestartEvent extends Event {
  static readonly type = 'bn-restart';
  readonly message: string;

  constructor(message: string) {
    super(RestartEvent.type, { bubbles: true, composed: true });
    this.message = message;
  }
}
