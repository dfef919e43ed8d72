/** How often something is tried: all the times where `BOTERNITY_SOAK` is set, else as often as a run that people wait for can bear. */
export function often(times: number, short: number): number {
  return process.env['BOTERNITY_SOAK'] ? times : short;
}
