/** The page of what bots remember. */
export const memoryPanel = {
  path: 'memory',
  title: 'Memory',
  icon: 'brain',
  element: 'bn-memory-panel',
  module: new URL('ui/memory-panel.ts', import.meta.url),
  order: 30,
  permission: 'memories:read',
};
