import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '../test/support/browser.ts';

/** Draws the icons of the installed application from the drawings in public/: run it after one of them was changed, and commit what it writes. */
const icons = [
  { from: 'favicon.svg', to: 'icon-192.png', size: 192 },
  { from: 'favicon.svg', to: 'icon-512.png', size: 512 },
  { from: 'icon-maskable.svg', to: 'icon-maskable-192.png', size: 192 },
  { from: 'icon-maskable.svg', to: 'icon-maskable-512.png', size: 512 },
  { from: 'icon-maskable.svg', to: 'apple-touch-icon.png', size: 180 },
];

const folder = new URL('../public/', import.meta.url);
await using browser = await launchBrowser({ width: 512, height: 512 });
const page = await browser.context.newPage();
for (const { from, to, size } of icons) {
  const drawing = (await readFile(new URL(from, folder), 'utf8')).replace(
    '<svg ',
    `<svg width="${size}" height="${size}" `,
  );
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<!doctype html><style>* { margin: 0; display: block }</style>${drawing}`);
  await page.screenshot({ path: fileURLToPath(new URL(to, folder)), omitBackground: true });
  console.log(`${to}: ${size} × ${size}`);
}
