/** Text from a file or an API, unable to steer the terminal of its reader: on one line. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');

/** As `plain`, with its line ends and tabs. */
export const plainLines = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, (sign) => ('\n\r\t'.includes(sign) ? sign : '\uFFFD'));
