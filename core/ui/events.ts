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

/** Somebody wants the palette: everything there is to go to and to do. */
export class PaletteEvent extends Event {
  static readonly type = 'bn-palette';

  constructor() {
    super(PaletteEvent.type, { bubbles: true, composed: true });
  }
}

/** Somebody wants the navigation folded to icons, or unfolded. */
export class FoldEvent extends Event {
  static readonly type = 'bn-fold';

  constructor() {
    super(FoldEvent.type, { bubbles: true, composed: true });
  }
}

/** Somebody wants to see which keys do what. */
export class KeysEvent extends Event {
  static readonly type = 'bn-keys';

  constructor() {
    super(KeysEvent.type, { bubbles: true, composed: true });
  }
}

/** A dialog was closed, by whatever means. */
export class CloseEvent extends Event {
  static readonly type = 'bn-close';

  constructor() {
    super(CloseEvent.type);
  }
}

/** Somebody has signed in on the gate: the page begins anew, with what they may see. */
export class SignedInEvent extends Event {
  static readonly type = 'bn-signed-in';

  constructor() {
    super(SignedInEvent.type, { bubbles: true, composed: true });
  }
}

/** Somebody wants to sign out. */
export class SignOutEvent extends Event {
  static readonly type = 'bn-sign-out';

  constructor() {
    super(SignOutEvent.type, { bubbles: true, composed: true });
  }
}

declare global {
  interface HTMLElementEventMap {
    'bn-fleet-changed': FleetChangedEvent;
    'bn-menu': MenuEvent;
    'bn-close': CloseEvent;
    'bn-signed-in': SignedInEvent;
    'bn-sign-out': SignOutEvent;
  }
}
