import { Fault, type Caller, type Doctor, type Finding } from 'boternity';

/** A finding with the id of the check that found it. */
export interface Found extends Finding {
  readonly id: string;
}

/** What became of one finding. */
export interface Cured {
  readonly found: Found;
  /** Why it is still so; undefined when it was put right. */
  readonly failure: string | undefined;
}

const weight = { error: 0, warning: 1, info: 2 } as const;

/** Runs every check. One that cannot look is a finding itself. The worst come first. */
export async function examine(doctor: Doctor, signal: AbortSignal): Promise<Found[]> {
  const found = await Promise.all(
    Array.from(doctor, async ([id, run]): Promise<Found[]> => {
      try {
        return (await run(signal)).map((finding) => Object.assign({ id }, finding));
      } catch (error) {
        const { message } = Fault.from(error);
        const cause = error instanceof Error ? error.message : message;
        return [{ id, level: 'warning', message: `This could not be looked at: ${cause}` }];
      }
    }),
  );
  return found.flat().toSorted((a, b) => weight[a.level] - weight[b.level] || nameOf(a).localeCompare(nameOf(b)));
}

/** `ID` or `ID:about`: how a finding is called when it shall be put right. */
export function nameOf({ id, about }: Pick<Found, 'id' | 'about'>): string {
  return about === undefined ? id : `${id}:${about}`;
}

/** The findings that are meant: all that can be put right when no id is given. Throws FINDING_MISSING before anything is done. */
export function choose(found: readonly Found[], ids: readonly string[]): Found[] {
  if (ids.length === 0) return found.filter(({ fix }) => fix);
  const unknown = ids.find((id) => !found.some((each) => each.id === id || nameOf(each) === id));
  if (unknown !== undefined) throw new Fault('FINDING_MISSING', `There is no finding "${unknown}" now.`);
  return found.filter((each) => ids.includes(each.id) || ids.includes(nameOf(each)));
}

/** Puts findings right, one after the other; one that fails stops none of the others. */
export async function cure(chosen: readonly Found[], caller: Caller, tell: (found: Found) => void): Promise<Cured[]> {
  const cured: Cured[] = [];
  for (const found of chosen) {
    if (!found.fix) {
      cured.push({ found, failure: found.advice ?? 'There is nothing that could be done about it from here.' });
      continue;
    }
    tell(found);
    try {
      await found.fix.apply(caller);
      cured.push({ found, failure: undefined });
    } catch (error) {
      cured.push({ found, failure: Fault.from(error).message });
    }
  }
  return cured;
}
