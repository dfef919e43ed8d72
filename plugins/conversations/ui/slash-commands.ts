import { msg } from 'boternity/ui';

/** What can be written in place of a message, without its slash. */
export interface SlashCommand {
  readonly name: string;
  /** What may stand behind it. */
  readonly usage?: string | undefined;
  readonly about: string;
  /** It does nothing without what stands behind it. */
  readonly needsMore?: boolean | undefined;
}

/** The commands of a conversation; the terminal's, as far as they mean something in a page. */
export function slashCommands(): SlashCommand[] {
  return [
    { name: 'new', about: msg('begins a new conversation with this bot') },
    { name: 'model', usage: msg('[name]'), about: msg('chooses the model that answers from now on') },
    { name: 'persona', usage: msg('[name]'), about: msg('has the bot speak as one of its personas, or as itself') },
    {
      name: 'remember',
      usage: msg('<text>'),
      about: msg('keeps a sentence in the memory of the bot'),
      needsMore: true,
    },
    { name: 'memory', usage: msg('[words]'), about: msg('shows what the bot remembers, or what of it fits') },
    { name: 'forget', usage: msg('<words>'), about: msg('finds what shall be forgotten'), needsMore: true },
    { name: 'stop', about: msg('stops the answer that is being given') },
    { name: 'retry', about: msg('tries the last answer again that failed or was stopped') },
    { name: 'regenerate', about: msg('asks for another answer to the last message') },
    { name: 'edit', usage: msg('<text>'), about: msg('words the last message anew'), needsMore: true },
    { name: 'compact', about: msg('sums up what was said, to make room') },
    { name: 'inspect', about: msg('shows how the last answer came about') },
    { name: 'branch', usage: msg('[title]'), about: msg('goes another way behind the last answer') },
    { name: 'checkpoint', usage: msg('[title]'), about: msg('marks this place, to come back to it') },
    { name: 'branches', about: msg('shows the map of the branches') },
    { name: 'title', usage: msg('<title>'), about: msg('names the conversation'), needsMore: true },
    { name: 'export', usage: msg('[json]'), about: msg('downloads the conversation, as Markdown or JSON') },
    { name: 'archive', about: msg('puts the conversation away') },
    { name: 'delete', about: msg('deletes the conversation for good; asks first') },
    { name: 'help', about: msg('lists the commands') },
  ];
}

/** The command in a text and what stands behind it; undefined where the text is a message. */
export function slashIn(text: string): { readonly command: SlashCommand; readonly rest: string } | undefined {
  const [, name = '', rest = ''] = /^\/([a-z]+)(?:\s+([^]*))?$/i.exec(text.trim()) ?? [];
  const command = slashCommands().find((each) => each.name === name.toLowerCase());
  return command && { command, rest: rest.trim() };
}

/** What fits the beginning of a command that is being written; nothing once something stands behind it. */
export function slashFitting(text: string): readonly SlashCommand[] {
  const [, typed] = /^\/([a-z]*)$/i.exec(text) ?? [];
  if (typed === undefined) return [];
  return slashCommands().filter(({ name }) => name.startsWith(typed.toLowerCase()));
}
