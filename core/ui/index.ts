/**
 * What panels may use, listed one by one: `import { BnElement, html } from 'boternity/ui'`. The elements bn-avatar, bn-dialog,
 * bn-header, bn-icon and bn-notice are defined by this import. Colours and sizes are the custom properties of tokens.css;
 * they reach into every element by themselves.
 */
export { css, html, nothing, svg } from 'lit';
export { BnElement } from './element.ts';
export { baseStyles } from './styles.ts';

export { clientContext, fleetContext, meContext, routeContext } from './contexts.ts';
export { CloseEvent, FleetChangedEvent, MenuEvent, SignedInEvent, SignOutEvent } from './events.ts';
export { mark } from './mark.ts';
export { showTitle } from './page-title.ts';
export type { Me } from './me.ts';
export { navigate, pathTo, type Route } from './router.ts';
export type { BotLine, ConversationLine, Fleet, ServerLine } from './fleet.ts';

export { CallError, createClient, isTerminal } from './client.ts';
export type { Answer, Client, ConnectionState, LiveConversation, SentMessage, Traffic } from './client.ts';

export { formatCount, formatDate, formatDuration, formatFullTime, formatTime, groupByRecency } from './format.ts';

export { BnAvatar } from './avatar.ts';
export { BnDialog } from './dialog.ts';
export { BnHeader } from './header.ts';
export { BnIcon } from './icon.ts';
export { BnNotice } from './notice.ts';
