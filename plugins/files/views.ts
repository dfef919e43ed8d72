import { z, type Commit } from 'boternity';

export const reference = z.string().min(1).describe('Slug or id of a bot');
export const path = z.string().min(1).max(400).describe('Path from the bot folder: SOUL.md, skills/write/SKILL.md');
export const commitName = z
  .string()
  .regex(/^[0-9a-f]{7,40}$/i, 'give a commit id, or its first 7 digits or more')
  .describe('Id of a commit, or its beginning');

export const commitView = z.object({
  commit: z.string(),
  author: z.string(),
  email: z.string(),
  at: z.string(),
  message: z.string(),
});

export function viewOf({ id, author, message }: Commit): z.infer<typeof commitView> {
  return {
    commit: id,
    author: author.name,
    email: author.email,
    at: author.at.toISOString(),
    message: message.trim(),
  };
}

export const fileView = z.object({
  path: z.string(),
  text: z.string().nullable().describe('Null for a file that is no UTF-8 text'),
  base64: z.string().nullable().describe('Content of a file that is no text'),
  digest: z.string().describe('SHA-256 of the content; give it as `expect` when you write'),
  sealed: z.boolean().describe('Whether it says who the bot is, so that only people change it'),
  commit: z.string().nullable().describe('The version that was asked for; null for the file as it lies in the folder'),
});
