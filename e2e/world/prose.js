// Long texts.

/** Words of a report, with a space behind each. */
export const WORDS = "rapat membahas rencana kerja sama kedua kota ";

/** So many bytes of prose, in paragraphs of about 500. */
export function prose(bytes) {
  let text = "";
  while (text.length < bytes) text += text.length % 500 < WORDS.length && text ? `${WORDS.trim()}.\n\n` : WORDS;
  return text.slice(0, bytes);
}
