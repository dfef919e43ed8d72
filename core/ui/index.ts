/**
 * What panels may use, listed one by one: `import { BnElement, html } from 'boternity/ui'`. The elements bn-avatar, bn-dialog,
 * bn-header, bn-icon and bn-notice are defined by this import; others come by name where they are wanted: `import 'boternity/ui/menu'` (also
 * drawer, form, progress, skeleton, split, switch, tabs, tooltip, tree). Colours and sizes are the custom properties of tokens.css; they reach into
 * every element by themselves.
 */
export { css, html, nothing, svg, type CSSResultGroup } from 'lit';
export { BnElement } from './elements/element.ts';
export { baseStyles } from './elements/styles.ts';
export { BnPage } from './elements/page.ts';
export { errorNotice, formStyles, pageStyles, sectionStyles } from './elements/page-styles.ts';

export { clientContext, fleetContext, meContext, routeContext } from './contexts.ts';
export { CloseEvent, FleetChangedEvent, MenuEvent, SignedInEvent, SignOutEvent } from './events.ts';
export {
  addWords,
  chooseLanguage,
  languageNow,
  languages,
  msg,
  slot,
  str,
  weave,
  worded,
  type Language,
  type Words,
} from './language.ts';
export { mark } from './elements/mark.ts';
export { borrow, panelsOf } from './shell/borrow.ts';
export { offerCommands, type Command } from './shell/commands.ts';
export { inspect, type Inspected } from './shell/inspect.ts';
export { FormChangeEvent, FormSubmitEvent } from './elements/form-events.ts';
export type { BnForm } from './elements/form.ts';
export { chooseTheme, themeNow, themes, type Theme } from './shell/theme.ts';
export { showTitle } from './shell/page-title.ts';
export { toast, type ToastOptions } from './toast.ts';
export type { Me } from './shell/me.ts';
export { pictureOf } from './picture.ts';
export { basePath, navigate, pathTo, withoutBase, type Route } from './router.ts';
export type { BotLine, ConversationLine, Fleet, ServerLine } from './live/fleet.ts';

export { CallError, createClient, isTerminal } from './client.ts';
export type { Answer, Client, ConnectionState, LiveConversation, SentMessage, Traffic } from './client.ts';
export type { KeptAnswer, Outbox, OutboxNews, QueuedMessage } from './client.ts';

export {
  formatCost,
  formatCount,
  formatDate,
  formatDollars,
  formatDuration,
  formatFullTime,
  formatNumber,
  formatScore,
  formatShare,
  formatSpan,
  formatTime,
  groupByRecency,
} from './format.ts';
export { staleFirst } from './live/stale-first.ts';
export { createHurry, followNews, type News } from './live/news.ts';

export { BnAvatar } from './elements/avatar.ts';
export { BnDialog } from './elements/dialog.ts';
export { BnHeader } from './elements/header.ts';
export { BnIcon } from './elements/icon.ts';
export { BnNotice } from './elements/notice.ts';
