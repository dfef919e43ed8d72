import { formatCount, formatNumber, formatSpan, html, msg, str, type Answer } from 'boternity/ui';

/** What the plugins cost, the dearest first. */
export function costsTable({ memory, plugins }: Answer<'plugins.costs'>): unknown {
  return html`<details>
    <summary>${msg('What plugins cost')}</summary>
    <p class="soft small">
      ${msg(str`The server holds ${megabytes(memory.server)}, of which ${megabytes(memory.heap)} are the heap that all plugins share: what each holds of it is not known.`)}
      ${msg('Calls are those of actions, tools, routes and layers since the plugin started; their time holds what they waited for.')}
    </p>
    <div class="wide" tabindex="0" role="region" aria-label=${msg('What plugins cost')}>
      <table>
        <thead>
          <tr>
            <th scope="col">${msg('Plugin')}</th>
            <th scope="col">${msg('To start')}</th>
            <th scope="col">${msg('Effects')}</th>
            <th scope="col">${msg('Calls')}</th>
            <th scope="col">${msg('Time')}</th>
            <th scope="col">${msg('Errors')}</th>
            <th scope="col">${msg('Memory in use')}</th>
          </tr>
        </thead>
        <tbody>
          ${plugins.map(line)}
        </tbody>
      </table>
    </div>
  </details>`;
}

function line({
  name,
  startedInMs,
  effects,
  calls,
  ms,
  errors,
  lastError,
}: Answer<'plugins.costs'>['plugins'][number]): unknown {
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${startedInMs === null ? '' : formatSpan(startedInMs)}</td>
    <td>${formatCount(effects)}</td>
    <td>${formatCount(calls)}</td>
    <td>${formatSpan(ms)}</td>
    <td title=${lastError === null ? '' : `${lastError.what}: ${lastError.message}`}>${formatCount(errors)}</td>
    <td>${msg('unknown')}</td>
  </tr>`;
}

function megabytes(bytes: number): string {
  return `${formatNumber(Math.round(bytes / 1_048_576))} MB`;
}
