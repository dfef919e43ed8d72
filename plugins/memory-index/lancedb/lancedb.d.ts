/** The part of LanceDB that is used. The package is an optional peer: it is not there when the types are checked. */
declare module '@lancedb/lancedb' {
  export interface Lance {
    connect(folder: string): Promise<Connection>;
  }

  export interface Connection {
    tableNames(): Promise<string[]>;
    openTable(name: string): Promise<Table>;
    createTable(name: string, rows: readonly Row[]): Promise<Table>;
    dropTable(name: string): Promise<void>;
    close(): void;
  }

  interface Table {
    mergeInsert(column: string): Merge;
    vectorSearch(vector: readonly number[]): Search;
    delete(where: string): Promise<unknown>;
    optimize(): Promise<unknown>;
  }

  interface Merge {
    whenMatchedUpdateAll(): Merge;
    whenNotMatchedInsertAll(): Merge;
    execute(rows: readonly Row[]): Promise<unknown>;
  }

  interface Search {
    distanceType(type: 'dot'): Search;
    select(columns: readonly string[]): Search;
    limit(count: number): Search;
    toArray(): Promise<readonly { readonly id: string; readonly _distance: number }[]>;
  }

  interface Row extends Record<string, unknown> {
    readonly id: string;
    readonly vector: readonly number[];
  }
}
