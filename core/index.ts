/** The front door: every public name of the house, listed one by one. Plugins import from here and nowhere else. */
export type * from './kernel/names.ts';
export { definePlugin } from './kernel/plugin.ts';
export type { Context, Plugin, PluginEntry, Provider } from './kernel/plugin.ts';
export { Registry } from './kernel/registry.ts';
export { OwnedScope, type Scope } from './kernel/scope.ts';
export type { Layer } from './kernel/onion.ts';
export type { PluginStatus } from './kernel/kernel.ts';

export { Fault, isFaultCode, type Detail } from './base/fault.ts';
export { faultTable, type FaultCode } from './base/fault-table.ts';
export { system, type Author, type Change } from './base/author.ts';
export { createId, isId } from './base/ids.ts';
export { systemClock, timestamp, type Clock } from './base/clock.ts';
export type { Log } from './base/log.ts';

export type { Files, FileName, FileStat } from './files/files.ts';
export type { Home } from './files/home.ts';
export { editFile } from './files/edit-file.ts';
export { isMissingFile } from './files/disk.ts';
export { openJournal, type Journal } from './files/journal.ts';
export { editFrontMatter, parseFrontMatter, type FrontMatter } from './files/front-matter.ts';
export { editYaml, locateInYaml, parseYaml, YamlError } from './files/yaml.ts';

export type { BlameLine, Commit, CommitMeta, FileChange, LogEntry, Quarantine } from './files/git/repository.ts';
export type { Repositories, Repository, Standing, TreeFile, UploadRequest } from './files/git/repository.ts';
export { refusalsOf } from './files/git/safe-tree.ts';

export type { BotFolder, BotSettings } from './bots/bot-files.ts';
export { nameOf, settingsOf, type Bot } from './bots/bot.ts';
export type { Bots } from './bots/bots.ts';
export { manyFiles, oneFile, usable } from './bots/file-kind.ts';
export type { Entry, FileKind, Markdown, Problem } from './bots/file-kind.ts';
export type { BotChanged } from './bots/fleet.ts';

export type { House } from './boot/boot.ts';
export { defineConfig, type Config } from './boot/config.ts';
export type { Setting } from './boot/settings.ts';

export { defineAction } from './actions/action.ts';
export type { Action, ActionCall, Door, InputOf, JsonSchema, OutputOf, TypedAction } from './actions/action.ts';
export type { ActionRun, Actions } from './actions/actions.ts';
export type { Caller, Callers, Credentials } from './actions/caller.ts';
export { covers, type Grant } from './actions/grants.ts';

export { plainText, text } from './agent/message.ts';
export type { Content, Message, ToolCall } from './agent/message.ts';
export { unknownUsage } from './agent/model.ts';
export type { Model, ModelFailure, ModelRequest, Part, StopReason, ToolSpec, Usage } from './agent/model.ts';

export { defaultLimits, runTurn } from './agent/turn.ts';
export type { Step, ToolResult, ToolRunner, TurnFact, TurnLimits } from './agent/turn.ts';
export { accountFor, renderSections, sortTools } from './agent/prompt.ts';
export type { Section, SectionAccount } from './agent/prompt.ts';
export { botSections } from './agent/bot-prompt.ts';
export { ruleFor, toolNameOf, toolSpecOf, type ToolRule } from './agent/tools.ts';

export { defineCommand, type Command, type CommandCall, type Terminal } from './cli/command.ts';
export type { Client } from './ui/client.ts';

export { beginEvents, encodeEvent } from './server/sse.ts';
export type { Panel, Route, RouteCall, Web } from './server/web.ts';

export { z } from 'zod';
