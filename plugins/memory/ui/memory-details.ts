import { css, formatCount, formatFullTime, formatTime, html, type Answer, msg, str, weave, slot } from 'boternity/ui';
import { categories, importances, kinds, origins, type MemoryView } from './words.ts';

type Commit = Answer<'memories.why'>['commits'][number];

export const detailStyles = css`
  dl {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: var(--bn-space-1) var(--bn-space-4);
    margin: 0;
  }
  dt {
    color: var(--bn-ink-soft);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
    font-variant-numeric: tabular-nums;
  }
  .commit {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 var(--bn-space-3);
    padding: var(--bn-space-2) var(--bn-space-4);
  }
  .message {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }
  .commit > * {
    min-width: 0;
    overflow-wrap: anywhere;
  }
`;

/** All that its file says of a memory beside its text. */
export function details(memory: MemoryView): unknown {
  const { category, importance, kind, origin, created_at, uses, last_used_at, triggers = [], expires_at } = memory;
  const words = importances().find(([value]) => value === importance)?.[1] ?? '';
  const rows: [string, unknown][] = [
    [msg('Category'), categories()[category]],
    [msg('Importance'), msg(str`${importance} of 5, ${words}`)],
    [msg('Kind'), kinds()[kind]],
    [msg('Origin'), origins()[origin]],
    [msg('Learned'), html`<time datetime=${created_at}>${formatFullTime(created_at)}</time>`],
    [msg('Came to mind'), cameToMind(uses, last_used_at)],
    ...(triggers.length > 0 ? [[msg('Brought to mind by'), triggers.join(', ')] satisfies [string, unknown]] : []),
    ...(expires_at === undefined
      ? []
      : [
          [msg('Counts until'), html`<time datetime=${expires_at}>${formatFullTime(expires_at)}</time>`] satisfies [
            string,
            unknown,
          ],
        ]),
    [msg('File'), html`<code>${memory.path}</code>`],
  ];
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

/** Who changed it and when, newest first. */
export function commitLines(commits: readonly Commit[]): unknown {
  if (commits.length === 0)
    return html`<p class="soft small">
      ${msg('No commit is known: it was learned just now, or the folder has no history.')}
    </p>`;
  return html`<ul class="lines">
    ${commits.map(
      ({ id, author, at, message }) =>
        html`<li class="commit">
          <span class="message" title=${message}>${message.split('\n')[0]}</span>
          <span class="soft small">${author} · ${time(at)} · <code title=${id}>${id.slice(0, 8)}</code></span>
        </li>`,
    )}
  </ul>`;
}

function cameToMind(uses: number, last: string | undefined): unknown {
  if (uses === 0) return msg('not yet');
  const times = uses === 1 ? msg('once') : msg(str`${formatCount(uses)} times`);
  return last === undefined ? times : weave(msg(str`${times}, last ${slot(0)}`), time(last));
}

function time(iso: string): unknown {
  return html`<time datetime=${iso} title=${formatFullTime(iso)}>${formatTime(iso)}</time>`;
}
