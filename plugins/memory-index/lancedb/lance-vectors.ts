import { createHash } from 'node:crypto';
import type { Connection, Lance } from '@lancedb/lancedb';

/** Changes after which small pieces are put together. */
const OFTEN = 100;

/** Vectors of length 1 in LanceDB: a table for each model and length. Searched without an index of its own, so that the result is exact. */
export class LanceVectors {
  readonly #connection: Connection;
  #changes = 0;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async open(lance: Lance, folder: string): Promise<LanceVectors> {
    return new LanceVectors(await lance.connect(folder));
  }

  /** Adds vectors, in place of those of the same entries. Tables of other models go. */
  async set(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    const rows = Array.from(vectors, ([id, vector]) => ({ id: encodeId(id), vector: [...vector] }));
    const name = tableName(model, rows[0]?.vector.length ?? 0);
    const names = await this.#connection.tableNames();
    for (const other of names) if (other !== name) await this.#connection.dropTable(other);
    if (!names.includes(name)) {
      await this.#connection.createTable(name, rows);
      return;
    }
    const table = await this.#connection.openTable(name);
    await table.mergeInsert('id').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(rows);
    this.#changes += 1;
    if (this.#changes % OFTEN === 0) await table.optimize();
  }

  /** Ids and similarities, nearest first; of another length or model there are none. */
  async nearest(model: string, vector: Float32Array, limit: number): Promise<{ id: string; similarity: number }[]> {
    const name = tableName(model, vector.length);
    if (!(await this.#connection.tableNames()).includes(name)) return [];
    const table = await this.#connection.openTable(name);
    const rows = await table
      .vectorSearch([...vector])
      .distanceType('dot')
      .select(['id', '_distance'])
      .limit(limit)
      .toArray();
    return rows.map(({ id, _distance }) => ({ id: decodeId(id), similarity: 1 - _distance }));
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    for (const name of await this.#connection.tableNames()) {
      const table = await this.#connection.openTable(name);
      await table.delete(`id IN (${ids.map((id) => `'${encodeId(id)}'`).join(', ')})`);
    }
  }

  async clear(): Promise<void> {
    for (const name of await this.#connection.tableNames()) await this.#connection.dropTable(name);
  }

  close(): void {
    this.#connection.close();
  }
}

function tableName(model: string, dimensions: number): string {
  return `v${dimensions}_${createHash('sha256').update(model).digest('hex').slice(0, 24)}`;
}

/** Ids stand in conditions: what they hold must mean nothing there. */
function encodeId(id: string): string {
  return Buffer.from(id).toString('hex');
}

function decodeId(id: string): string {
  return Buffer.from(id, 'hex').toString();
}
