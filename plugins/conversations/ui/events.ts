import type { Deed } from './deeds.ts';
import type { Uploaded } from './upload.ts';

/** A message was written and shall be sent. */
export class SendEvent extends Event {
  static readonly type = 'bn-send';
  readonly text: string;
  readonly files: readonly Uploaded[];

  constructor(text: string, files: readonly Uploaded[] = []) {
    super(SendEvent.type);
    this.text = text;
    this.files = files;
  }
}

/** A chosen file shall not be sent. */
export class DetachEvent extends Event {
  static readonly type = 'bn-detach';
  readonly key: number;

  constructor(key: number) {
    super(DetachEvent.type);
    this.key = key;
  }
}

/** A command was written in place of a message: `/title Tea` is `title` with `Tea`. */
export class SlashEvent extends Event {
  static readonly type = 'bn-slash';
  readonly name: string;
  readonly rest: string;

  constructor(name: string, rest: string) {
    super(SlashEvent.type);
    this.name = name;
    this.rest = rest;
  }
}

/** How an answer came about shall be shown beside the conversation; without a node that of the last one. */
export class InspectAnswerEvent extends Event {
  static readonly type = 'bn-inspect-answer';
  readonly node: string | undefined;

  constructor(node?: string) {
    super(InspectAnswerEvent.type, { bubbles: true, composed: true });
    this.node = node;
  }
}

/** The map of the branches shall be shown. */
export class MapEvent extends Event {
  static readonly type = 'bn-map';

  constructor() {
    super(MapEvent.type, { bubbles: true, composed: true });
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
