import { chooseLanguage, languageNow, languages, msg, str, type Language } from '../language.ts';
import type { BotLine } from '../live/fleet.ts';
import { pathTo, placeOf } from '../router.ts';
import type { Command } from './commands.ts';
import { titleOf, type PanelLine } from './panels.ts';
import { chooseTheme, themeNow, themes } from './theme.ts';

/** What the commands of the frame itself are about. */
export interface House {
  readonly panels: readonly PanelLine[];
  readonly bots: readonly BotLine[];
  readonly canSignOut: boolean;
  readonly signOut: () => void;
  readonly showKeys: () => void;
  /** Folds and unfolds the navigation; undefined where it is a drawer. */
  readonly fold: (() => void) | undefined;
}

/** Keys of pages: `g` and a letter. */
const pageKeys: Readonly<Record<string, string>> = {
  dashboard: 'g d',
  conversations: 'g c',
  agents: 'g a',
  usage: 'g u',
  storage: 'g f',
  memory: 'g m',
};

/** The commands that are there on every page. */
export function houseCommands(house: House): Command[] {
  return [
    ...pages(house),
    ...settings(house),
    ...bots(house),
    ...themeCommands(),
    ...languageCommands(),
    ...rest(house),
  ];
}

function pages({ panels }: House): Command[] {
  const group = msg('Pages');
  return panels.filter(({ path }) => placeOf(path) === '').map((panel) => lineOf(panel, group));
}

function lineOf(panel: PanelLine, group: string): Command {
  const { path, icon } = panel;
  const words = placeOf(path) === '' ? undefined : 'settings';
  return { title: titleOf(panel), icon, group, href: pathTo(...path.split('/')), keys: pageKeys[path], words };
}

function settings({ panels }: House): Command[] {
  const group = msg('Settings');
  const first = panels.find(({ path }) => placeOf(path) !== '');
  const lines = panels.filter(({ path }) => placeOf(path) !== '').map((panel) => lineOf(panel, group));
  if (!first) return lines;
  return [
    { title: msg('Settings'), icon: 'gear', group, href: pathTo(...placeOf(first.path).split('/')), keys: 'g s' },
    ...lines,
  ];
}

function bots({ bots: all, panels }: House): Command[] {
  const has = (path: string): boolean => panels.some((panel) => panel.path === path);
  const group = msg('Bots');
  const fresh: Command[] = has('conversations')
    ? [{ title: msg('New chat'), icon: 'plus', group: msg('Actions'), href: pathTo('conversations'), keys: 'n' }]
    : [];
  const made: Command[] = has('agents')
    ? [{ title: msg('New bot'), icon: 'bots', group: msg('Actions'), href: `${pathTo('agents')}?new`, words: 'create' }]
    : [];
  const each = all.flatMap(({ slug, name, status }): Command[] => [
    ...(has('agents') ? [{ title: name, icon: 'bots', group, href: pathTo('agents', slug), words: slug }] : []),
    ...(has('conversations') && status === 'active'
      ? [{ title: msg(str`New chat with ${name}`), icon: 'chat', group, href: chatWith(slug), words: slug }]
      : []),
  ]);
  return [...fresh, ...made, ...each];
}

/** Where a conversation with a bot begins. */
export function chatWith(slug: string): string {
  return `${pathTo('conversations')}?bot=${encodeURIComponent(slug)}`;
}

export function themeWords(): Readonly<Record<(typeof themes)[number], string>> {
  return { system: msg('As the system'), light: msg('Light'), dark: msg('Dark') };
}

export const themeIcons = { system: 'system', light: 'sun', dark: 'moon' } as const;

function themeCommands(): Command[] {
  const words = themeWords();
  return themes
    .filter((theme) => theme !== themeNow())
    .map((theme) => ({
      title: msg(str`Theme: ${words[theme]}`),
      icon: themeIcons[theme],
      group: msg('Actions'),
      words: `theme ${theme}`,
      run: () => chooseTheme(theme),
    }));
}

function languageCommands(): Command[] {
  return (Object.keys(languages) as Language[])
    .filter((language) => language !== languageNow())
    .map((language) => ({
      title: msg(str`Language: ${languages[language]}`),
      icon: 'globe',
      group: msg('Actions'),
      words: `language sprache ${language}`,
      run: () => void chooseLanguage(language),
    }));
}

function rest({ canSignOut, signOut, showKeys, fold }: House): Command[] {
  const group = msg('Actions');
  return [
    ...(fold ? [{ title: msg('Fold or unfold the navigation'), icon: 'side', group, keys: '[', run: fold }] : []),
    { title: msg('Keyboard shortcuts'), icon: 'keyboard', group, keys: '?', words: 'help keys', run: showKeys },
    ...(canSignOut ? [{ title: msg('Sign out'), icon: 'leave', group, run: signOut }] : []),
  ];
}
