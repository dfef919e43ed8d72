import { html, msg } from 'boternity/ui';
import { RestartEvent } from './answer-events.ts';
import { StopEvent } from './events.ts';

/** Says of an answer or a call that nothing is heard of it, and what can be done. */
export function stuckNotice(host: EventTarget, message: string): unknown {
  return html`<bn-notice tone="warning" role="status">
    <strong>${msg('Nothing has come for half a minute.')}</strong>
    ${msg('The model may still be thinking, or it is stuck.')}
    <button slot="actions" @click=${() => host.dispatchEvent(new StopEvent())}>${msg('Stop the answer')}</button>
    <button slot="actions" @click=${() => host.dispatchEvent(new RestartEvent(message))}>
      ${msg('Stop and try again')}
    </button>
  </bn-notice>`;
}
