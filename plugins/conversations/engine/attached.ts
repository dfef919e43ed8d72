import { Fault, type Content } from 'boternity';
import type { Attachment, Graph, GraphNode } from '../graph/graph.ts';
import { ancestryOf } from '../graph/path.ts';

/** Pictures in one prompt; services refuse more. */
const MOST_PICTURES = 20;

/** Where files are kept that people send with their messages: the plugin `attachments`. */
export interface AttachmentKeeper {
  /** Takes files that were brought for a bot into a conversation; a second time it only finds them. Throws ATTACHMENT_MISSING. */
  take(bot: string, conversation: string, ids: readonly string[]): Promise<Attachment[]>;
  /** What a model is given of one, in at most so many tokens. Never rejects: that it is gone is told to the model. */
  contentOf(conversation: string, attachment: Attachment, most: number): Promise<Content[]>;
}

/** Attachment → what prompts hold of it. */
export type Contents = ReadonlyMap<string, readonly Content[]>;

/** Where the keeper of attachments is while the plugin `attachments` runs. */
export class AttachmentSlot {
  #keeper: AttachmentKeeper | undefined;

  /** Keeps them here until what it gives is called. */
  attachWith(keeper: AttachmentKeeper): () => void {
    this.#keeper = keeper;
    return () => (this.#keeper = undefined);
  }

  /** Throws ATTACHMENTS_OFF and ATTACHMENT_MISSING. */
  async take(bot: string, conversation: string, ids: readonly string[]): Promise<readonly Attachment[]> {
    if (ids.length === 0) return [];
    if (!this.#keeper)
      throw new Fault('ATTACHMENTS_OFF', 'No files can be sent: the plugin "attachments" does not run.');
    return this.#keeper.take(bot, conversation, [...new Set(ids)]);
  }

  /** What a prompt behind a node holds of the files on the way to it, the latest first served; all of them at most half of the prompt. */
  async contentsFor(graph: Graph, node: GraphNode, limit: number): Promise<Contents> {
    const contents = new Map<string, readonly Content[]>();
    const messages = ancestryOf(graph, node).filter((each) => each.attachments && !each.isExcluded && !each.isDeleted);
    let left = Math.floor(limit / 2);
    let pictures = MOST_PICTURES;
    for (const attachment of messages.toReversed().flatMap(({ attachments = [] }) => attachments)) {
      const content = await this.#keeper?.contentOf(graph.id, attachment, pictures > 0 ? left : 0);
      if (!content) return contents;
      left = Math.max(0, left - attachment.tokens);
      if (content.some(({ type }) => type === 'image')) pictures -= 1;
      contents.set(attachment.id, content);
    }
    return contents;
  }
}
