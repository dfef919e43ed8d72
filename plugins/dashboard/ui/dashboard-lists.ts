import {
  formatCost,
  formatFullTime,
  formatSpan,
  formatTime,
  html,
  msg,
  nothing,
  pathTo,
  pictureOf,
  str,
  type BotLine,
} from 'boternity/ui';
import { titleOf, type Dashboard, type ModelList } from './needs.ts';

/** Lists of the first page: each is nothing where the plugin behind it does not run. */

export function recentList({ conversations }: Dashboard, bots: readonly BotLine[]): unknown {
  if (!conversations) return nothing;
  const looks = new Map(bots.map((bot) => [bot.id, bot]));
  return html`<section aria-labelledby="recent">
    <div class="head"><h2 id="recent">${msg('Recent conversations')}</h2></div>
    ${
      conversations.length === 0
        ? html`<p class="empty">${msg('Nobody has talked yet.')}</p>`
        : html`<ul class="lines">
            ${conversations.map(
              ({ id, bot, title, last, unread, state, waiting, updatedAt }) =>
                html`<li>
                  <a class="line" href=${pathTo('conversations', id)}>
                    <bn-avatar
                      size="s"
                      .emoji=${bot.emoji}
                      .name=${bot.name}
                      .color=${looks.get(bot.id)?.accentColor ?? ''}
                      .picture=${pictureOf(looks.get(bot.id))}
                    ></bn-avatar>
                    <span class="words">
                      <span class=${unread ? 'strong' : ''} dir="auto">${titleOf(title)}</span>
                      <span class="soft small" dir="auto">${last}</span>
                    </span>
                    ${markOf(state === 'running' && waiting === 0, waiting > 0, unread)}
                    <time class="soft small" datetime=${updatedAt} title=${formatFullTime(updatedAt)}
                      >${formatTime(updatedAt)}</time
                    >
                  </a>
                </li>`,
            )}
          </ul>`
    }
  </section>`;
}

function markOf(isRunning: boolean, isWaiting: boolean, isNew: boolean): unknown {
  const word = isWaiting ? msg('Asks you') : isRunning ? msg('Answering') : isNew ? msg('New') : '';
  return word === '' ? nothing : html`<span class="mark small">${word}</span>`;
}

export function runList({ runs, pages }: Dashboard): unknown {
  if (!runs) return nothing;
  const mayLink = pages.includes('conversations');
  return html`<section aria-labelledby="runs">
    <div class="head"><h2 id="runs">${msg('Last runs')}</h2></div>
    ${
      runs.length === 0
        ? html`<p class="empty">${msg('No model was asked since yesterday.')}</p>`
        : html`<ul class="lines">
            ${runs.map((run) => {
              const path =
                mayLink && run.conversation && run.run && run.purpose === 'chat'
                  ? pathTo('conversations', run.conversation, 'runs', run.run)
                  : undefined;
              return html`<li>
                ${path === undefined ? html`<div class="line">${runLine(run)}</div>` : html`<a class="line" href=${path}>${runLine(run)}</a>`}
              </li>`;
            })}
          </ul>`
    }
  </section>`;
}

const good = new Set(['end', 'tools', 'length', 'aborted']);

function runLine({
  at,
  bot,
  model,
  provider,
  purpose,
  outcome,
  cost,
  durationMs,
}: NonNullable<Dashboard['runs']>[number]): unknown {
  const isGood = good.has(outcome);
  return html`<bn-icon class=${isGood ? 'good' : 'wrong'} name=${isGood ? 'check' : 'alert'}></bn-icon>
    <span class="visually-hidden">${isGood ? msg('Done') : msg('Failed')}</span>
    <span class="words">
      <span dir="auto"
        >${bot ?? provider}${purpose === 'chat' ? nothing : html` <span class="soft">${purpose}</span>`}</span
      >
      <span class="soft small">${model} · ${formatSpan(durationMs)} · ${isGood ? formatCost(cost) : outcome}</span>
    </span>
    <time class="soft small" datetime=${at} title=${formatFullTime(at)}>${formatTime(at)}</time>`;
}

export function providerList({ providers, pages }: Dashboard, lists: readonly ModelList[]): unknown {
  if (!providers) return nothing;
  const path = 'system/settings/providers';
  return html`<section aria-labelledby="providers">
    <div class="head">
      <h2 id="providers">${msg('Providers')}</h2>
      ${pages.includes(path) ? html`<a class="small" href=${pathTo(...path.split('/'))}>${msg('Settings')}</a>` : nothing}
    </div>
    ${
      providers.length === 0
        ? html`<p class="empty">${msg('There is no provider yet: the built-in demo answers.')}</p>`
        : html`<ul class="lines">
            ${providers.map(({ name, state, models, calls, failed }) => {
              const gone = lists.find(({ provider }) => provider === name)?.gone.length ?? 0;
              return html`<li class="line">
                <bn-icon class=${state === 'closed' ? 'good' : 'wrong'} name=${iconOf(state)}></bn-icon>
                <span class="words">
                  <span dir="auto">${name}</span>
                  <span class="soft small">
                    ${stateOf(state)} ·
                    ${models === 1 ? msg('1 model') : msg(str`${models} models`)}${gone > 0 ? html` · <span class="wrong">${msg(str`${gone} gone`)}</span>` : nothing}
                  </span>
                </span>
                ${calls > 0 ? html`<span class="soft small">${msg(str`${failed} of ${calls} failed`)}</span>` : nothing}
              </li>`;
            })}
          </ul>`
    }
  </section>`;
}

function iconOf(state: string): string {
  return state === 'closed' ? 'check' : state === 'disabled' ? 'pause' : 'alert';
}

function stateOf(state: string): string {
  const words: Readonly<Record<string, string>> = {
    closed: msg('Works'),
    open: msg('Does not answer'),
    'half-open': msg('Tried again soon'),
    disabled: msg('Switched off'),
    unusable: msg('Cannot be used'),
  };
  return words[state] ?? state;
}
