import {
  formatCost,
  formatCount,
  formatFullTime,
  formatSpan,
  formatTime,
  html,
  msg,
  nothing,
  str,
  type Answer,
} from 'boternity/ui';

export type Run = Answer<'runs.show'>;

/** What the run has made, and which model. */
export function titleOf({ purpose, model }: Pick<Run, 'purpose' | 'model'>): string {
  if (purpose === 'title') return model === null ? msg('A title') : msg(str`A title by ${model}`);
  return model === null ? msg('An answer') : msg(str`An answer by ${model}`);
}

/** Via which provider, how it stands, since when. */
export function stateLine({ model, provider, state, endedAt }: Run): unknown {
  const states: Record<Run['state'], string> = {
    queued: msg('Waits for its turn'),
    running: msg('Is being given'),
    succeeded: msg('Finished'),
    failed: msg('Failed'),
    canceled: msg('Stopped'),
  };
  const via = provider === null || provider === model ? '' : `${msg(str`via ${provider}`)} · `;
  return html`<p class="soft" role="status">
    ${via}<span class=${state === 'failed' ? 'wrong' : ''}>${states[state]}</span>${
      endedAt === null
        ? nothing
        : html` · <time datetime=${endedAt} title=${formatFullTime(endedAt)}>${formatTime(endedAt)}</time>`
    }
  </p>`;
}

/** Why it failed, and what to know beside the answer: another provider, a smaller window, a higher price. */
export function runNotices({ error, notices }: Run): unknown {
  if (!error && notices.length === 0) return nothing;
  return html`<div class="notices">
    ${error ? html`<bn-notice tone="danger"><strong>${error.message}</strong> ${error.hint}</bn-notice>` : nothing}
    ${notices.map(({ message }) => html`<bn-notice>${message}</bn-notice>`)}
  </div>`;
}

/** What matters most, at a glance. Nothing that nobody knows is shown as zero. */
export function figures({ state, usage, firstTokenMs, durationMs }: Run): unknown {
  const isOpen = state === 'queued' || state === 'running';
  const unknown = isOpen ? msg('not yet') : msg('unknown');
  const rows = [
    [msg('Cost'), isOpen && usage.cost === null ? unknown : formatCost(usage.cost)],
    [msg('Tokens'), total(usage) ?? unknown],
    [msg('First word after'), firstTokenMs === null ? (isOpen ? unknown : msg('none came')) : formatSpan(firstTokenMs)],
    [msg('Took'), durationMs === null ? unknown : formatSpan(durationMs)],
  ];
  return html`<dl class="facts figures">
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function total({ input, output }: Run['usage']): string | undefined {
  return input === null || output === null ? undefined : formatCount(input + output);
}

/** What stands behind the figures. */
export function details({ usage, repair, botVersion, attempt }: Run): unknown {
  const count = (value: number | null): string => (value === null ? msg('unknown') : formatCount(value));
  const rows = [
    [msg('Tokens in'), count(usage.input)],
    [msg('of it read from a cache'), count(usage.cacheRead)],
    [msg('of it written into a cache'), count(usage.cacheWrite)],
    [msg('Tokens out'), count(usage.output)],
    ...(repair
      ? [[msg('Calls put right'), msg(str`${repair.repaired} of ${repair.calls}, by a second call of the model`)]]
      : []),
    ...(attempt > 1 ? [[msg('Try'), formatCount(attempt)]] : []),
    ...(botVersion === null ? [] : [[msg('Version of the bot'), botVersion.slice(0, 12)]]),
  ];
  return html`<dl class="facts">
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}
