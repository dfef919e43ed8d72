/** The front door: every public name of the house, listed one by one. Plugins import from here and nowhere else. */
export type * from './kernel/names.ts';
export { definePlugin } from './kernel/plugin.ts';
export type { Context, Plugin, PluginEntry, Provider } from './kernel/plugin.ts';
export { Registry } from './kernel/registry.ts';
export { OwnedScope, type Scope } from './kernel/scope.ts';
export type { Layer } from './kernel/onion.ts';
export type { PluginStatus } from './kernel/kernel.ts';

export { blockListOf, isListed, plainAddress, whyBlocked } from './base/addresses.ts';
export { Fault, isFaultCode, type Detail } from './base/fault.ts';
export { faultTable, type FaultCode } from './base/fault-table.ts';
export { system, type Author, type Change } from './base/author.ts';
export type { Count, Meter } from './base/meter.ts';
export { Queues } from './base/queues.ts';
export { createId, isId } from './base/ids.ts';
export { systemClock, timestamp, type Clock } from './base/clock.ts';
export type { Log } from './base/log.ts';
export { editDistance } from './base/edit-distance.ts';
export { nearest } from './base/nearest.ts';
export { redactor, type Redactor, type RedactedStream } from './base/redact.ts';
export { isUnspaced, plainOf, wordsIn, type Word } from './base/words.ts';
export { findSecrets } from './base/secret-patterns.ts';
export type { FindSecretsOptions, FoundSecret, SecretFindings } from './base/secret-patterns.ts';

export type { Files, FileName, FileStat } from './files/files.ts';
export type { Home } from './files/home.ts';
export { editFile, readEdited } from './files/edit-file.ts';
export { makeCliToken, readCliToken } from './files/cli-token.ts';
export { createDiskFiles, makeFolder, syncFolder } from './files/disk.ts';
export { foldName } from './files/fold-name.ts';
export { writeAtomically } from './files/replace-file.ts';
export { noLimits, readArchive, type ArchiveEntry, type ArchiveLimits } from './files/read-archive.ts';
export { TEMPORARY_SUFFIX } from './files/store-path.ts';
export { findOwner, isAlive, lockHome, type HomeLock, type Owner } from './files/home-lock.ts';
export { isMissingFile } from './files/system-calls.ts';
export { unifiedDiff } from './files/unified-diff.ts';
export { packArchive, type Packed } from './files/write-archive.ts';
export { DailyJournal, dayOf } from './files/daily-journal.ts';
export { openJournal, type Journal } from './files/journal.ts';
export { readJsonLines, toJsonLine } from './base/json-lines.ts';
export { editFrontMatter, parseFrontMatter, type FrontMatter } from './files/front-matter.ts';
export { changesBetween, editYaml, locateInYaml, parseYaml, YamlError } from './files/yaml.ts';
export { correctMisspellings, findMisspellings, type Misspelling } from './files/misspellings.ts';

export type { BlameLine, Commit, CommitMeta, FileChange, LogEntry, Quarantine } from './files/git/repository.ts';
export type { Repositories, Repository, Standing, TreeFile, UploadRequest } from './files/git/repository.ts';

export type { BotFolder, BotSettings } from './bots/bot-files.ts';
export { checkContents } from './bots/check-contents.ts';
export { slugOf, slugPattern, slugsFrom } from './bots/slug.ts';
export { nameOf, settingsOf, type Bot, type Waiting } from './bots/bot.ts';
export type { Bots, WhyWait } from './bots/bots.ts';
export type { AskedTurn, BotForTurn, Bring, Brought, Notice, Section } from './bots/brought.ts';
export type { BotIndex } from './bots/bot-index.ts';
export type { Deployed, Live, Place, Push, PushLimits } from './bots/deploy.ts';
export type { KeptBot } from './bots/kept-bot.ts';
export type { RefUpdate } from './bots/ref-rules.ts';
export { isSealed } from './bots/sealed.ts';
export type { Seal } from './bots/seal.ts';
export { programPath, type Written } from './bots/writing.ts';
export { manyFiles, oneFile, usable } from './bots/file-kind.ts';
export { personasOf } from './bots/personas.ts';
export type { CheckedFile, Entry, FileKind, Markdown, Problem } from './bots/file-kind.ts';
export { readEntry } from './bots/read-entry.ts';
export type { BotChanged, BotRenamed } from './bots/fleet.ts';
export { schemaFiles, type SchemaFile } from './bots/schema-files.ts';

export type { House } from './boot/boot.ts';
export type { PluginRow } from './boot/plugin-table.ts';
export { assertKnownVersion, HOME_VERSION, versionOfHome } from './boot/home-version.ts';
export { initHome } from './boot/init-home.ts';
export { ownModule } from './boot/plugins/own-module.ts';
export type { FoundPlugin } from './boot/plugins/find.ts';
export { defineConfig, type Config } from './boot/config.ts';
export { maskSecrets, unmaskSecrets } from './boot/secret-settings.ts';
export { settingsSchema, type Setting } from './boot/settings.ts';
export type { Check, Doctor, Finding, Fix } from './boot/checks.ts';
export { findingOfMisspelt } from './boot/misspelt.ts';

