/** A bot or conversation was made, changed or removed: whoever shows lists reads them again. */
export class FleetChangedEvent extends Event {
  static readonly type = 'bn-fleet-changed';

  constructor() {
    super(FleetChangedEvent.type, { bubbles: true, composed: true });
  }
}

/** Somebody wants to see the navigation, which is hidden on narrow screens. */
export class MenuEvent extends Event {
  static readonly type = 'bn-menu';

  constructor() {
    super(MenuEvent.type, { bubbles: true, composed: true });
  }
}

/** A dialog was closed, by whatever means. */
export class CloseEvent extends Event {
  static readonly type = 'bn-close';

  constructor() {
    super(CloseEvent.type);
  }
}

declare global {
  interface HTMLElementEventMap {
    'bn-fleet-changed': FleetChangedEvent;
    'bn-menu': MenuEvent;
    'bn-close': CloseEvent;
  }
}
