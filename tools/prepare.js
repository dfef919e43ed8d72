// Builds the web application after an installation from a clone. Plain JavaScript and never a failure: an older Node may
// run this, and without Vite (`npm ci --omit=dev`) or after a failed build the server serves the sources instead.
import { createRequire } from 'module';

if (isNewEnough(process.versions.node) && isInstalled('vite')) await build();

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 12);
}

function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}

async function build() {
  try {
    const { buildUi } = await import('./build-ui.ts');
    await buildUi();
  } catch (error) {
    console.warn(`The web application was not built, so the server will serve its sources: ${error.message}`);
  }
}
