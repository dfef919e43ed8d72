/**
 * The one function of vectors that is written for the processor: WebAssembly with 128-bit lanes, put together here because it is short.
 * `scan(row, count, bytes, query, out)`: for each of `count` rows of `bytes` signed bytes from address `row` on, the sum of its products
 * with the 16-bit numbers at `query`, written as 32-bit numbers from `out` on. `bytes` is a multiple of 16.
 */
export function scanCode(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...MAGIC,
    ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
    ...section(2, [1, ...name('home'), ...name('memory'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('scan'), 0, 0]),
    ...section(10, [1, ...sized([2, 2, I32, 1, V128, ...body, END])]),
  ]);
}

const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const [I32, V128, END] = [0x7f, 0x7b, 0x0b];
const [row, count, bytes, query, out, end, place, sum] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (value: number): number[] => [0x41, value];
const add = 0x6a;
const loop = [0x03, 0x40];
const load = (offset: number): number[] => [0xfd, 0x00, 0, offset];
const zero = [0xfd, 0x0c, ...Array.from({ length: 16 }, () => 0)];
const widenLow = [0xfd, 0x87, 0x01];
const widenHigh = [0xfd, 0x88, 0x01];
const multiplyPairs = [0xfd, 0xba, 0x01];
const addLanes = [0xfd, 0xae, 0x01];
const lane = (number: number): number[] => [...get(sum), 0xfd, 0x1b, number];
const raise = (local: number, by: number): number[] => [...get(local), ...constant(by), add, ...set(local)];
/** Half of 16 bytes, made 16 bits wide, times eight numbers of the query, added to the sum. */
const half = (widen: number[], offset: number): number[] =>
  [
    [...get(sum), ...get(row), ...load(0), ...widen],
    [...get(place), ...load(offset), ...multiplyPairs, ...addLanes, ...set(sum)],
  ].flat();
/** Goes back to the beginning of the loop when there is something else than 0. */
const again = [0x0d, 0, END];
const isLess = 0x49;
const minus = 0x6b;
const store = [0x36, 2, 0];
const setAndKeep = (local: number): number[] => [0x22, local];

const body = [
  loop,
  [...zero, ...set(sum), ...get(query), ...set(place), ...get(row), ...get(bytes), add, ...set(end)],
  loop,
  [...half(widenLow, 0), ...half(widenHigh, 16), ...raise(row, 16), ...raise(place, 32)],
  [...get(row), ...get(end), isLess, ...again],
  [...get(out), ...lane(0), ...lane(1), add, ...lane(2), add, ...lane(3), add, ...store],
  raise(out, 4),
  [...get(count), ...constant(1), minus, ...setAndKeep(count), ...again],
].flat();

function sized(content: readonly number[]): number[] {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    if (rest <= 0x7f) return [...length, ...content];
  }
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}
