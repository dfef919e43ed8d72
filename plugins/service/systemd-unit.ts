import type { ServiceDescription } from './description.ts';

/**
 * A unit for the manager of one user (systemd.unit(5), systemd.exec(5)). The whole system is read-only to it, the folder of the
 * user too, but for the home, a cache, and the sign-ins that command lines of models renew by themselves.
 *
 * Left out on purpose: MemoryDenyWriteExecute (V8 writes code), RestrictNamespaces and what covers parts of /proc (the sandbox of
 * bots makes namespaces and a /proc of its own), WatchdogSec and Type=notify (nothing here speaks that protocol).
 */
export function systemdUnit({ home, node, program, searchPath, name }: ServiceDescription): string {
  const command = [node, program, 'serve', '--home', home].map(word).join(' ');
  return `[Unit]
Description=Boternity, ${specifiers(home)}
Documentation=https://www.npmjs.com/package/boternity
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=exec
ExecStart=${command}
WorkingDirectory=${specifiers(home)}
Environment=${word(`PATH=${searchPath}`)}
SyslogIdentifier=${name}
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec=30
UMask=0077

NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths=${word(home)}
ReadWritePaths=-%h/.claude -%h/.claude.json -%h/.codex
CacheDirectory=boternity
Environment=XDG_CACHE_HOME=%C
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native

[Install]
WantedBy=default.target
`;
}

/** A word that may hold blanks, quotes, `%` and `$`, as systemd.service(5) has them written. */
function word(text: string): string {
  return `"${specifiers(text).replaceAll(/["\\]/g, '\\$&').replaceAll('$', '$$$$')}"`;
}

function specifiers(text: string): string {
  return text.replaceAll('%', '%%');
}
