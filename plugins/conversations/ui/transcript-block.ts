import { html, msg, nothing, pictureOf } from 'boternity/ui';
import { repeat } from 'lit/directives/repeat.js';
import type { NodeView } from '../views.ts';
import './answer.ts';
import type { BotLook } from './page-facts.ts';
import { blockingCall, type AnswerBlock, type TranscriptBlock } from './blocks.ts';
import './message.ts';

/** What a block is drawn with beside itself. */
export interface BlockParts {
  readonly bot: BotLook | undefined;
  /** Nothing can be changed, only read. */
  readonly isFixed: boolean;
  /** Id of the answer or call of which nothing has been heard for too long. */
  readonly quiet: string;
  /** Where it failed or was stopped it can be tried again. */
  readonly mayRetry: boolean;
}

const failures = new Set(['errored', 'stopped', 'rejected']);

export function drawBlock(block: TranscriptBlock, parts: BlockParts): unknown {
  const { bot, isFixed } = parts;
  if (block.kind === 'aside') return aside(block.node);
  if (block.kind === 'message')
    return html`<bn-message
      class="block"
      data-node=${block.node.id}
      .node=${block.node}
      .isFixed=${isFixed}
    ></bn-message>`;
  return html`<article class="block answer" data-nodes=${block.nodes.map(({ id }) => id).join(' ')}>
    <bn-avatar
      .emoji=${bot?.emoji}
      .name=${bot?.name}
      .color=${bot?.accentColor}
      .picture=${pictureOf(bot)}
    ></bn-avatar>
    <h2>${bot?.name}</h2>
    <div class="parts">
      ${repeat(
        block.nodes,
        // Another version of an answer takes the place of the one that is shown, and the focus stays.
        (node, at) => (node.kind === 'agent' ? `answer ${at}` : node.id),
        (node) => drawPart(node, block, parts),
      )}
    </div>
  </article>`;
}

function drawPart(node: NodeView, block: AnswerBlock, { bot, isFixed, quiet, mayRetry }: BlockParts): unknown {
  const blocking = blockingCall(block);
  const isQuiet = node.id === quiet;
  if (node.kind === 'task')
    return html`<bn-tool-call
      data-node=${node.id}
      .node=${node}
      .bot=${bot?.name ?? ''}
      .isQuiet=${isQuiet}
      .mayRetry=${node === blocking && !isFixed}
    ></bn-tool-call>`;
  const [first] = block.nodes;
  const isLast = node === block.nodes.findLast(({ kind }) => kind === 'agent');
  const isSilent = node.state === 'finished' && node.text === '' && node.thinking === '';
  if (isSilent && !isLast) return nothing;
  return html`<bn-answer
    data-node=${node.id}
    .node=${node}
    .version=${first && { node: first.id, ...first.version }}
    .isLast=${isLast}
    .isFixed=${isFixed}
    .isQuiet=${isQuiet}
    .mayRetry=${mayRetry && isLast && failures.has(node.state)}
    .waitsFor=${waitsFor(block, blocking)}
  ></bn-answer>`;
}

/** What a summary or a note says opens on demand: nobody has said it. */
function aside({ kind, text }: NodeView): unknown {
  return html`<details class="block aside">
    <summary>${kind === 'summary' ? msg('Summary of what was said before') : msg('Note')}</summary>
    <p>${text}</p>
  </details>`;
}

function waitsFor(block: AnswerBlock, blocking: NodeView | undefined): string {
  if (blocking) return msg('Try the call again, or stop the answer.');
  return block.nodes.some(({ state }) => state === 'awaiting_approval') ? msg('Waits for your decision.') : '';
}
