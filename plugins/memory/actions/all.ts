import type { Action, Bots } from 'boternity';
import type { Conversations } from '../../conversations/index.ts';
import type { Learner } from '../learn/learner.ts';
import type { Memories } from '../service.ts';
import { exportMemories } from './export.ts';
import { createMemory, deleteMemory, editMemory, unlearn } from './keep.ts';
import { learnNow } from './learn.ts';
import { explainMemory, listMemories, searchMemories, showMemory } from './look.ts';
import { memoryTools } from './tools.ts';

export interface ActionParts {
  readonly memories: Memories;
  readonly learner: Learner;
  readonly bots: Bots;
  readonly conversations: Conversations;
}

export function memoryActions({ memories, learner, bots, conversations }: ActionParts): Action[] {
  return [
    createMemory(memories),
    editMemory(memories),
    deleteMemory(memories),
    unlearn(memories),
    exportMemories(memories, bots),
    listMemories(memories),
    showMemory(memories),
    searchMemories(memories),
    explainMemory(memories, bots),
    learnNow(learner, conversations),
    ...memoryTools(memories),
  ];
}
