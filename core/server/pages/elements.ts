/**
 * Elements that a page loads by name when it wants them, `import 'boternity/ui/menu'`: files of core/ui/elements without their ending.
 * All others come with `boternity/ui`.
 */
export const elementsByName = [
  'drawer',
  'form',
  'menu',
  'progress',
  'skeleton',
  'split',
  'switch',
  'tabs',
  'tooltip',
  'tree',
];
