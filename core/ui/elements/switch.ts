import WaSwitch from '@awesome.me/webawesome/dist/components/switch/switch.js';
import { css, type CSSResultGroup } from 'lit';
import './web-awesome.ts';

/**
 * Something that is on or off, at once. Part of a form like a checkbox (`name`, `value`, `checked`, `disabled`); `change` tells of it.
 * @slot - Its label. @slot hint - What it means.
 */
export class BnSwitch extends WaSwitch {
  static override get styles(): CSSResultGroup {
    return [
      super.styles,
      css`
        label {
          min-height: var(--bn-target);
        }
      `,
    ];
  }
}

customElements.define('bn-switch', BnSwitch);
