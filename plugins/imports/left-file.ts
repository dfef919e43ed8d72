/** What a folder was packed without, written by the one who packed it. */
export const LEFT_FILE = '.boternity-left.json';
