import { z } from 'boternity';

/** Servers of models that people run themselves. */
export const presets = ['ollama', 'lm-studio', 'vllm', 'llama.cpp'] as const;
export type Preset = (typeof presets)[number];

/** A server of this sort at this address. */
export interface Place {
  readonly preset: Preset;
  /** With the path of its OpenAI protocol: `http://127.0.0.1:11434/v1`. */
  readonly address: string;
}

export const presetSchema = z
  .enum(presets)
  .describe('A server of your own: its usual address, its true windows, and a price of nothing');

const OLLAMA_PORT = 11_434;
const ports: Readonly<Record<Preset, number>> = {
  ollama: OLLAMA_PORT,
  'lm-studio': 1234,
  vllm: 8000,
  'llama.cpp': 8080,
};

/** Where each of them usually is. Ollama says so itself in the variable OLLAMA_HOST. */
export function usualPlaces(environment: NodeJS.ProcessEnv = process.env): Place[] {
  return presets.map((preset) => ({
    preset,
    address: (preset === 'ollama' && ollamaAt(environment.OLLAMA_HOST)) || `http://127.0.0.1:${ports[preset]}/v1`,
  }));
}

/** Of the options of an entry, or of its name where that is one of theirs. */
export function presetOf(name: string, options: Readonly<Record<string, unknown>>): Preset | undefined {
  return presets.find((preset) => preset === options.preset) ?? presets.find((preset) => nameOf(preset) === name);
}

/** As providers are named. */
export function nameOf(preset: Preset): string {
  return preset.replace('.', '-');
}

/** `host`, `host:port`, `:port` or a URL, as Ollama reads them. What it listens on everywhere is asked on this machine. */
function ollamaAt(host: string | undefined): string | undefined {
  if (!host) return undefined;
  const text = host.startsWith(':') ? `127.0.0.1${host}` : host;
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  const hasPort = url.port !== '' || /:\d+(\/|$)/.test(text) || text.includes('://');
  if (!hasPort) url.port = String(OLLAMA_PORT);
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  return `${url.origin}/v1`;
}
