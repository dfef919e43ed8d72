import { grown } from './growable.ts';
import { scanCode } from './scan-code.ts';

/** Rows that are gone through at once. */
const BLOCK = 4_096;
const MOST_DIMENSIONS = 8_192;
const PAGE = 65_536;
const OUT = MOST_DIMENSIONS * 2;
const ROWS = OUT + BLOCK * 4;
const FINE = 4_095;

type Scan = (row: number, count: number, bytes: number, query: number, out: number) => void;

let code: WebAssembly.Module | undefined;

/**
 * Vectors of length 1 as signed bytes, and how far each is from what it stands for. So a quick look at all of them tells between which
 * bounds each product lies, and only those need a close look that could be among the nearest: the result is exact.
 */
export class CoarseVectors {
  readonly #dimensions: number;
  readonly #bytes: number;
  readonly #memory = new WebAssembly.Memory({ initial: Math.ceil(ROWS / PAGE) });
  readonly #scan: Scan;
  #rows = new Int8Array(this.#memory.buffer);
  #scales = new Float32Array(0);
  #slips = new Float32Array(0);
  #top = 0;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#bytes = Math.ceil(dimensions / 16) * 16;
    code ??= new WebAssembly.Module(scanCode());
    const { exports } = new WebAssembly.Instance(code, { home: { memory: this.#memory } });
    this.#scan = exports['scan'] as Scan;
  }

  /** How many bytes `row` gives. */
  get rowBytes(): number {
    return this.#bytes + 8;
  }

  /** Takes a vector of length 1. */
  set(slot: number, vector: Float32Array): void {
    this.#makeRoom(slot);
    let largest = 0;
    for (let at = 0; at < vector.length; at += 1) {
      const value = vector[at] ?? 0;
      if (value > largest) largest = value;
      else if (-value > largest) largest = -value;
    }
    const scale = Math.fround(largest / 127);
    const steps = scale === 0 ? 0 : 1 / scale;
    const start = ROWS + slot * this.#bytes;
    let square = 0;
    for (let at = 0; at < vector.length; at += 1) {
      const value = vector[at] ?? 0;
      const byte = Math.trunc(value * steps + (value < 0 ? -0.5 : 0.5));
      this.#rows[start + at] = byte;
      const slip = value - byte * scale;
      square += slip * slip;
    }
    this.#scales[slot] = scale;
    this.#slips[slot] = Math.sqrt(square) * (1 + 1e-6);
  }

  /** What `setRow` takes: bytes, scale and slip of a slot. */
  row(slot: number): Uint8Array {
    const row = new Uint8Array(this.rowBytes);
    const start = ROWS + slot * this.#bytes;
    row.set(new Uint8Array(this.#memory.buffer, start, this.#bytes));
    new Float32Array(row.buffer, this.#bytes).set([this.#scales[slot] ?? 0, this.#slips[slot] ?? 0]);
    return row;
  }

  /** The same as `set`, from what `row` gave before. */
  setRow(slot: number, row: Uint8Array): void {
    this.#makeRoom(slot);
    new Uint8Array(this.#memory.buffer).set(row.subarray(0, this.#bytes), ROWS + slot * this.#bytes);
    const [scale = 0, slip = 0] = new Float32Array(row.buffer, row.byteOffset + this.#bytes, 2);
    this.#scales[slot] = scale;
    this.#slips[slot] = slip;
  }

  /**
   * Tells of each slot the lowest and the highest that its product with a vector of length 1 can be. `tell` hears of every slot, also of those
   * that were never set.
   */
  bounds(vector: Float32Array, tell: (slot: number, lowest: number, highest: number) => void): void {
    if (this.#top === 0) return;
    const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // Products of whole rows must fit into 32 bits.
    const fine = Math.min(FINE, Math.floor(2 ** 31 / (127 * this.#bytes)) - 1);
    const scale = largest / fine || 1;
    const query = new Int16Array(this.#memory.buffer, 0, this.#bytes).fill(0);
    let square = 0;
    for (let at = 0; at < this.#dimensions; at += 1) {
      query[at] = Math.round((vector[at] ?? 0) / scale);
      square += ((vector[at] ?? 0) - (query[at] ?? 0) * scale) ** 2;
    }
    const slip = Math.sqrt(square) * (1 + 1e-6) + 1e-6;
    const out = new Int32Array(this.#memory.buffer, OUT, BLOCK);
    for (let first = 0; first < this.#top; first += BLOCK) {
      const count = Math.min(BLOCK, this.#top - first);
      this.#scan(ROWS + first * this.#bytes, count, this.#bytes, 0, OUT);
      for (let at = 0; at < count; at += 1) {
        const slot = first + at;
        const near = (out[at] ?? 0) * (this.#scales[slot] ?? 0) * scale;
        const far = (this.#slips[slot] ?? 0) + slip * 1.1;
        tell(slot, near - far, near + far);
      }
    }
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength + this.#scales.byteLength + this.#slips.byteLength;
  }

  #makeRoom(slot: number): void {
    if (slot < this.#top) return;
    this.#top = slot + 1;
    this.#scales = grown(this.#scales, this.#top);
    this.#slips = grown(this.#slips, this.#top);
    const missing = ROWS + this.#top * this.#bytes - this.#memory.buffer.byteLength;
    if (missing <= 0) return;
    this.#memory.grow(Math.ceil((missing + this.#memory.buffer.byteLength / 8) / PAGE));
    this.#rows = new Int8Array(this.#memory.buffer);
  }
}
