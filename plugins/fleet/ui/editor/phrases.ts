import { msg } from 'boternity/ui';

/** The words of the editor library in the language of the page, by its own English ones. */
export function phrases(): Record<string, string> {
  return {
    Find: msg('Find'),
    Replace: msg('Replace'),
    next: msg('next'),
    previous: msg('previous'),
    all: msg('all'),
    'match case': msg('match case'),
    regexp: msg('regular expression'),
    'by word': msg('whole word'),
    replace: msg('replace'),
    'replace all': msg('replace all'),
    close: msg('Close'),
    'Go to line': msg('Go to line'),
    go: msg('go'),
    'replaced match on line $': msg('replaced match on line $'),
    'replaced $ matches': msg('replaced $ matches'),
    'current match': msg('current match'),
    'on line': msg('on line'),
    Completions: msg('Completions'),
    'Selection deleted': msg('Selection deleted'),
    Diagnostics: msg('Problems'),
    'No diagnostics': msg('No problems'),
    'Control character': msg('Control character'),
    '$ unchanged lines': msg('$ unchanged lines'),
    'Revert this chunk': msg('Take this change back'),
    Accept: msg('Accept'),
    Reject: msg('Reject'),
  };
}
