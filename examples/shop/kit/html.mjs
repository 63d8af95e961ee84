/** Pages as template strings in which everything is escaped but what is already HTML. */

class Html {
  constructor(text) {
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** html`<p>${text}</p>`: strings are escaped, lists joined, html kept, null and false left out. */
export function html(parts, ...values) {
  return new Html(
    parts.reduce((text, part, index) => text + part + (index < values.length ? show(values[index]) : ''), ''),
  );
}

function show(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(show).join('');
  if (value === null || value === undefined || value === false) return '';
  return String(value).replace(/[&<>"']/g, (char) => ESCAPES[char]);
}

/** 1250 → "€12.50" */
export function money(cents) {
  return `€${(cents / 100).toFixed(2)}`;
}

/** "2026-01-31 14:05" */
export function dateTime(iso) {
  return iso.slice(0, 16).replace('T', ' ');
}
