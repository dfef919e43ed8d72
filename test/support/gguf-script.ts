import { writeFileSync } from 'node:fs';

/** What a scripted model writes. */
export interface Script {
  /** Decides how a prompt looks: node-llama-cpp knows families of models by it. */
  readonly family: string;
  /** Tokens of input and output together. */
  readonly window: number;
  /** What it writes from a place of the prompt on, in tokens from its beginning; the last one holds for all that comes after. */
  readonly acts: readonly { readonly from: number; readonly pieces: readonly string[] }[];
  /** What comes then: its end, or nothing that could be read, until the window is full. */
  readonly ending: 'end' | 'silence';
}

/** Tokens that are no text. What is none of these is written and read byte by byte. */
const MARKS = ['<|begin_of_text|>', '<|end_of_text|>', '<|wait|>', '<|eot_id|>', '<seed:think>', '</seed:think>'];
const [BOS, EOS, WAIT] = [256, 257, 258];
const WIDTH = 32;
/** How much its place counts, so that no temperature matters, and how much more the last token where that is a piece. */
const PLACE = 1e4;
const LAST = 1e10;

/**
 * Writes a model of the architecture GPT-2 that says a script. It has a token for every byte, and one for each piece of the script.
 * Attention and the rest of its only layer are zero, so that the next token hangs on the last one and its place alone: a piece leads to
 * the next one, and what is of the prompt to the act of that place. The score of piece j is a parabola whose top is at j.
 */
export function writeScript(file: string, { family, window, acts, ending }: Script): void {
  const taken = new Map<string, number>();
  const vocabulary = [...Array.from({ length: 256 }, (_, byte) => letterOf(byte)), ...MARKS];
  vocabulary.forEach((token, id) => taken.set(token, id));
  const order: number[] = [];
  const starts = acts.map(({ from, pieces }) => {
    const start = order.length + 1;
    for (const piece of unlike(pieces, taken)) order.push(tokenOf(piece, vocabulary, taken));
    return { from, start };
  });
  order.push(ending === 'end' ? EOS : WAIT);

  const embeddings = new Float32Array(vocabulary.length * WIDTH);
  const output = new Float32Array(vocabulary.length * WIDTH);
  order.forEach((token, index) => {
    const place = index + 1;
    const next = Math.min(place + 1, order.length);
    embeddings.set([next, 1, 0, 0, -next, -1], token * WIDTH);
    const parabola = [2 * place, -place * place];
    output.set([...parabola.map((each) => each * LAST), ...parabola.map((each) => each * PLACE)], token * WIDTH);
  });
  const positions = new Float32Array(window * WIDTH);
  for (let at = 0; at < window; at += 1) {
    const start = starts.findLast(({ from }) => from <= at)?.start ?? 1;
    positions.set([0, 0, start, 1, 0, 0, -start, -1], at * WIDTH);
  }
  writeFileSync(file, ggufOf(keysOf(family, window, vocabulary), tensorsOf(embeddings, positions, output)));
}

/** The same text in pieces that are no token yet: one that is there already is cut elsewhere, or goes with what follows. */
function unlike(pieces: readonly string[], taken: ReadonlyMap<string, number>): string[] {
  const made: string[] = [];
  const isFree = (piece: string): boolean =>
    MARKS.includes(piece) || !(taken.has(lettersOf(piece)) || made.includes(piece));
  let rest = '';
  for (const piece of pieces) {
    rest += piece;
    const cut = Array.from(rest, (_, at) => [rest.slice(0, at), rest.slice(at)].filter(Boolean)).find(
      (parts) => parts.every(isFree) && parts[0] !== parts[1],
    );
    if (!cut) continue;
    made.push(...cut);
    rest = '';
  }
  if (rest === '') return made;
  return [...made.slice(0, -1), (made.at(-1) ?? '') + rest];
}

function tokenOf(piece: string, vocabulary: string[], taken: Map<string, number>): number {
  const letters = MARKS.includes(piece) ? piece : lettersOf(piece);
  const known = taken.get(letters);
  if (known !== undefined) return known;
  taken.set(letters, vocabulary.length);
  return vocabulary.push(letters) - 1;
}

