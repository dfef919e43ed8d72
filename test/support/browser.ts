import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { ensureDebian, findProgram } from './debian.ts';

/** A running browser with an empty profile; disposing closes it and deletes the profile. */
export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext;
}

/** `$BOTERNITY_CHROMIUM`, then a Chromium or Chrome on the PATH, then Debian's; throws one sentence without any. */
export function findBrowser(): string {
  const chosen = process.env['BOTERNITY_CHROMIUM'];
  if (chosen) return chosen;
  return findProgram('chromium', 'chromium-browser', 'google-chrome') ?? ensureDebian('chromium', 'chromium');
}

/** Starts a headless browser that talks to nobody but the pages under test. `locale`: the language of the person before it. */
export async function launchBrowser(
  viewport = { width: 1280, height: 800 },
  locale = 'en-US',
  flags: readonly string[] = [],
): Promise<Browser> {
  const executablePath = findBrowser();
  const profile = await mkdtemp(path.join(tmpdir(), 'boternity-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport,
    locale,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...flags,
    ],
  });
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
