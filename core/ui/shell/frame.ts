/** How much room the window has: panes as drawers, one beside the page, or all side by side. */
export type Frame = 'phone' | 'tablet' | 'desk';

const phone = globalThis.matchMedia('(width < 52rem)');
const desk = globalThis.matchMedia('(width >= 72rem)');

export function frameNow(): Frame {
  if (phone.matches) return 'phone';
  return desk.matches ? 'desk' : 'tablet';
}

/** Tells of every change, until the function it gives is called. */
export function followFrame(tell: (frame: Frame) => void): () => void {
  const change = (): void => tell(frameNow());
  for (const query of [phone, desk]) query.addEventListener('change', change);
  return () => {
    for (const query of [phone, desk]) query.removeEventListener('change', change);
  };
}

/** Widths of the panes in pixels, and whether the navigation is folded to icons: on tablets it is until somebody unfolds it. */
export interface Panes {
  readonly navigation: number;
  readonly inspector: number;
  readonly isFolded: Readonly<Record<Exclude<Frame, 'phone'>, boolean>>;
}

export const bounds = { navigation: [200, 420], inspector: [280, 640] } as const;
const standard: Panes = { navigation: 280, inspector: 380, isFolded: { tablet: true, desk: false } };
/** Read by the page itself, before the first paint. */
const KEPT = 'bn-panes';

export function readPanes(): Panes {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Panes>;
    const width = (name: 'navigation' | 'inspector'): number => within(kept[name] ?? standard[name], bounds[name]);
    return {
      navigation: width('navigation'),
      inspector: width('inspector'),
      isFolded: { ...standard.isFolded, ...kept.isFolded },
    };
  } catch {
    return standard;
  }
}

export function keepPanes(panes: Panes): void {
  localStorage.setItem(KEPT, JSON.stringify(panes));
}

export function standardWidth(pane: 'navigation' | 'inspector'): number {
  return standard[pane];
}

function within(width: unknown, [least, most]: readonly [number, number]): number {
  return typeof width === 'number' && Number.isFinite(width) ? Math.min(most, Math.max(least, width)) : least;
}
