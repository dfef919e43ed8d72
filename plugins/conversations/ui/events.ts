/** A message was written and shall be sent. */
export class SendEvent extends Event {
  static readonly type = 'bn-send';
  readonly text: string;

  constructor(text: string) {
    super(SendEvent.type);
    this.text = text;
  }
}

/** The answer that is being given shall stop. */
export class StopEvent extends Event {
  static readonly type = 'bn-stop';

  constructor() {
    super(StopEvent.type);
  }
}

/** A text shall be put into the composer, to be changed and sent again. */
export class DraftEvent extends Event {
  static readonly type = 'bn-draft';
  readonly text: string;

  constructor(text: string) {
    super(DraftEvent.type, { bubbles: true, composed: true });
    this.text = text;
  }
}
