/** Reading heads as they were on the wire (latin1), in the strict way that they have to be sent in. */

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const FIELD = new RegExp(`^${TOKEN}:[\\t \\x21-\\x7e\\x80-\\xff]*$`);
const REQUEST_LINE = new RegExp(`^${TOKEN} [\\x21-\\x7e\\x80-\\xff]+ HTTP/1\\.[01]$`);

/** What a head that a proxy sent must not have; null if it has nothing of it. */
export function faultOfHead(head: string): string | null {
  const [line = '', ...fields] = head.slice(0, -4).split('\r\n');
  if (!REQUEST_LINE.test(line)) return `a request line ${JSON.stringify(line.slice(0, 60))}`;
  const bad = fields.find((field) => !FIELD.test(field));
  if (bad !== undefined) return `a field ${JSON.stringify(bad.slice(0, 60))}`;
  const lengths = fieldsOf(head, 'content-length');
  const codings = fieldsOf(head, 'transfer-encoding');
  if (lengths.length + codings.length > 1) return 'more than one framing field';
  if (codings.some((coding) => coding.toLowerCase() !== 'chunked')) return `coded ${codings[0]}`;
  if (lengths.some((length) => !/^[0-9]+$/.test(length))) return `a length ${lengths[0]}`;
  return fieldsOf(head, 'host').length === 1 || line.endsWith('/1.0') ? null : 'no Host, or several';
}

/** Values of a field, without blanks around them. */
export function fieldsOf(head: string, lowerName: string): string[] {
  const values: string[] = [];
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0 && line.slice(0, colon).toLowerCase() === lowerName)
      values.push(line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, ''));
  }
  return values;
}

/** Its first value. */
export function fieldOf(head: string, lowerName: string): string | undefined {
  return fieldsOf(head, lowerName)[0];
}
