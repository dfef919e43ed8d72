import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { modelOver, type Model, type ModelFacts, type ModelRequest, type ProviderAccess } from 'boternity';
import type { OpenAi } from '../openai/index.ts';
import { Answer } from './answer.ts';
import { optionsOf } from './options.ts';
import type { Programs } from './program.ts';
import { promptFor, systemFor } from './prompt.ts';

/** What the roads to a subscription are made of. */
export interface Roads {
  readonly programs: Programs;
  readonly openAi: OpenAi;
}

/** A model of a Claude subscription: over a local proxy where its settings name one, else over the program. */
export function subscriptionModel(access: ProviderAccess, facts: ModelFacts, { programs, openAi }: Roads): Model {
  const { proxy, command } = optionsOf(access);
  const known = { window: 200_000, price: { input: 0, output: 0, source: 'subscription' }, ...facts };
  if (proxy === undefined) return claudeModel(access, known, programs, command);
  return openAi.chat({ ...access, address: proxy, key: async () => 'not-needed' }, known);
}

/**
 * A model behind the program `claude`, one run per call. Source of flags and format: code.claude.com/docs, CLI reference and
 * "Run Claude Code programmatically". Its own tools, servers, settings, commands and memory are off; ours it does not take.
 */
function claudeModel(access: ProviderAccess, facts: ModelFacts, programs: Programs, command: string): Model {
  return modelOver(
    access,
    { ...facts, abilities: { ...facts.abilities, tools: false, images: true } },
    {
      open: async (service, request, signal) => ({
        chunks: run(programs, command, service.model, request, signal),
      }),
      answer: () => new Answer(),
    },
  );
}

/** Runs it in an empty folder of its own, so that no file of this machine becomes part of the prompt. */
async function* run(
  programs: Programs,
  command: string,
  model: string,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator {
  const folder = await mkdtemp(path.join(tmpdir(), 'boternity-claude-'));
  try {
    const system = path.join(folder, 'system.txt');
    await writeFile(system, systemFor(request), { mode: 0o600 });
    const { maxTokens, thinking } = request;
    const variables = {
      ...(maxTokens !== undefined && { CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxTokens) }),
      ...(thinking === 'off' && { MAX_THINKING_TOKENS: '0' }),
    };
    const args = [...fixed, '--model', model, '--system-prompt-file', system];
    yield* programs.lines({ command, args, folder, variables, input: promptFor(request) }, signal);
  } finally {
    void rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/** One answer to standard input, in pieces; nothing of the program's own takes part. */
const fixed: readonly string[] = [
  '-p --input-format stream-json --output-format stream-json --verbose --include-partial-messages'.split(' '),
  ['--tools', '', '--setting-sources', ''],
  '--strict-mcp-config --disable-slash-commands --no-session-persistence --permission-mode dontAsk --max-turns 1'.split(
    ' ',
  ),
].flat();
