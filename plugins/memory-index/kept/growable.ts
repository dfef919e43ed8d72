type Numbers = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array;

/** The same array, or a longer one with the same numbers when it is too short. Grows by half, so that many small steps stay cheap. */
export function grown<A extends Numbers>(array: A, length: number): A {
  if (array.length >= length) return array;
  const larger = new (array.constructor as new (length: number) => A)(Math.max(64, length, array.length * 1.5));
  larger.set(array);
  return larger;
}
