import type { ConversationPage } from '../views.ts';

type Lane = ConversationPage['lanes'][number];

export interface MapRow {
  readonly lane: Lane;
  /** How many lines lie between it and the main one. */
  readonly depth: number;
}

/** Lines as a tree, each behind the one in which it begins, those that begin earlier first: ids of messages rise with time. */
export function rowsOf(lanes: readonly Lane[]): MapRow[] {
  const known = new Set(lanes.map(({ id }) => id));
  const children = Map.groupBy(lanes, ({ parent }) => (parent !== null && known.has(parent) ? parent : ''));
  const rows: MapRow[] = [];
  const seen = new Set<string>();
  const add = (parent: string, depth: number): void => {
    const born = (children.get(parent) ?? []).toSorted((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1));
    for (const lane of born) {
      if (seen.has(lane.id)) continue;
      seen.add(lane.id);
      rows.push({ lane, depth });
      add(lane.id, depth + 1);
    }
  };
  add('', 0);
  return rows;
}
