import { formatSpan, html, msg, nothing, pathTo, str } from 'boternity/ui';
import type { Run } from './run-parts.ts';

type Attempt = Run['attempts'][number];
type Step = Run['steps'][number];

/** In a word why another model was asked. */
const wordsFor = (): Readonly<Record<string, string>> => ({
  open: msg('rested'),
  window: msg('too small'),
  images: msg('reads no images'),
  connection: msg('could not be reached'),
  timeout: msg('did not answer in time'),
  overload: msg('took no more requests'),
  server: msg('failed'),
});

const outcomesOf = (): Readonly<Record<Step['state'], string>> => ({
  pending: msg('waits'),
  awaiting_approval: msg('waits for a person'),
  running: msg('runs'),
  finished: msg('done'),
  errored: msg('failed'),
  rejected: msg('not allowed'),
  skipped: msg('skipped'),
  stopped: msg('stopped'),
});

/** The models that were asked, in order, and what became of each. */
export function whyThisModel({ attempts, model, provider, state }: Run): unknown {
  if (model === null) return nothing;
  const isDone = state === 'succeeded';
  if (attempts.length === 0)
    return html`<section>
      <h2>${msg('Why this model')}</h2>
      <p>${isDone ? msg('It is the one that was wanted, and it answered.') : msg('It is the one that is wanted.')}</p>
    </section>`;
  return html`<section aria-labelledby="why">
    <h2 id="why">${msg('Why this model')}</h2>
    <ol class="lines ways">
      ${attempts.map(attempted)}
      ${
        isDone
          ? html`<li>
              <bn-icon name="check"></bn-icon>
              <span><strong>${model}</strong> ${msg(str`via ${provider} answered.`)}</span>
            </li>`
          : nothing
      }
    </ol>
  </section>`;
}

function attempted({ model, provider, why, message }: Attempt): unknown {
  return html`<li>
    <bn-icon class="wrong" name="alert"></bn-icon>
    <span>
      <strong>${model}</strong> ${msg(str`via ${provider}`)} ${wordsFor()[why] ?? msg(str`gave nothing (${why})`)}.<br />
      <span class="soft small">${message}</span>
    </span>
  </li>`;
}

/** The answers and calls of tools of the whole turn; the answer that is shown is marked. */
export function runSteps({ id, conversation, steps }: Run): unknown {
  return html`<section aria-labelledby="steps">
    <h2 id="steps">${msg('Steps of its turn')}</h2>
    <ol class="lines ways">
      ${steps.map((step) => line(step, conversation, step.id === id))}
    </ol>
  </section>`;
}

function line(step: Step, conversation: string, isShown: boolean): unknown {
  const { id, kind, name, durationMs } = step;
  const what =
    kind === 'tool' ? html`<code>${name}</code>` : name === null ? msg('Answer') : msg(str`Answer by ${name}`);
  const outcome = step.isError && step.state === 'finished' ? msg('failed') : outcomesOf()[step.state];
  return html`<li aria-current=${isShown ? 'step' : nothing}>
    <bn-icon name=${kind === 'tool' ? 'tool' : 'chat'}></bn-icon>
    <span class="name">
      ${
        kind === 'tool' || isShown
          ? what
          : html`<a href=${pathTo('conversations', conversation, 'runs', id)}>${what}</a>`
      }${isShown ? html` <span class="soft small">${msg('(this one)')}</span>` : nothing}
    </span>
    <span class="numbers">
      <span class=${step.isError || step.state === 'rejected' ? 'wrong' : ''}>${outcome}</span
      >${durationMs === null ? nothing : `, ${formatSpan(durationMs)}`}
    </span>
  </li>`;
}