/** GPT-2 writes bytes that are no visible letters as others. Source: github.com/openai/gpt-2, src/encoder.py, bytes_to_unicode. */
function letterOf(byte: number): string {
  const isSeen = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  if (isSeen) return String.fromCharCode(byte);
  const before = byte <= 32 ? byte : byte <= 160 ? byte - 127 + 33 : 67;
  return String.fromCharCode(256 + before);
}

function lettersOf(bytes: string): string {
  return [...Buffer.from(bytes, 'latin1')].map(letterOf).join('');
}

type Value = string | number | boolean | { readonly real: number } | readonly string[] | readonly number[];

function keysOf(family: string, window: number, vocabulary: readonly string[]): [string, Value][] {
  const kinds = vocabulary.map((_, id) => (id >= BOS && id < BOS + MARKS.length ? 3 : 1));
  return [
    ['general.architecture', 'gpt2'],
    ['general.name', family],
    ['gpt2.context_length', window],
    ['gpt2.embedding_length', WIDTH],
    ['gpt2.block_count', 1],
    ['gpt2.feed_forward_length', WIDTH],
    ['gpt2.attention.head_count', 1],
    ['gpt2.attention.layer_norm_epsilon', { real: 1e-5 }],
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', 'gpt-2'],
    ['tokenizer.ggml.tokens', vocabulary],
    ['tokenizer.ggml.token_type', kinds],
    // It has to know one at least.
    ['tokenizer.ggml.merges', [`${letterOf(0)} ${letterOf(0)}`]],
    ['tokenizer.ggml.bos_token_id', BOS],
    ['tokenizer.ggml.eos_token_id', EOS],
    ['tokenizer.ggml.add_bos_token', false],
  ];
}

interface Tensor {
  readonly name: string;
  /** The fastest first. */
  readonly size: readonly number[];
  readonly data: Float32Array;
}

function tensorsOf(embeddings: Float32Array, positions: Float32Array, output: Float32Array): Tensor[] {
  const ones = new Float32Array(WIDTH).fill(1);
  const zeros = (name: string, ...size: number[]): Tensor => ({
    name: `blk.0.${name}`,
    size,
    data: new Float32Array(size.reduce((all, each) => all * each, 1)),
  });
  const wide = (name: string, data: Float32Array): Tensor => ({ name, size: [WIDTH, data.length / WIDTH], data });
  const norm = (name: string): Tensor[] => [
    { name: `${name}.weight`, size: [WIDTH], data: ones },
    { name: `${name}.bias`, size: [WIDTH], data: new Float32Array(WIDTH) },
  ];
  return [
    wide('token_embd.weight', embeddings),
    wide('position_embd.weight', positions),
    wide('output.weight', output),
    ...norm('output_norm'),
    ...norm('blk.0.attn_norm'),
    ...norm('blk.0.ffn_norm'),
    zeros('attn_qkv.weight', WIDTH, 3 * WIDTH),
    zeros('attn_qkv.bias', 3 * WIDTH),
    ...['attn_output', 'ffn_up', 'ffn_down'].flatMap((name) => [
      zeros(`${name}.weight`, WIDTH, WIDTH),
      zeros(`${name}.bias`, WIDTH),
    ]),
  ];
}

/** Source: github.com/ggml-org/ggml, docs/gguf.md, version 3. */
function ggufOf(keys: readonly [string, Value][], tensors: readonly Tensor[]): Buffer {
  const head = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(keys.length)];
  for (const [key, value] of keys) head.push(text(key), typed(value));
  let offset = 0;
  for (const { name, size, data } of tensors) {
    head.push(text(name), u32(size.length), ...size.map(u64), u32(0), u64(offset));
    offset += Math.ceil(data.byteLength / 32) * 32;
  }
  const begin = Buffer.concat(head);
  return Buffer.concat([padded(begin), ...tensors.map(({ data }) => padded(Buffer.from(data.buffer)))]);
}

function typed(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([u32(8), text(value)]);
  if (typeof value === 'number') return Buffer.concat([u32(4), u32(value)]);
  if (typeof value === 'boolean') return Buffer.concat([u32(7), Buffer.of(value ? 1 : 0)]);
  if ('real' in value) return Buffer.concat([u32(6), Buffer.from(Float32Array.of(value.real).buffer)]);
  const items = value.map((item) => (typeof item === 'string' ? text(item) : u32(item)));
  return Buffer.concat([u32(9), u32(typeof value[0] === 'string' ? 8 : 5), u64(items.length), ...items]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
