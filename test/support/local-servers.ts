import { startService, type Asked, type ModelService, type Reply } from './model-service.ts';
import { frame } from './chat-frames.ts';

const hello: Reply = {
  frames: [frame({ choices: [{ index: 0, delta: { content: 'Hello.' }, finish_reason: 'stop' }] }), 'data: [DONE]\n\n'],
};
const missing: Reply = { status: 404, json: { error: { message: 'not found' } } };

/** A server that answers at these paths, and every chat with a greeting. */
function serverOf(paths: Readonly<Record<string, (asked: Asked) => unknown>>): Promise<ModelService> {
  return startService((asked) => {
    if (asked.path === '/v1/chat/completions') return hello;
    const answer = Object.hasOwn(paths, asked.path) ? paths[asked.path] : undefined;
    return answer ? { json: answer(asked) } : missing;
  });
}

/** What Ollama 0.12 answers: a model in memory, one with a setting, one for vectors, one that its cloud runs. */
export function startOllama(): Promise<ModelService> {
  const shows: Record<string, unknown> = {
    'qwen3:8b': {
      parameters: 'stop    "<|im_start|>"\nnum_ctx    16384\ntemperature    0.6',
      model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960, 'qwen3.embedding_length': 4096 },
      capabilities: ['completion', 'tools', 'thinking'],
    },
    'llama3.2-vision:11b': {
      model_info: { 'general.architecture': 'mllama', 'mllama.context_length': 131_072 },
      capabilities: ['completion', 'vision'],
    },
    'nomic-embed-text:latest': {
      model_info: { 'nomic-bert.context_length': 2048, 'nomic-bert.embedding_length': 4 },
      capabilities: ['embedding'],
    },
    'gpt-oss:120b-cloud': { model_info: { 'gptoss.context_length': 131_072 }, capabilities: ['completion', 'tools'] },
  };
  return serverOf({
    '/api/tags': () => ({
      models: Object.keys(shows).map((name) => ({
        name,
        model: name,
        size: 5_000_000_000,
        digest: '0123456789ab',
        details: { format: 'gguf', family: 'qwen3', parameter_size: '8.2B', quantization_level: 'Q4_K_M' },
        remote_host: name.endsWith('cloud') ? 'https://ollama.example:443' : undefined,
      })),
    }),
    '/api/ps': () => ({ models: [{ name: 'llama3.2-vision:11b', size_vram: 9, context_length: 8192 }] }),
    '/api/show': ({ json }) => shows[String(json.model)],
    '/v1/models': () => ({ object: 'list', data: Object.keys(shows).map((id) => ({ id, owned_by: 'library' })) }),
    '/v1/embeddings': ({ json }) => ({
      data: (json.input as string[]).map((_, index) => ({ index, embedding: [index, 0, 0, 1] })),
      usage: { prompt_tokens: 3 },
    }),
  });
}

export function startLmStudio(): Promise<ModelService> {
  const model = {
    object: 'model',
    publisher: 'lmstudio-community',
    compatibility_type: 'gguf',
    quantization: 'Q4_K_M',
  };
  return serverOf({
    '/api/v0/models': () => ({
      object: 'list',
      data: [
        {
          ...model,
          id: 'text-embedding-nomic-embed-text-v1.5',
          type: 'embeddings',
          state: 'not-loaded',
          max_context_length: 2048,
        },
        { ...model, id: 'gemma-3-12b-it', type: 'vlm', state: 'not-loaded', max_context_length: 131_072 },
        {
          ...model,
          id: 'qwen2.5-7b-instruct',
          type: 'llm',
          state: 'loaded',
          max_context_length: 32_768,
          loaded_context_length: 4096,
          capabilities: ['tool_use'],
        },
      ],
    }),
  });
}

export function startVllm(): Promise<ModelService> {
  const id = 'Qwen/Qwen3-32B';
  return serverOf({
    '/v1/models': () => ({
      object: 'list',
      data: [{ id, object: 'model', owned_by: 'vllm', root: id, parent: null, max_model_len: 24_576, permission: [] }],
    }),
  });
}

export function startLlamaCpp(): Promise<ModelService> {
  const id = '/models/gemma-3-4b-it-Q4_K_M.gguf';
  return serverOf({
    '/props': () => ({
      default_generation_settings: { id: 0, n_ctx: 6144, params: { n_predict: -1 } },
      total_slots: 2,
      model_path: id,
      modalities: { vision: true, audio: false },
      chat_template: '{{ messages }}',
    }),
    '/v1/models': () => ({
      models: [{ name: id, model: id, capabilities: ['completion', 'multimodal'], details: { format: 'gguf' } }],
      object: 'list',
      data: [
        {
          id,
          object: 'model',
          owned_by: 'llamacpp',
          meta: { n_ctx_train: 131_072, n_embd: 2560, n_params: 3_880_099_328 },
        },
      ],
    }),
  });
}
