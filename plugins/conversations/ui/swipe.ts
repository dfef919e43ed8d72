import { DeedEvent } from './events.ts';

/** So far across, and so little up or down, is a swipe; in CSS pixels. */
const ACROSS_PX = 60;
const ASIDE_PX = 40;

interface Version {
  readonly node: string;
  readonly number: number;
  readonly of: number;
}

/** A finger that goes across an element shows the version beside it. What scrolls sideways by itself is left alone. */
export function swipeVersions(element: HTMLElement, versionOf: () => Version | undefined): void {
  let from: { readonly x: number; readonly y: number } | undefined;
  element.addEventListener(
    'touchstart',
    (event) => {
      const [touch] = event.touches;
      const isAlone = touch !== undefined && event.touches.length === 1 && !isInScroller(event);
      from = isAlone ? { x: touch.clientX, y: touch.clientY } : undefined;
    },
    { passive: true },
  );
  element.addEventListener('touchend', (event) => {
    const [touch] = event.changedTouches;
    const version = versionOf();
    if (!from || !touch || !version || version.of < 2) return;
    const across = touch.clientX - from.x;
    const aside = Math.abs(touch.clientY - from.y);
    from = undefined;
    if (Math.abs(across) < ACROSS_PX || aside > ASIDE_PX) return;
    const isForward = across < 0 !== (getComputedStyle(element).direction === 'rtl');
    const deed = stepTo(version, isForward);
    if (deed) element.dispatchEvent(new DeedEvent(deed));
  });
}

/** The deed that shows the next version or the one before; undefined at the end. */
export function stepTo({ node, number, of }: Version, isForward: boolean): DeedEvent['deed'] | undefined {
  const isEnd = isForward ? number >= of : number <= 1;
  return isEnd ? undefined : { action: 'messages.select', message: node, version: isForward ? 'next' : 'previous' };
}

function isInScroller(event: Event): boolean {
  return event
    .composedPath()
    .some((each) => each instanceof HTMLElement && each.matches('.scroll, pre') && each.scrollWidth > each.clientWidth);
}
