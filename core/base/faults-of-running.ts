import { FAILED, INVALID, MISSING, row, type FaultRow } from './fault-row.ts';

/** Codes of what keeps a server running: its process, the service of the system, the form of its home. */
export const faultsOfRunning = {
  SERVER_MISSING: row(404, 3, MISSING, 'No server runs on this home', 'Start one with: bnity serve'),
  SERVER_STAYS: row(
    409,
    1,
    FAILED,
    'The server does not end',
    'Look what it does with: bnity logs; end it the hard way with --force. Nothing that was answered is lost.',
  ),
  ACCOUNT_EXISTS: row(
    409,
    1,
    FAILED,
    'There is an owner account already',
    'A lost password is set anew with: bnity password; everything anew with the link of: bnity setup-link',
  ),
  SERVICE_UNSUPPORTED: row(
    501,
    1,
    FAILED,
    'This system has no service manager that is known',
    'Run "bnity serve" under whatever starts programs here; --print shows what a unit of systemd would say.',
  ),
  SERVICE_MISSING: row(404, 3, MISSING, 'There is no such service', 'Make it with: bnity service install'),
  SERVICE_FAILED: row(
    500,
    1,
    FAILED,
    'The service manager refused',
    'Its own words stand in the message. See also: bnity service logs',
  ),
  HOME_NEWER: row(
    409,
    1,
    FAILED,
    'The home was written by a newer version',
    'Update this program, or restore the backup that was made before.',
  ),
  MIGRATION_MISSING: row(404, 3, MISSING, 'There is no such migration', 'List them with: bnity migrate'),
  MIGRATION_CONFLICT: row(
    409,
    5,
    INVALID,
    'Files were changed since',
    'Put them in order by hand: what was there before lies in .boternity/migrations/.',
  ),
} as const satisfies Readonly<Record<string, FaultRow>>;
