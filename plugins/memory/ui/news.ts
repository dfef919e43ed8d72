/** Whether an event of the feed tells that a bot's memories, or this one of them, are others now. */
export function concernsMemory(event: unknown, slug: string, memory?: string): boolean {
  const { type, bot, memories } = event as {
    readonly type: string;
    readonly bot?: { readonly slug: string };
    readonly memories?: readonly string[];
  };
  if (type === 'reset') return true;
  return type === 'memory' && bot?.slug === slug && (memory === undefined || (memories ?? []).includes(memory));
}
