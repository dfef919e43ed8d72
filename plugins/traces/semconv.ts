/**
 * Names of attributes: those of the GenAI conventions of OpenTelemetry (open-telemetry/semantic-conventions-genai, as of November
 * 2026, still in development), and our own where there are none. They stand here alone, because they still move.
 */
export const attribute = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  model: 'gen_ai.request.model',
  temperature: 'gen_ai.request.temperature',
  maxTokens: 'gen_ai.request.max_tokens',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheRead: 'gen_ai.usage.cache_read.input_tokens',
  cacheWrite: 'gen_ai.usage.cache_creation.input_tokens',
  finishReasons: 'gen_ai.response.finish_reasons',
  conversation: 'gen_ai.conversation.id',
  agentId: 'gen_ai.agent.id',
  agentName: 'gen_ai.agent.name',
  toolName: 'gen_ai.tool.name',
  toolCall: 'gen_ai.tool.call.id',
  error: 'error.type',
  errorMessage: 'boternity.error.message',
  turn: 'boternity.turn.id',
  run: 'boternity.run.id',
  cost: 'boternity.usage.cost_usd',
  firstToken: 'boternity.first_token_ms',
  /** Why this model was asked: it was wanted, or which ones gave nothing before it. */
  chosen: 'boternity.model.chosen',
  prompt: 'boternity.prompt.sections',
  outcome: 'boternity.tool.outcome',
} as const;

/** Values of `gen_ai.operation.name`, by what a call is for. */
export const operations = {
  chat: 'chat',
  title: 'generate_title',
  summary: 'summarize_context',
  repair: 'repair_tool_calls',
  translation: 'translate',
  extraction: 'extract_memory',
  embedding: 'embeddings',
  check: 'chat',
} as const;

export const INVOKE_AGENT = 'invoke_agent';
export const EXECUTE_TOOL = 'execute_tool';
