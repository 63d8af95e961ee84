import type { HeaderList } from '../../src/model/header-list.ts';
import type { FieldLines } from '../../src/model/request.ts';

/** Fields as the wire front has them at hand. */
export function linesOf(
  headers: HeaderList,
  line = (name: string, value: string) => `${name}: ${value}`,
): FieldLines {
  let text = 'GET / HTTP/1.1\r\n';
  const marks = [4, 5];
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = [headers[i] as string, headers[i + 1] as string];
    const written = line(name, value);
    const start = text.length;
    const valueStart = start + (value === '' ? written.length : written.lastIndexOf(value));
    marks.push(start, start + name.length, valueStart, valueStart + value.length);
    text += `${written}\r\n`;
  }
  return { text, marks };
}
