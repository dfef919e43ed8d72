import { msg, str, formatNumber } from 'boternity/ui';

/** A number of bytes in words: `12 kB`, `3.4 MB`. */
export function fileSize(bytes: number): string {
  if (bytes < 1_000) return msg(str`${bytes} bytes`);
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${formatNumber(value, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}

/** Pictures that a browser shows by itself and that can do nothing. */
export function isPicture(media: string): boolean {
  return /^image\/(png|jpeg|gif|webp)$/.test(media);
}
