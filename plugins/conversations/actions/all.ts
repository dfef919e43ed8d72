import type { Action, Bots } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import { showActivity } from './activity.ts';
import * as branches from './branches.ts';
import * as calls from './calls.ts';
import * as context from './context.ts';
import * as conversations from './conversations.ts';
import { exportConversation } from './export.ts';
import { searchConversations } from './search.ts';
import { greet } from './greet.ts';
import * as messages from './messages.ts';
import { choosePersona } from './persona.ts';
import * as runs from './runs.ts';
import * as translations from './translations.ts';
import * as versions from './versions.ts';

/** All that can be done with conversations, their messages, branches, calls and runs. */
export function conversationActions(store: ConversationStore, bots: Bots): Action[] {
  return [
    conversations.createConversation(store, bots),
    conversations.listConversations(store, bots),
    searchConversations(store, bots),
    showActivity(store, bots),
    conversations.showConversation(store, bots),
    conversations.seeConversation(store),
    conversations.stopConversation(store),
    conversations.renameConversation(store, bots),
    choosePersona(store, bots),
    conversations.archiveConversation(store),
    conversations.unarchiveConversation(store),
    conversations.auditConversation(store),
    context.showContext(store),
    context.compactConversation(store),
    exportConversation(store, bots),
    conversations.deleteConversation(store),
    greet(store, bots),
    messages.sendMessage(store, bots),
    messages.listMessages(store),
    messages.showMessage(store),
    messages.stopMessage(store),
    versions.editMessage(store, bots),
    versions.retryMessage(store, bots),
    versions.regenerateMessage(store, bots),
    versions.selectVersion(store),
    versions.excludeMessage(store),
    versions.includeMessage(store),
    versions.deleteMessage(store),
    versions.restoreMessage(store),
    translations.translateMessage(store),
    translations.untranslateMessage(store),
    branches.createBranch(store, bots),
    branches.mergeBranches(store, bots),
    calls.listCalls(store),
    calls.approveCall(store),
    calls.denyCall(store),
    runs.listRuns(store, bots),
    runs.showRun(store),
  ];
}
