/** What the TAP of one test file said. Tests are counted, not assertions: a test is a subtest without subtests of its own. */
export interface TapCount {
  passed: number;
  failed: number;
  skipped: number;
}

export interface TapFailure {
  /** Names from the outermost test to the assertion. */
  readonly path: readonly string[];
  /** What tap said about it, without the excerpt of the source. */
  readonly diagnosis: string;
}

interface Open {
  readonly name: string;
  children: number;
  failedInside: boolean;
}

interface Point {
  readonly ok: boolean;
  readonly name: string;
  readonly skipped: boolean;
}

/**
 * Reads TAP 14 line by line, as tap writes it: subtests indented by four, opened by `# Subtest:` and closed by a result
 * of the same name. A failed assertion is the failure of the test around it; one outside any test counts as a test.
 */
export class TapLines {
  readonly count: TapCount = { passed: 0, failed: 0, skipped: 0 };
  readonly #onFailure: (failure: TapFailure) => void;
  readonly #open: Open[] = [];
  #failed: { path: string[]; indent: number; lines: string[] } | undefined;

  constructor(onFailure: (failure: TapFailure) => void) {
    this.#onFailure = onFailure;
  }

  line(text: string): void {
    if (this.#isDiagnosis(text)) return;
    const [, indent = '', content = ''] = /^((?: {4})*)(.*)$/.exec(text) ?? [];
    const depth = indent.length / 4;
    const name = /^# Subtest: (.*)$/.exec(content)?.[1];
    if (name !== undefined) return this.#enter(depth, unescape(name));
    const point = readPoint(content);
    if (point) this.#result(depth, point);
  }

  /** Names of the tests that have begun and not ended. */
  get unfinished(): string[] {
    return this.#open.map(({ name }) => name);
  }

  /** Reports a failure whose diagnosis the end of the output cut off. */
  end(): void {
    this.#tellFailure();
  }

  #enter(depth: number, name: string): void {
    this.#open.length = Math.min(depth, this.#open.length);
    this.#open.push({ name, children: 0, failedInside: false });
  }

  #result(depth: number, point: Point): void {
    if (this.#open[depth]?.name === point.name) return this.#leave(depth, point);
    if (depth === 0 || point.skipped) this.#add(point);
    if (!point.ok && !point.skipped) this.#note(depth, point.name);
  }

  #leave(depth: number, point: Point): void {
    const test = this.#open[depth];
    this.#open.length = depth;
    const parent = this.#open[depth - 1];
    if (parent) parent.children += 1;
    if (!test || (test.children > 0 && (point.ok || test.failedInside))) return;
    this.#add(point);
    if (!point.ok && !point.skipped && !test.failedInside) this.#note(depth, point.name);
  }

  #add(point: Point): void {
    if (point.skipped) this.count.skipped += 1;
    else if (point.ok) this.count.passed += 1;
    else this.count.failed += 1;
  }

  #note(depth: number, name: string): void {
    const around = this.#open.slice(0, depth);
    for (const test of around) test.failedInside = true;
    this.#failed = { path: [...around.map((test) => test.name), name], indent: depth * 4, lines: [] };
  }

  /** The indented block between `---` and `...` that follows a failed line. */
  #isDiagnosis(text: string): boolean {
    if (!this.#failed) return false;
    const line = text.slice(this.#failed.indent + 2);
    const belongs = this.#failed.lines.length > 0 || line === '---';
    if (belongs && line !== '...') {
      this.#failed.lines.push(line);
      return true;
    }
    this.#tellFailure();
    return belongs;
  }

  #tellFailure(): void {
    if (!this.#failed) return;
    const { path, lines } = this.#failed;
    this.#failed = undefined;
    this.#onFailure({ path, diagnosis: withoutSource(lines.slice(1)) });
  }
}

function readPoint(content: string): Point | undefined {
  const found = /^(not )?ok \d+(?: - (.*?))?(?: # (time|skip|todo)\b.*)?$/i.exec(content);
  if (!found) return undefined;
  const [, not, name = '', directive = ''] = found;
  return { ok: !not, name: unescape(name), skipped: /^(skip|todo)$/i.test(directive) };
}

function unescape(name: string): string {
  return name.replaceAll(/\\([\\#])/g, '$1').trim();
}

/** Leaves out the keys that repeat the test's own text; the stack names the line. */
function withoutSource(lines: readonly string[]): string {
  let isKept = true;
  const kept = lines.filter((line) => {
    if (/^\S/.test(line)) isKept = !/^(source|at|jobId):/.test(line);
    return isKept;
  });
  return kept.join('\n').trimEnd();
}
