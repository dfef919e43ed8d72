import type { Panel } from '../web.ts';
export function createPages(_: { packageRoot: URL; panels: () => Iterable<Panel & { plugin: string }> }) { return { handle: async (): Promise<undefined> => undefined }; }
