/**
 * A name or value of a query as forms write them (URL standard, application/x-www-form-urlencoded), decoded to latin1
 * bytes: `+` is a space, a bad triplet stands for itself. Linear; nothing of it is ever sent.
 */
export function formDecoded(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  return text
    .replaceAll('+', ' ')
    .replace(/%[0-9A-Fa-f]{2}/g, (triplet) => String.fromCharCode(Number.parseInt(triplet.slice(1), 16)));
}
