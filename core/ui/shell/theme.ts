/** Light, dark, or as the system has it. */
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** Read by the page itself, before the first paint. */
const KEPT = 'bn-theme';

export function themeNow(): Theme {
  const kept = localStorage.getItem(KEPT);
  return themes.find((theme) => theme === kept) ?? 'system';
}

/** Chooses the theme for this browser; every window of it follows. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, theme);
  showTheme();
}

/** Shows the theme that was chosen, now and whenever another window chooses one. */
export function beginTheme(): void {
  showTheme();
  globalThis.addEventListener('storage', (event) => void (event.key === KEPT && showTheme()));
}

function showTheme(): void {
  const theme = themeNow();
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
  // The bar of the browser takes the colour of the page's ground.
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.dataset['own'] ??= meta.media;
    meta.media = theme === 'system' ? meta.dataset['own'] : meta.dataset['own'].includes(theme) ? 'all' : 'not all';
  }
}
