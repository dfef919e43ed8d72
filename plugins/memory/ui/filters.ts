import { categories, kinds, type Category, type Kind } from './words.ts';

/** What the list shall show, as it stands in the query of its address. */
export interface Wanted {
  /** What is searched for; empty: everything, newest first. */
  readonly text: string;
  readonly filters: {
    readonly category?: Category;
    readonly kind?: Kind;
    readonly importance?: number;
    readonly superseded: boolean;
  };
}

/** What a query asks for; what it says wrongly is not wanted. */
export function wantedIn(query: string): Wanted {
  const said = new URLSearchParams(query);
  const category = keyIn(categories(), said.get('category'));
  const kind = keyIn(kinds(), said.get('kind'));
  const importance = Number(said.get('importance'));
  return {
    text: said.get('text') ?? '',
    filters: {
      ...(category && { category }),
      ...(kind && { kind }),
      ...(Number.isInteger(importance) && importance > 1 && importance <= 5 && { importance }),
      superseded: said.has('replaced'),
    },
  };
}

/** The query of a form's fields; what is empty is left out. */
export function queryOf(fields: FormData): string {
  const said = [...fields].map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : '']);
  return new URLSearchParams(said.filter(([, value]) => value !== '')).toString();
}

export function isFiltered({ filters }: Wanted): boolean {
  return filters.superseded || Object.keys(filters).length > 1;
}

function keyIn<Key extends string>(table: Readonly<Record<Key, string>>, said: string | null): Key | undefined {
  return (Object.keys(table) as Key[]).find((key) => key === said);
}
