import path from 'node:path';
import type { ServiceDescription } from './description.ts';

/** Where launchd puts what the server prints. */
export function printedBy({ home }: ServiceDescription): string {
  return path.join(home, '.boternity/logs/service.log');
}

export function labelOf({ name }: ServiceDescription): string {
  return `net.boternity.${name}`;
}

/** An agent of one user (launchd.plist(5)): it starts with the session, and again when it fails. */
export function launchdPlist(service: ServiceDescription): string {
  const { home, node, program, searchPath } = service;
  const words = [node, program, 'serve', '--home', home].map((each) => `    ${text(each)}\n`).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  ${text(labelOf(service))}
  <key>ProgramArguments</key>
  <array>
${words}  </array>
  <key>WorkingDirectory</key>
  ${text(home)}
  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key>
    ${text(searchPath)}
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>5</integer>
  <key>ExitTimeOut</key>
  <integer>30</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  ${text(printedBy(service))}
  <key>StandardErrorPath</key>
  ${text(printedBy(service))}
</dict>
</plist>
`;
}

function text(value: string): string {
  return `<string>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</string>`;
}
