import { html, msg, pathTo, type CallError } from 'boternity/ui';

/** What is said of a conversation that cannot be read (any more), and the way on. `wasOpen`: it could be until now. */
export function goneNotice({ code, message, hint }: CallError, wasOpen: boolean): unknown {
  const start = html`<a slot="actions" class="button" href=${pathTo('conversations')}>${msg('Start a new one')}</a>`;
  if (code !== 'CONVERSATION_MISSING')
    return html`<bn-notice tone="warning" role="alert"><strong>${message}</strong> ${hint} ${start}</bn-notice>`;
  const words = wasOpen
    ? msg('What stands here is no longer on the server, and nothing can be added.')
    : msg('It was deleted, perhaps with its bot, or the address is not complete.');
  return html`<bn-notice tone="warning" role="alert">
    <strong
      >${wasOpen ? msg('This conversation was deleted.') : msg('There is no conversation at this address.')}</strong
    >
    ${words} ${start}
  </bn-notice>`;
}
