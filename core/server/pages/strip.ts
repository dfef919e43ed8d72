import { stripTypeScriptTypes } from 'node:module';

let hasWarned = false;

/** JavaScript from erasable TypeScript, line for line. A module that is not gives one that throws with the sentence, so that the page can show it. */
export function stripTypes(source: string, name: string): string {
  try {
    return quietly(() => stripTypeScriptTypes(source, { mode: 'strip' }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `throw new SyntaxError(${JSON.stringify(`${name} cannot be read: ${reason}`)});\n`;
  }
}

/** Node warns once that the function may change. That is a matter for our tests, not for the person at the terminal. */
function quietly(strip: () => string): string {
  if (hasWarned) return strip();
  const real = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return strip();
  } finally {
    process.emitWarning = real;
    hasWarned = true;
  }
}
