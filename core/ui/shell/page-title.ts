const NAME = 'Boternity';

const shown = { subject: '', unread: 0 };

/** Names the page in the window's title; without a subject it is the application alone. */
export function showTitle(subject = ''): void {
  shown.subject = subject;
  write();
}

/** How many conversations are unread, before the title. */
export function showUnread(count: number): void {
  shown.unread = count;
  write();
}

function write(): void {
  const { subject, unread } = shown;
  const count = unread > 0 ? `(${unread}) ` : '';
  document.title = `${count}${subject === '' ? NAME : `${subject} · ${NAME}`}`;
}
