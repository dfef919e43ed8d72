/** What every answer of the web application says. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Files that are opened by themselves (a picture with a script in it, say) may do nothing at all. */
export const filePolicy = "default-src 'none'; frame-ancestors 'none'";

/**
 * Headers of the page itself. Scripts and styles come from this server only; the inline scripts, the import map and the few
 * lines that run before the first paint, are named by their hashes. Nothing may frame the page, and nothing of it goes elsewhere.
 */
export function documentHeaders(scriptHashes: readonly string[]): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${scriptHashes.map((hash) => `'${hash}'`).join(' ')}`,
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    ...commonHeaders,
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  };
}