export { defineAction } from './actions/action.ts';
export type {
  Action,
  ActionCall,
  CalledAt,
  Door,
  InputOf,
  JsonSchema,
  OutputOf,
  TypedAction,
} from './actions/action.ts';
export { bareName } from './actions/actions.ts';
export type { ActionRun, Actions } from './actions/actions.ts';
export type { Caller, Callers, Credentials } from './actions/caller.ts';
export { changeBy } from './actions/change.ts';
export { covers, coversSome, isGrant, mayGrant, type Grant } from './actions/grants.ts';

export { plainText, text } from './agent/message.ts';
export type { Content, Message, ToolCall } from './agent/message.ts';
export { unknownUsage } from './agent/model.ts';
export { embedAll, guardEmbedder } from './agent/embedder.ts';
export type { Embedder, Embedding, EmbedPurpose, Vector } from './agent/embedder.ts';
export type {
  IndexedEntry,
  IndexEntry,
  IndexInfo,
  IndexPlace,
  MemoryEngine,
  MemoryIndex,
  OpenIndex,
  Term,
  VectorHit,
  WordHit,
} from './agent/memory-index.ts';
export { eachPart } from './agent/each-part.ts';
export { costOf } from './agent/price.ts';
export { redactModel } from './agent/redact-model.ts';
export type { Abilities, Attempt, CallPurpose, Model, ModelFacts, ModelFailure, ModelRequest } from './agent/model.ts';
export type { Part, Price, Rates, Served, StopReason, ToolOutcome, ToolSpec, Usage } from './agent/model.ts';

export type { EmbedderFacts, ListedModel, ProviderKind } from './agent/provider/kind.ts';
export { hostOf, type ProviderAccess, type Service } from './agent/provider/service.ts';
export { modelOver, type AnswerReader, type OpenedStream, type Protocol } from './agent/provider/model-over.ts';
export { ahead, beginning, type Beginning } from './agent/provider/beginning.ts';
export { allPages, asking } from './agent/provider/asking.ts';
export { download, sizeAt, type Downloaded } from './agent/provider/download.ts';
export { unlessAborted } from './agent/provider/deadline.ts';
export { failureBehind, failureFrom, faultOf } from './agent/provider/failure.ts';
export { conceding } from './agent/provider/concede.ts';
export { claudeGeneration, claudeThinking, isClaudeSince, type ClaudeThinking } from './agent/provider/claude.ts';
export { addOfUser, asItCame, inputOf, inTurns, keptOf, tidyId, toldOf, toolsOf } from './agent/provider/history.ts';
export type { Blocks, Piece, Turn } from './agent/provider/history.ts';
export {
  bodyOf,
  eventBatches,
  eventData,
  eventStream,
  eventValues,
  send,
  sendForJson,
  ServiceError,
} from './agent/provider/http.ts';
export { sdkClients, withoutVariable } from './agent/provider/sdk-clients.ts';
export { fetchKeepingAlive } from './agent/provider/transport.ts';
export { overheard, type Ear, type WireAnswer, type WireRequest } from './agent/provider/overhear.ts';
export { ToolCalls, withOwnIds } from './agent/provider/tool-calls.ts';
export { usageOf } from './agent/provider/usage.ts';
export { callInWords, paragraphs, shapeInWords } from './agent/provider/words.ts';
export { fieldsOf, listOf, numberOf, textOf, type Fields } from './agent/provider/unknown.ts';

export { recordExchange } from './agent/tape/exchange.ts';
export { readTape, tapeOf, writeTape, type Exchange, type Tape, type TapeProviders } from './agent/tape/format.ts';
export { replayTape, type Replay, type ReplayOptions } from './agent/tape/replay.ts';
export { Scrubber } from './agent/tape/scrub.ts';

export { runStep } from './agent/step.ts';
export type { Step, StepFact, ToolResult } from './agent/step.ts';
export { accountFor, renderSections, sortTools } from './agent/prompt.ts';
export type { SectionAccount } from './agent/prompt.ts';
export { botSections, templateValues } from './agent/bot-prompt.ts';
export { isRequired, ruleFor, toolNameOf, toolSpecOf, type ToolRule } from './agent/tools.ts';

export { askSecret } from './cli/ask-secret.ts';
export { confirm } from './cli/confirm.ts';
export { charactersOf, fitting, shortened, widthOf } from './cli/width.ts';
export { saveStream, type SaveOptions } from './cli/save-stream.ts';
export { defineCommand, defineOfflineCommand } from './cli/command.ts';
export type { Command, CommandCall, OfflineCall, OfflineCommand, Terminal } from './cli/command.ts';
export type { Client } from './ui/client.ts';

export { beginEvents } from './server/sse.ts';
export { credentialsOf, type Reach } from './server/reach.ts';
export { Hub } from './server/live/hub.ts';
export type { LiveSource, LiveStream } from './server/live/live.ts';
export type { Panel, Route, RouteAnswer, RouteCall, RouteDescription, Web } from './server/web.ts';

export { z } from 'zod';
