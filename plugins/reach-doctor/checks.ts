import { isIP } from 'node:net';
import type { Finding, House, Reach } from 'boternity';
import type { Told } from './probe.ts';

/** How long before its end a certificate is spoken of, in days. */
const ENDING_DAYS = 14;
const DAY_MS = 86_400_000;
const PRIVATE = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1$|f[cd])/i;
const SHOWN = 'docs/remote.md shows what a proxy has to send.';

interface Parts {
  readonly reach: Reach;
  readonly house: House;
}

type Look = (told: Told, parts: Parts) => readonly Finding[];

const nothing: readonly Finding[] = [];

const unreachable: Look = ({ url, answer }) =>
  answer.status !== undefined
    ? nothing
    : [
        {
          level: 'error',
          message: `Nobody answers at ${url.href}: ${answer.failure ?? ''}.`,
          advice:
            'See that the name leads to the proxy and that it runs, or correct the address: bnity settings set publicUrl <url>',
        },
      ];

const wrong: Look = ({ url, answer, arrival, isAtRoot }) => {
  if (arrival || isAtRoot || answer.status === undefined) return nothing;
  if (answer.text.includes('HOST_REFUSED')) {
    const message = `The proxy at ${url.href} names a host that this server refuses, as it does with those of strangers.`;
    return [{ level: 'error', message, advice: `Have the proxy pass the host on as it is. ${SHOWN}` }];
  }
  const message = `Somebody else answers at ${url.href} (${answer.status}).`;
  const advice = 'Point the proxy to this server, or correct the address: bnity settings set publicUrl <url>';
  return [{ level: 'error', message, advice }];
};

const basePathWrong: Look = ({ url, isAtRoot }, { house }) =>
  isAtRoot
    ? [
        {
          level: 'error',
          message: `The proxy serves this server at ${url.origin}, and publicUrl says ${url.href}.`,
          advice: 'If the path is meant, change the proxy instead.',
          fix: {
            does: `Sets publicUrl to ${url.origin}.`,
            apply: async () => house.setSetting('publicUrl', url.origin),
          },
        },
      ]
    : nothing;

const untrusted: Look = ({ arrival }, { house }) => {
  if (!arrival?.isPassedOn || arrival.isTrusted) return nothing;
  const { peer } = arrival;
  const now = house.settings().find(({ key }) => key === 'trustedProxies')?.value;
  const message = `The proxy at ${peer} is not trusted, so all who come through it are one visitor to limits and sessions.`;
  const advice = `Name it in settings.yaml: trustedProxies: [${peer}]`;
  if (isIP(peer) === 0 || !PRIVATE.test(peer)) return [{ level: 'warning', message, advice }];
  const wanted = [...((now as string[] | undefined) ?? []), peer];
  const apply = async (): Promise<void> => house.setSetting('trustedProxies', wanted);
  return [{ level: 'warning', message, advice, fix: { does: `Adds ${peer} to trustedProxies.`, apply } }];
};

const headersMissing: Look = ({ url, arrival }) => {
  if (!arrival || (arrival.isPassedOn && !arrival.isTrusted)) return nothing;
  const isProxied = arrival.isPassedOn || arrival.isSecure !== (url.protocol === 'https:');
  const missing = [
    ...(arrival.host === url.host ? [] : [`the host ${url.host} (it says ${arrival.host ?? 'none'})`]),
    ...(arrival.isSecure || url.protocol === 'http:' ? [] : ['that people come over TLS']),
    ...(isProxied && !arrival.saysWho ? ['the address of who asks'] : []),
  ];
  if (missing.length === 0) return nothing;
  const message = `The proxy does not tell ${missing.join(', nor ')}. What pages send may be refused as that of another site.`;
  return [{ level: 'warning', message, advice: SHOWN }];
};

const buffered: Look = ({ arrival }) =>
  arrival && !arrival.isStreamed
    ? [
        {
          level: 'warning',
          message: 'The proxy holds answers back until they are whole: they do not appear word by word.',
          advice: 'nginx: proxy_buffering off. Others: no buffering, no compression of text/event-stream.',
        },
      ]
    : nothing;

const ending: Look = ({ url, answer }) => {
  const left = answer.certificate && answer.certificate.endsAt.getTime() - Date.now();
  if (left === undefined || left > ENDING_DAYS * DAY_MS) return nothing;
  const day = answer.certificate?.endsAt.toISOString().slice(0, 10) ?? '';
  const message = `The certificate of ${url.host} ${left < 0 ? 'ended' : 'ends'} on ${day}.`;
  return [
    { level: left < 0 ? 'error' : 'warning', message, advice: 'Renew it, and see why nothing did so by itself.' },
  ];
};

const nameWrong: Look = ({ url, answer }) => {
  const refusal = answer.certificate?.refusal;
  if (refusal === undefined) return nothing;
  const advice = 'Get one for this name, with its whole chain, from an authority that browsers know.';
  return [{ level: 'error', message: `Browsers refuse the certificate of ${url.host}: ${refusal}.`, advice }];
};

/** By what their findings are called. */
export const all: Readonly<Record<string, Look>> = {
  PUBLIC_URL_UNREACHABLE: unreachable,
  PUBLIC_URL_WRONG: wrong,
  BASE_PATH_WRONG: basePathWrong,
  PROXY_UNTRUSTED: untrusted,
  PROXY_HEADERS_MISSING: headersMissing,
  STREAM_BUFFERED: buffered,
  CERTIFICATE_ENDING: ending,
  CERTIFICATE_NAME: nameWrong,
};
