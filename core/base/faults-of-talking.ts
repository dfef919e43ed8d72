import { DENIED, FAILED, INVALID, MISSING, row, type FaultRow } from './fault-row.ts';

/** Codes of conversations, models, tools, prompts and the web. */
export const faultsOfTalking = {
  // conversations and models
  CONVERSATION_MISSING: row(
    404,
    3,
    MISSING,
    'There is no such conversation',
    'List them with: bnity conversation list',
  ),
  MESSAGE_CONFLICT: row(409, 5, FAILED, 'The key is taken', 'Send another message with a key of its own.'),
  NODE_MISSING: row(404, 3, MISSING, 'No such message', 'List the messages: bnity message list <conversation>'),
  NODE_BUSY: row(
    409,
    1,
    FAILED,
    'An answer is under way',
    'Wait for it, or stop it: bnity conversation stop <conversation>',
  ),
  LANE_MISSING: row(404, 3, MISSING, 'No such branch', 'See the branches: bnity conversation show <conversation>'),
  LANE_ARCHIVED: row(409, 1, FAILED, 'It is archived', 'Bring it back: bnity conversation unarchive <conversation>'),
  MOVE_ILLEGAL: row(500, 1, FAILED, 'An impossible step', 'This is a mistake in the program; please report it.'),
  RUN_LOST: row(504, 1, FAILED, 'Nothing was heard of a run', 'Try it again.'),
  RETRY_REFUSED: row(409, 1, FAILED, 'It cannot be tried again', 'Ask for another answer, or send the message again.'),
  REGENERATE_REFUSED: row(409, 1, FAILED, 'It cannot be given anew', 'Name the answer that should be given anew.'),
  EDIT_REFUSED: row(409, 1, FAILED, 'It cannot be edited', 'Edit what a person wrote.'),
  VERSION_MISSING: row(404, 3, MISSING, 'No such version', 'See the versions: bnity message list <conversation>'),
  FORK_REFUSED: row(
    409,
    1,
    FAILED,
    'No branch can begin there',
    'Begin it behind a message or an answer that has ended.',
  ),
  MERGE_REFUSED: row(409, 1, FAILED, 'The branches cannot be merged', 'Name branches that have ended well.'),
  DELETE_REFUSED: row(409, 1, FAILED, 'It cannot be deleted', 'Leave it out of prompts instead: bnity message exclude'),
  MESSAGE_EMPTY: row(422, 5, INVALID, 'The message is empty', 'Write something.'),
  MESSAGE_TOO_LARGE: row(413, 5, INVALID, 'The message is too large', 'Split it into several messages.'),
  RUN_IDLE: row(409, 1, FAILED, 'Nothing is running', 'There is nothing to stop.'),
  CURSOR_INVALID: row(422, 5, INVALID, 'The cursor is not valid', 'Read the page again and use its cursor.'),
  MODEL_MISSING: row(422, 5, FAILED, 'There is no such model', 'List the models with: bnity model list'),
  MODEL_FAILED: row(502, 1, FAILED, 'The model gave no answer', 'Try again, or choose another model.'),
  TOOL_DENIED: row(403, 4, DENIED, 'The bot may not use this tool', 'Allow it under tools in bot.yaml.'),

  // the web
  WEB_ADDRESS_INVALID: row(
    422,
    5,
    INVALID,
    'The address cannot be used',
    'Use an http or https address of a public web page, as a browser shows it.',
  ),
  WEB_REFUSED: row(
    403,
    4,
    DENIED,
    'The address is refused',
    'Use a public address. The owner may allow others under plugins.web-tools in settings.yaml.',
  ),
  WEB_UNREACHABLE: row(502, 1, FAILED, 'The web site does not answer', 'Check the address, or try again later.'),
  WEB_TIMEOUT: row(504, 1, FAILED, 'The web site takes too long', 'Try again later, or use another source.'),
  WEB_UNREADABLE: row(502, 1, FAILED, 'What came cannot be read as text', 'Use another source.'),
  WEB_RATE_LIMITED: row(429, 1, FAILED, 'Too many requests to the web', 'Wait a minute, then try again.'),
  SEARCH_MISSING: row(
    409,
    1,
    FAILED,
    'Web search is not set up',
    'Set it up as the message says; docs/web.md tells more.',
  ),
  SEARCH_FAILED: row(502, 1, FAILED, 'The web search failed', 'See the message, and try again.'),
} as const satisfies Record<string, FaultRow>;
