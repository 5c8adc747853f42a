/** Texts that survive only if bytes are counted and text is UTF-8 all the way. */
export const texts: readonly string[] = [
  ' space ',
  'line\r\nline',
  'nul\0nul',
  '"quotes" and \\backslashes\\',
  '*1\r\n$4\r\nPING\r\n',
  'naïve Ünicode, 日本語, עברית',
  'an emoji of several code points: 👩‍👩‍👧‍👦',
  '\u{FEFF}byte order mark',
  'long'.repeat(5000),
];
