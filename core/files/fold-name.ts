/** The form in which two names are the same to some disk: case folded, compatible characters one, ignored ones left out. */
export function foldName(name: string): string {
  const visible = name.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
  const folded = visible.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
  return folded.replaceAll(/[. ]+$/g, '') || folded;
}

/** A path as the least careful file system reads it, name by name. */
export function foldPath(path: string): string {
  return path
    .split('/')
    .map(foldName)
    .filter((name) => /[^. ]/.test(name))
    .join('/');
}
