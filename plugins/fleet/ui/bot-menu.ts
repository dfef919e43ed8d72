import { msg, pathTo, type BotLine } from 'boternity/ui';
import type { MenuItem } from 'boternity/ui/menu';

/** What can be done with bots, one or many. */
export type Deed = 'start' | 'stop' | 'archive' | 'clone' | 'export' | 'delete';

/** All that can be done with a bot. */
export function menuOf(
  bot: Pick<BotLine, 'slug' | 'status'>,
  run: (deed: Deed) => void,
): readonly (MenuItem | 'line')[] {
  const item = (deed: Deed, label: string, icon: string): MenuItem => ({ label, icon, run: () => run(deed) });
  return [
    { label: msg('Edit'), icon: 'pencil', href: pathTo('agents', bot.slug, 'files') },
    { label: msg('Settings'), icon: 'gear', href: pathTo('agents', bot.slug, 'settings') },
    { label: msg('History'), icon: 'clock', href: pathTo('agents', bot.slug, 'history') },
    'line',
    bot.status === 'active' ? item('stop', msg('Put to sleep'), 'pause') : item('start', msg('Wake up'), 'play'),
    item('clone', msg('Clone'), 'copy'),
    item('export', msg('Export'), 'download'),
    ...(bot.status === 'archived' ? [] : [item('archive', msg('Archive'), 'archive')]),
    'line',
    { ...item('delete', msg('Delete …'), 'trash'), tone: 'danger' },
  ];
}
