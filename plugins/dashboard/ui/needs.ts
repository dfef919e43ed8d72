import { msg, pathTo, str, type Answer } from 'boternity/ui';

export type Dashboard = Answer<'dashboard.show'>;
export type ModelList = Answer<'dashboard.models'>['lists'][number];

/** Something that waits for a person. */
export interface Need {
  readonly icon: string;
  /** Picture of the bot that it concerns. */
  readonly emoji?: string;
  readonly what: string;
  readonly detail: string;
  /** Where it is done; undefined where there is no page for it. */
  readonly href: string | undefined;
}

/** What waits for a person, the most pressing first: decisions, changes, quarantine, then what is broken. */
export function needsOf(shown: Dashboard, lists: readonly ModelList[]): Need[] {
  const page = (path: string): string | undefined =>
    shown.pages.includes(path) ? pathTo(...path.split('/')) : undefined;
  const below = (path: string, ...rest: readonly string[]): string | undefined =>
    shown.pages.includes(path) ? pathTo(path, ...rest) : undefined;
  const { waiting, bots, quarantine, providers, plugins } = shown;
  return [
    ...(waiting ?? []).map((each) => ({
      icon: 'shield',
      emoji: each.bot.emoji,
      what: msg(str`${each.bot.name} asks before it goes on`),
      detail: titleOf(each.title),
      href: below('conversations', each.id),
    })),
    ...(bots?.troubled ?? []).flatMap(({ slug, name, emoji, waiting: changes }) =>
      changes === 0
        ? []
        : {
            icon: 'pencil',
            emoji,
            what: changes === 1 ? msg('A change waits for your word') : msg(str`${changes} changes wait for your word`),
            detail: name,
            href: below('agents', slug),
          },
    ),
    ...(quarantine ?? []).map(({ bot, id, text, reasons }) => ({
      icon: 'brain',
      what: msg(str`A memory of ${bot} is in quarantine`),
      detail: reasons.join('; ') || text,
      href: below('memory', bot, id),
    })),
    ...(bots?.troubled ?? []).flatMap(({ slug, name, emoji, problems, waiting: changes }) =>
      problems <= changes
        ? []
        : {
            icon: 'alert',
            emoji,
            what: problems === 1 ? msg('A file has a problem') : msg(str`${problems} problems in files`),
            detail: name,
            href: below('agents', slug),
          },
    ),
    ...(providers ?? []).flatMap(({ name, state, problem, lastFailure }) =>
      state !== 'unusable' && state !== 'open'
        ? []
        : {
            icon: 'plug',
            what: state === 'open' ? msg(str`${name} does not answer`) : msg(str`${name} cannot be used`),
            detail: problem ?? lastFailure?.message ?? '',
            href: page('system/settings/providers'),
          },
    ),
    ...lists.flatMap(({ provider, gone }) =>
      gone.length === 0
        ? []
        : {
            icon: 'plug',
            what: msg(str`${provider} does not have every listed model any more`),
            detail: gone.join(', '),
            href: page('system/settings/providers'),
          },
    ),
    ...(plugins ?? []).map(({ name, error, missing }) => ({
      icon: 'alert',
      what: msg(str`The plugin ${name} does not run`),
      detail: error ?? (missing.length > 0 ? msg(str`It waits for ${missing.join(', ')}`) : ''),
      href: page('system/settings/plugins'),
    })),
  ];
}

/** The title of a conversation, or what stands for one. */
export function titleOf(title: string): string {
  return title === '' ? msg('New conversation') : title;
}
