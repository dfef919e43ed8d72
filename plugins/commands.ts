import type { Command } from 'boternity';

/** Commands that are more than one call of an action, loaded when they are typed. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  doctor: async () => (await import('./doctor/cli/doctor.ts')).doctor,
  chat: async () => (await import('./conversations/cli/chat.ts')).chat,
};
