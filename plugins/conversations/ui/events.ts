import type { Deed } from './deeds.ts';

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
    super(StopEvent.type, { bubbles: true, composed: true });
  }
}

/** Something shall be done with a message, an answer, a call or the whole conversation. */
export class DeedEvent extends Event {
  static readonly type = 'bn-deed';
  readonly deed: Deed;

  constructor(deed: Deed) {
    super(DeedEvent.type, { bubbles: true, composed: true });
    this.deed = deed;
  }
}

/** The end of the conversation has come into view. */
export class LatestEvent extends Event {
  static readonly type = 'bn-latest';

  constructor() {
    super(LatestEvent.type);
  }
}

/** Older messages are wanted. */
export class EarlierEvent extends Event {
  static readonly type = 'bn-earlier';

  constructor() {
    super(EarlierEvent.type);
  }
}

/** The conversation shall be deleted for good; the person has confirmed it. */
export class RemoveEvent extends Event {
  static readonly type = 'bn-remove';

  constructor() {
    super(RemoveEvent.type);
  }
}

/** A notice has been read. */
export class HideEvent extends Event {
  static readonly type = 'bn-hide';

  constructor() {
    super(HideEvent.type);
  }
}
