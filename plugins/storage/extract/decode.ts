/** The text of a file: UTF-8, UTF-16 where it says so, else the old Western set of 256 characters. Line ends become `\n`. */
export function decode(bytes: Buffer): string {
  return textOf(bytes).replaceAll(/\r\n?/g, '\n');
}

function textOf(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
