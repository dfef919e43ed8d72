import type { ImportSource, Left } from '../format.ts';
import { at, isValues, textAt, valuesAt, type Values } from './config.ts';

/** An agent and where its workspace lies in the source. */
export interface Agent {
  readonly id: string;
  readonly said: Values;
  /** Folder with a slash behind it; empty for the root. */
  readonly root: string;
}

const SIGNS = ['SOUL.md', 'AGENTS.md', 'IDENTITY.md', 'USER.md', 'MEMORY.md'];

/** Whether a folder of the source (`''`, `workspace/`) looks like a workspace. */
export function isWorkspace(source: ImportSource, root: string): boolean {
  return SIGNS.some((file) => source.files.has(root + file));
}

/** The agents of a configuration whose workspaces came along; the others are named. */
export function agentsOf(source: ImportSource, config: Values): { agents: Agent[]; left: Left[] } {
  const left: Left[] = [];
  const agents: Agent[] = [];
  for (const { id, said } of configured(config)) {
    const wanted = textAt(said, 'workspace') ?? (id === 'main' ? defaultWorkspace(config) : undefined);
    const root = rootOf(source, wanted) ?? rootOf(source, id === 'main' ? 'workspace' : `workspace-${id}`);
    const isTaken = agents.some((agent) => agent.root === root);
    if (root !== undefined && !isTaken) agents.push({ id, said, root });
    else
      left.push({
        what: `agent ${id}`,
        why: isTaken
          ? 'it has the workspace of another'
          : `its workspace ${wanted ?? ''} is not in this folder; import that by itself`,
      });
  }
  if (agents.length === 0 && isWorkspace(source, '')) agents.push({ id: 'main', said: {}, root: '' });
  return { agents, left: agents.length === 1 && agents[0]?.root === '' ? [] : left };
}

function configured(config: Values): { id: string; said: Values }[] {
  const entries = at(config, 'agents', 'entries');
  const list = at(config, 'agents', 'list');
  const found = isValues(entries)
    ? Object.entries(entries).map(([id, said]) => ({ id, said: isValues(said) ? said : {} }))
    : (Array.isArray(list) ? list : []).filter(isValues).map((said) => ({ id: textAt(said, 'id') ?? 'main', said }));
  return found.length > 0 ? found : [{ id: 'main', said: valuesAt(config, 'agent') }];
}

function defaultWorkspace(config: Values): string | undefined {
  return textAt(config, 'agents', 'defaults', 'workspace') ?? textAt(config, 'agent', 'workspace');
}

/** A path of the other machine as a folder of the source: what stands behind `.openclaw`, else its last name. */
function rootOf(source: ImportSource, wanted: string | undefined): string | undefined {
  if (wanted === undefined) return undefined;
  const plain = wanted.replaceAll('\\', '/').replace(/\/+$/, '');
  const inside = /(?:^|\/)\.openclaw\/(.+)$/.exec(plain)?.[1] ?? plain.split('/').at(-1) ?? '';
  const root = `${inside}/`;
  return isWorkspace(source, root) ? root : undefined;
}
