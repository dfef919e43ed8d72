/** One row per error code. Codes are permanent: clients and scripts branch on them. */
export interface FaultRow {
  /** HTTP status. */
  readonly status: number;
  /** Exit code of the command line: 1 fault, 2 usage, 3 not found, 4 not allowed, 5 invalid, 130 interrupted. */
  readonly exit: number;
  /** JSON-RPC 2.0 code, for the protocols that speak it. */
  readonly rpc: number;
  readonly title: string;
  /** What to do about it, when the throwing place does not know better. */
  readonly hint: string;
}

const row = (status: number, exit: number, rpc: number, title: string, hint: string): FaultRow => ({
  status,
  exit,
  rpc,
  title,
  hint,
});
const INVALID = -32602;
const MISSING = -32002;
const DENIED = -32003;
const FAILED = -32000;

/** Every code the house knows. */
export const faultTable = {
  // what came in
  BODY_UNREADABLE: row(
    400,
    5,
    -32700,
    'The body is not valid JSON',
    'Send a JSON object with content-type application/json.',
  ),
  BODY_TOO_LARGE: row(413, 5, INVALID, 'The body is too large', 'Send less than the limit named in the message.'),
  BODY_TYPE_REFUSED: row(
    415,
    5,
    INVALID,
    'The body has a type that is not taken',
    'Send a JSON object with content-type application/json.',
  ),
  INPUT_INVALID: row(422, 5, INVALID, 'The input is not valid', 'Correct the fields listed in details.'),
  USAGE_WRONG: row(400, 2, INVALID, 'The command is not used this way', 'Run it with --help.'),
  ROUTE_MISSING: row(404, 3, -32601, 'There is no such route', 'See /api/openapi.json for the routes.'),
  METHOD_WRONG: row(405, 2, -32601, 'The route does not have this method', 'See /api/openapi.json for the routes.'),
  ACTION_MISSING: row(404, 3, -32601, 'There is no such action', 'List them with: bnity --help'),

  // who asks
  CALLER_UNKNOWN: row(
    401,
    4,
    DENIED,
    'Nobody is signed in',
    'Sign in on the page, or send an API token. Commands of the user who runs the server need neither.',
  ),
  CALLER_DENIED: row(
    403,
    4,
    DENIED,
    'The caller is not allowed to do this',
    'Ask the owner for the grant named in the message.',
  ),
  HOST_REFUSED: row(
    403,
    4,
    DENIED,
    'The request came by a wrong address',
    'Open the address that the server printed at its start.',
  ),
  ORIGIN_REFUSED: row(
    403,
    4,
    DENIED,
    'The request came from the page of another site',
    'Do it on the page of this server, or send an API token from a program.',
  ),
  SIGN_IN_FAILED: row(
    401,
    4,
    DENIED,
    'Signing in failed',
    'Check e-mail and password. A lost password is set anew on the machine of the server: bnity password',
  ),
  ATTEMPTS_TOO_MANY: row(429, 4, DENIED, 'Too many attempts', 'Wait as long as Retry-After says, then try again.'),
  SETUP_LINK_INVALID: row(
    403,
    4,
    DENIED,
    'The setup link is not valid',
    'Make a new one on the machine of the server: bnity setup-link',
  ),
  ACCOUNT_MISSING: row(
    404,
    3,
    MISSING,
    'There is no owner account yet',
    'Open the setup link that the server printed, or make one: bnity setup-link',
  ),
  ACCOUNT_UNREADABLE: row(
    503,
    1,
    FAILED,
    'The accounts of this home cannot be read',
    'Repair the file named in the message, or make a new owner account: bnity setup-link',
  ),
  SESSION_MISSING: row(404, 3, MISSING, 'There is no such session', 'List them with: bnity session list'),
  TOKEN_MISSING: row(404, 3, MISSING, 'There is no such token', 'List them with: bnity token list'),

  // home, files, start
  HOME_LOCKED: row(
    409,
    1,
    FAILED,
    'The home folder is in use',
    'Stop the other server, or choose another home with --home.',
  ),
  HOME_MISSING: row(404, 3, MISSING, 'There is no home here', 'Make one with: bnity init <folder>'),
  FINDING_MISSING: row(404, 3, MISSING, 'The doctor finds no such thing', 'See what it finds now with: bnity doctor'),
  HOME_UNWRITABLE: row(
    500,
    1,
    FAILED,
    'The home folder cannot be written',
    'Give this user write access, or choose another with --home.',
  ),
  PORT_TAKEN: row(409, 1, FAILED, 'The port is in use', 'Stop what uses it, or choose another with --port.'),
  ADDRESS_REFUSED: row(
    403,
    1,
    FAILED,
    'The server may not listen on this address',
    'Make the owner account first: start on 127.0.0.1 and open the setup link.',
  ),
  NODE_TOO_OLD: row(500, 1, FAILED, 'Node is too old', 'Install Node 24.12 or newer.'),
  CONFIG_INVALID: row(500, 5, FAILED, 'The configuration is not valid', 'Correct the file named in the message.'),
  FILE_INVALID: row(422, 5, INVALID, 'The file is not valid', 'Correct the problems listed in details.'),
  FILE_MISSING: row(404, 3, MISSING, 'There is no such file', 'Check the path.'),
  FILE_EXISTS: row(409, 1, FAILED, 'The file is there already', 'Choose another name, or replace it with --force.'),
  PATH_REFUSED: row(403, 4, DENIED, 'The path leaves its folder', 'Use a relative path without "..".'),
  DISK_FULL: row(507, 1, FAILED, 'The disk is full', 'Free some space and try again. Nothing was half-written.'),
  DISK_READ_ONLY: row(
    500,
    1,
    FAILED,
    'The folder cannot be written',
    'Give the server write access. Nothing was half-written.',
  ),
  DISK_FAILED: row(
    500,
    1,
    FAILED,
    'The disk failed',
    'Look after the disk (its errors stand in the log of the system) and keep a backup. What was acknowledged before is kept.',
  ),
  FILE_UNREADABLE: row(
    500,
    1,
    FAILED,
    'The file cannot be read',
    'Give the server read access to the file named in the message.',
  ),
  FILES_EXHAUSTED: row(503, 1, FAILED, 'Too many files are open', 'Raise the limit (ulimit -n) or try again shortly.'),
  ARCHIVE_INVALID: row(
    422,
    5,
    INVALID,
    'The archive cannot be used',
    'Make it again, or get it again from where it came from. Nothing was written.',
  ),
  HOME_NOT_EMPTY: row(
    409,
    1,
    FAILED,
    'The home folder is not empty',
    'Choose another folder with --to, or put aside what is there with --force.',
  ),
  BACKUP_MISSING: row(404, 3, MISSING, 'There is no such backup', 'List them with: bnity backup-file list'),
  BACKUP_RUNNING: row(409, 1, FAILED, 'A backup is under way', 'Wait until it is done.'),
  BACKUP_FAILED: row(500, 1, FAILED, 'The backup could not be written', 'Try again when less is going on.'),
  JOURNAL_TORN: row(
    500,
    1,
    FAILED,
    'A journal is damaged',
    'Restore it from a backup; the entries before the damage are kept.',
  ),

  // plugins
  SCOPE_CLOSED: row(503, 1, FAILED, 'That part of the server is stopped', 'Try again in a moment.'),
  NAME_TAKEN: row(409, 1, FAILED, 'The name is already taken', 'Choose another name.'),
  PLUGIN_CONFIG: row(
    422,
    5,
    INVALID,
    'The settings of a plugin are not valid',
    'Correct the path named in the message.',
  ),
  PLUGIN_TIMEOUT: row(504, 1, FAILED, 'A plugin did not start in time', 'See what it waited for in the message.'),
  PLUGIN_SERVICE: row(500, 1, FAILED, 'A plugin does not keep its promise', 'Report it to the author of the plugin.'),
  PLUGIN_MISSING: row(404, 3, MISSING, 'There is no such plugin', 'List them with: bnity plugin list'),

  // bots
  BOT_MISSING: row(404, 3, MISSING, 'There is no such bot', 'List the bots with: bnity list'),
  BOT_EXISTS: row(409, 1, FAILED, 'A bot with this name exists', 'Choose another name.'),
  BOT_BROKEN: row(422, 5, FAILED, 'The bot has a broken file', 'See the problems with: bnity check'),
  BOT_INACTIVE: row(409, 1, FAILED, 'The bot is not active', 'Start it with: bnity start <bot>'),
  SOUL_CHANGED: row(
    409,
    1,
    FAILED,
    'Who the bot is was changed, and nobody accepted it',
    'See it with: bnity soul diff <bot>; then accept or restore it.',
  ),
  SOUL_SEALED: row(403, 4, DENIED, 'Only people change who a bot is', 'Ask the owner to make the change.'),
  APPROVAL_MISSING: row(404, 3, MISSING, 'Nothing waits for approval', 'List what waits with: bnity approval list'),
  FILE_CHANGED: row(
    409,
    1,
    FAILED,
    'The file was changed by somebody else meanwhile',
    'Read it again and put your change on top.',
  ),
  GIT_AWAY: row(
    409,
    1,
    FAILED,
    'The bot’s repository is elsewhere',
    'Finish what is under way in the bot’s folder, or check out main.',
  ),
  TEMPLATE_MISSING: row(404, 3, MISSING, 'There is no such template', 'Use one of those listed in the message.'),
  UPLOAD_MISSING: row(404, 3, MISSING, 'There is no such upload', 'Send the archive again.'),
  IMPORT_MISSING: row(404, 3, MISSING, 'There is no such import', 'List those that wait with: bnity import-plan list'),
  IMPORT_REFUSED: row(422, 5, INVALID, 'This cannot be imported', 'See the message; nothing was written.'),
  IMPORT_CONFLICT: row(
    409,
    1,
    FAILED,
    'The import would replace something',
    'Say --replace-skills or --keep-skills. Nothing was written.',
  ),
  EXPORT_SECRETS: row(
    409,
    1,
    FAILED,
    'The bot holds what looks like a key',
    'Take it out of the file, or say --allow-secrets when it is none.',
  ),
  SETTING_LOCKED: row(
    409,
    1,
    FAILED,
    'The setting is fixed by boternity.config.ts',
    'Change it there, or remove it there first.',
  ),
  PROVIDER_MISSING: row(404, 3, MISSING, 'There is no such provider', 'List them with: bnity provider list'),

  // git
  GIT_MISSING: row(503, 1, FAILED, 'git is not installed', 'Install git 2.38 or newer and start the server again.'),
  GIT_UNTRUSTED: row(
    422,
    5,
    FAILED,
    'The repository cannot be trusted',
    'Put right what the message names; the bot works on without history.',
  ),
  GIT_MOVED: row(409, 1, FAILED, 'The repository is not where it was', 'Look at it, and try again.'),
  GIT_DAMAGED: row(500, 1, FAILED, 'The repository is damaged', 'Restore it from a backup or a clone.'),
  GIT_FAILED: row(500, 1, FAILED, 'git could not do it', 'See the message for what git says.'),
  REPOSITORY_MISSING: row(404, 3, MISSING, 'There is no repository', 'It is made at the first change of the bot.'),
  COMMIT_MISSING: row(404, 3, MISSING, 'There is no such commit', 'List the commits in the history.'),
  CLONE_REFUSED: row(
    422,
    5,
    INVALID,
    'This cannot be cloned',
    'Use another address, or put right what the message names.',
  ),
  CLONE_FAILED: row(502, 1, FAILED, 'The repository could not be fetched', 'Check the address and try again.'),
  PUSH_TOO_LARGE: row(413, 5, INVALID, 'The push is too large', 'Push less at once, or keep large files elsewhere.'),
  PUSH_BROKEN: row(
    422,
    5,
    INVALID,
    'The push holds objects that git refuses',
    'Check the clone with: git fsck --strict',
  ),
  // secrets
  SECRET_MISSING: row(404, 3, MISSING, 'There is no such secret', 'List them with: bnity secret list'),
  VAULT_KEY_WRONG: row(
    409,
    1,
    FAILED,
    'The key does not open the vault',
    'Put back the key file or the password that belongs to .boternity/vault.json. Nothing was changed.',
  ),
  VAULT_KEY_MISSING: row(
    409,
    1,
    FAILED,
    'The key of the vault is not there',
    'Put back .boternity/vault.key, set BOTERNITY_VAULT_PASSWORD, or unlock the keychain. Nothing was changed.',
  ),
  VAULT_KEY_EXPOSED: row(409, 1, FAILED, 'Others can read the key of the vault', 'Run: chmod 600 .boternity/vault.key'),
  VAULT_DAMAGED: row(
    409,
    1,
    FAILED,
    'The vault is damaged',
    'Restore .boternity/vault.json from a backup. Nothing was changed.',
  ),
  KEYCHAIN_UNREACHABLE: row(
    503,
    1,
    FAILED,
    'The keychain cannot be used',
    'Unlock it, or keep secrets in the file: bnity settings set plugins.vault.store file',
  ),

  // conversations and models
  CONVERSATION_MISSING: row(
    404,
    3,
    MISSING,
    'There is no such conversation',
    'List them with: bnity conversation list',
  ),
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

  // the rest
  INTERRUPTED: row(499, 130, FAILED, 'Interrupted', 'Run it again.'),
  SERVER_UNREACHABLE: row(503, 1, FAILED, 'The server does not answer', 'Start it with: bnity serve'),
  INTERNAL: row(500, 1, -32603, 'Something went wrong inside', 'Look into the log; the request id is in the answer.'),
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof faultTable;
