import module from 'node:module';
import type { Generated, Llama } from 'node-llama-cpp';
import type { Ask, Chunk, FromWorker, Load, ToWorker } from './messages.ts';

/**
 * The process that runs one model: it is alone with llama.cpp, so that a crash of that takes nobody along. It loads the model at its
 * first request, answers one after the other, and ends with the server.
 */
const load = JSON.parse(process.argv[2] ?? '{}') as Load;

/** How often it says that it is at work, in milliseconds. */
const BEAT_MS = 1000;
/** Tokens that are put around a text of which a vector is made. */
const ENDS = 2;

const stops = new Map<number, AbortController>();
let queue = Promise.resolve();
let ready: ReturnType<typeof prepare> | undefined;
let readyToEmbed: ReturnType<typeof prepareToEmbed> | undefined;

module.registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'node-llama-cpp' ? { url: load.library, shortCircuit: true } : next(specifier, context),
});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToWorker) => {
  if (message.type === 'stop') return stops.get(message.id)?.abort();
  const { id } = message;
  const controller = new AbortController();
  stops.set(id, controller);
  queue = queue.then(() => answer(message, controller.signal)).finally(() => stops.delete(id));
});

async function answer(message: Exclude<ToWorker, { type: 'stop' }>, signal: AbortSignal): Promise<void> {
  const { id } = message;
  const say = (chunk: Chunk): void => void process.send?.({ id, ...chunk } satisfies FromWorker);
  const beat = setInterval(say, BEAT_MS, { type: 'beat' });
  try {
    say(message.type === 'ask' ? await generate(message.ask, signal, say) : await embed(message.texts, signal));
  } catch (error) {
    if (!signal.aborted)
      say({ type: 'error', kind: error instanceof TooLong ? 'context' : 'failed', message: wordsOf(error) });
  } finally {
    clearInterval(beat);
    process.send?.({ id, type: 'stopped' } satisfies FromWorker);
  }
}

/** Vectors of texts; of one that is longer than the model reads, of its beginning. */
async function embed(texts: readonly string[], signal: AbortSignal): Promise<Chunk> {
  signal.throwIfAborted();
  readyToEmbed ??= prepareToEmbed();
  readyToEmbed.catch(() => (readyToEmbed = undefined));
  const { model, context, window } = await readyToEmbed;
  const vectors: (readonly number[])[] = [];
  let tokens = 0;
  for (const text of texts) {
    signal.throwIfAborted();
    const read = model.tokenize(text).slice(0, window - ENDS);
    tokens += read.length;
    vectors.push([...(await context.getEmbeddingFor(read)).vector]);
  }
  return { type: 'vectors', vectors, tokens };
}

async function prepareToEmbed() {
  const { model } = await loadModel();
  const contextSize = Math.min(load.window ?? model.trainContextSize, model.trainContextSize);
  const context = await model.createEmbeddingContext({ contextSize, threads: load.threads });
  return { model, context, window: contextSize };
}

class TooLong extends Error {}

/** A model that could not be loaded is tried again: its file may have been mended. */
async function prepare() {
  const { LlamaChat } = await import('node-llama-cpp');
  const { llama, model } = await loadModel();
  const contextSize = Math.min(load.window ?? model.trainContextSize, model.trainContextSize);
  const context = await model.createContext({ contextSize, threads: load.threads });
  const sequence = context.getSequence();
  // It may make the context larger than it was asked to.
  const window = Math.min(contextSize, context.contextSize);
  return { llama, model, sequence, window, chat: new LlamaChat({ contextSequence: sequence }) };
}

async function loadModel() {
  const { getLlama } = await import('node-llama-cpp');
  const quiet = { build: 'never', skipDownload: true, progressLogs: false, logLevel: 'disabled' };
  const llama = await getLlama({ ...quiet, gpu: load.gpu ? 'auto' : false, maxThreads: load.threads });
  return { llama, model: await llama.loadModel({ modelPath: load.file }) };
}

async function generate(ask: Ask, signal: AbortSignal, say: (chunk: Chunk) => void): Promise<Chunk> {
  signal.throwIfAborted();
  ready ??= prepare();
  ready.catch(() => (ready = undefined));
  const { llama, model, sequence, window, chat } = await ready;
  const { history, functions } = ask;
  const { contextText } = chat.chatWrapper.generateContextState({
    // Where the answer begins is a part of the prompt.
    chatHistory: history.at(-1)?.type === 'model' ? history : [...history, { type: 'model', response: [] }],
    availableFunctions: functions,
  });
  const room = window - contextText.tokenize(model.tokenizer).length - 1;
  if (room < 1)
    throw new TooLong(
      `The prompt is too long: with the answer it would exceed the ${window} tokens of the context window.`,
    );
  const before = sequence.tokenMeter.getState();
  const written: string[] = [];
  const generated = await chat.generateResponse(history, {
    ...(await rulesFor(llama, ask)),
    signal,
    stopOnAbortSignal: true,
    maxTokens: Math.min(ask.maxTokens ?? room, room),
    temperature: ask.temperature,
    customStopTriggers: ask.stop,
    ...(ask.thoughts !== undefined && { budgets: { thoughtTokens: ask.thoughts } }),
    onResponseChunk: ({ text, segmentType }: { text: string; segmentType?: string }) => {
      if (text === '' || signal.aborted) return;
      if (ask.isCall) written.push(text);
      else say({ type: segmentType === undefined ? 'text' : 'thought', text });
    },
  });
  const { usedInputTokens, usedOutputTokens: output } = sequence.tokenMeter.diff(before);
  const input = Math.max(sequence.nextTokenIndex - output, usedInputTokens);
  const usage = { input, output, cacheRead: input - usedInputTokens };
  const stop = generated.metadata.stopReason === 'maxTokens' ? 'length' : 'end';
  return { type: 'end', stop, usage, calls: ask.isCall ? callIn(written.join(''), stop) : callsOf(generated) };
}

/** Calls are written under a grammar of the package's own, which knows how each family of models writes them. */
async function rulesFor(llama: Llama, { functions, shape }: Ask): Promise<object> {
  if (shape) return { grammar: await llama.createGrammarForJsonSchema(shape) };
  return functions ? { functions, documentFunctionParams: true } : {};
}

/** A call that the grammar forced; none where the answer ended before it. */
function callIn(text: string, stop: 'end' | 'length'): { name: string; arguments: string }[] {
  if (stop === 'length') return [];
  const { name, arguments: input } = JSON.parse(text) as { name: string; arguments: unknown };
  return [{ name, arguments: JSON.stringify(input ?? {}) }];
}

function callsOf({ functionCalls = [] }: Generated): { name: string; arguments: string }[] {
  return functionCalls.map(({ functionName, params }) => ({
    name: functionName,
    arguments: JSON.stringify(params ?? {}),
  }));
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
