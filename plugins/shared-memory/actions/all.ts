import type { Action, Bots } from 'boternity';
import type { Memories } from '../../memory/index.ts';
import type { Ledger } from '../ledger.ts';
import type { SharedMemories } from '../shared-memories.ts';
import type { Sharing } from '../sharing.ts';
import { auditMemories } from './audit.ts';
import { listShared, reviewShared, searchShared } from './look.ts';
import { approveShared, rejectShared } from './review.ts';
import { revokeMemory, shareMemory, shareTool } from './share.ts';

export interface ActionParts {
  readonly bots: Bots;
  readonly memories: Memories;
  readonly shared: SharedMemories;
  readonly sharing: Sharing;
  readonly ledger: Ledger;
}

export function sharedMemoryActions({ bots, memories, shared, sharing, ledger }: ActionParts): Action[] {
  return [
    shareMemory(memories, sharing),
    revokeMemory(memories, sharing),
    shareTool(memories, sharing),
    listShared(bots, shared),
    searchShared(bots, shared),
    reviewShared(shared),
    approveShared(memories, sharing),
    rejectShared(memories, sharing),
    auditMemories(bots, memories, ledger),
  ];
}
