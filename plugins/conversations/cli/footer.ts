import { styleText } from 'node:util';
import type { NodeView } from '../views.ts';
import { plain } from './text/plain.ts';

/** What a turn came to: tokens, seconds, and the model and who offers it. */
export function footer(nodes: readonly NodeView[]): string {
  const run = nodes.findLast((node) => node.run?.model)?.run;
  const tokens = nodes.reduce((sum, node) => sum + (node.run?.usage.input ?? 0) + (node.run?.usage.output ?? 0), 0);
  const seconds = nodes.reduce((sum, node) => sum + (node.run?.durationMs ?? 0), 0) / 1000;
  const model = run?.model ? `${run.model}${run.model === run.provider ? '' : ` via ${run.provider}`}` : '';
  const facts = [tokens > 0 ? `${tokens} tokens` : '', run ? `${seconds.toFixed(1)} s` : '', model].filter(Boolean);
  return facts.length > 0 ? styleText('dim', plain(facts.join(' · '))) : '';
}

/** What to know beside an answer, each once, and why it ended as it did. */
export function remarks(nodes: readonly NodeView[]): string[] {
  const last = nodes.at(-1);
  const notices = new Set(nodes.flatMap((node) => node.run?.notices.map(({ message }) => message) ?? []));
  const trouble = last?.state === 'finished' ? [] : [last?.reason ?? 'There was no answer.'];
  const hint = last?.run?.error?.hint;
  const sentences = [...notices, ...trouble].map((sentence) => styleText('yellow', plain(sentence)));
  return hint ? [...sentences, `  → ${plain(hint)}`] : sentences;
}
