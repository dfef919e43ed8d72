/**
 * The three vocabularies of the house. Whoever brings a name declares its type where it is brought:
 * `declare module 'boternity' { interface Services { memory: Memory } }`.
 */

/** Services: what one plugin provides and others need, by name. */
export interface Services {}

/** Facts: something has happened. Name in the past tense → payload. Listeners change nothing. */
export interface Events {}

/** Operations: functions that layers may wrap. Name → function type. */
export interface Operations {}

/** Actions: name → `typeof theAction`, so that the client knows input and output of each: `'bots.list': typeof listBots`. */
export interface ActionTypes {}

/** Kinds of files in a bot folder: key → `typeof theKind`. */
export interface BotFiles {}
