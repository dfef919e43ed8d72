import { formatCost, formatCount, formatShare, html, msg, str, type Answer } from 'boternity/ui';

export type Sum = Answer<'usage.show'>['total'];

/** What a span of days came to, as a card. */
export function figures(title: string, sum: Sum): unknown {
  const { calls, failed, input, output, cacheHitRate } = sum;
  return html`<section class="card">
    <h2>${title}</h2>
    <p class="cost">${calls === 0 ? msg('Nothing') : costOf(sum)}</p>
    <dl>
      <dt>${msg('Calls')}</dt>
      <dd>${failed === 0 ? formatCount(calls) : msg(str`${formatCount(calls)}, ${formatCount(failed)} failed`)}</dd>
      <dt>${msg('Tokens in')}</dt>
      <dd>${formatCount(input)}</dd>
      <dt>${msg('Tokens out')}</dt>
      <dd>${formatCount(output)}</dd>
      <dt>${msg('Read from caches')}</dt>
      <dd>${cacheHitRate === null ? msg('unknown') : formatShare(cacheHitRate)}</dd>
    </dl>
    ${missing(sum).map((words) => html`<p class="soft">${words}</p>`)}
  </section>`;
}

/** A sum of which nothing is known is no zero. */
export function costOf({ cost, calls, unpriced }: Sum): string {
  return cost === null && calls > 0 && unpriced === 0 ? '–' : formatCost(cost);
}

/** What a sum does not hold. */
function missing({ unpriced, silent }: Sum): string[] {
  const without =
    unpriced === 1
      ? msg('1 call of unknown price is not in the sum.')
      : msg(str`${formatCount(unpriced)} calls of unknown price are not in the sum.`);
  const quiet =
    silent === 1
      ? msg('Of 1 call the tokens are unknown.')
      : msg(str`Of ${formatCount(silent)} calls the tokens are unknown.`);
  return [...(unpriced === 0 ? [] : [without]), ...(silent === 0 ? [] : [quiet])];
}
