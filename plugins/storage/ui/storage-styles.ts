import { css, sectionStyles, type CSSResultGroup, formatNumber } from 'boternity/ui';

/** What the sections of this page share beside what all do. */
export const storageStyles: CSSResultGroup = [
  sectionStyles,
  css`
    form {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--bn-space-2);
    }
    input,
    textarea {
      min-width: 0;
      font-size: max(1rem, var(--bn-text-m));
    }
    form input {
      flex: 1;
    }
    bn-notice {
      margin-block-end: var(--bn-space-3);
    }
  `,
];

/** `940 bytes`, `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const [unit, size] =
    bytes < 1_000
      ? (['byte', 1] as const)
      : bytes < 1_000_000
        ? (['kilobyte', 1e3] as const)
        : (['megabyte', 1e6] as const);
  return formatNumber(bytes / size, {
    style: 'unit',
    unit,
    unitDisplay: unit === 'byte' ? 'long' : 'short',
    maximumFractionDigits: 1,
  });
}
