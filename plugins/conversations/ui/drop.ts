/** Tells of files that are dragged over the page and dropped on it, until the function it gives is called. */
export function followDrops(host: {
  /** Whether files are over the page now. */
  readonly over: (isOver: boolean) => void;
  readonly drop: (files: readonly File[]) => void;
}): () => void {
  const stop = new AbortController();
  const listen = (type: string, heard: (event: DragEvent) => void): void =>
    globalThis.addEventListener(type, (event) => hasFiles(event as DragEvent) && heard(event as DragEvent), {
      signal: stop.signal,
    });
  listen('dragenter', () => host.over(true));
  listen('dragover', (event) => {
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  });
  listen('dragleave', (event) => event.relatedTarget === null && host.over(false));
  listen('drop', (event) => {
    // Without this the browser leaves the page to show the file.
    event.preventDefault();
    host.over(false);
    host.drop([...(event.dataTransfer?.files ?? [])]);
  });
  return () => stop.abort();
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
