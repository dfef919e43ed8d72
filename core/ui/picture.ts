import type { BotLine } from './live/fleet.ts';
import { pathTo } from './router.ts';

const ENDING = /\.(png|jpe?g|gif|webp|avif|svg)$/i;

/**
 * Address of the picture that a bot names as its avatar: a file of its folder, and nothing else. Empty where it names none, or anything
 * that is no plain path of a picture there: an address elsewhere, a script, a way out of the folder.
 */
export function pictureOf(bot: Partial<Pick<BotLine, 'slug' | 'avatar'>> | undefined): string {
  const { slug, avatar } = bot ?? {};
  if (!slug || !avatar || !ENDING.test(avatar) || /[\\:?#%]/.test(avatar)) return '';
  const parts = avatar.replace(/^\.\//, '').split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return '';
  return pathTo('api', 'v1', 'bots', slug, 'pictures', ...parts);
}
