/**
 * A service's own data: one JSON file in DATA_DIR, written whole beside itself and renamed, so that a crash leaves the
 * old or the new, never half of one. Without DATA_DIR the data lives as long as the process.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SAVE_AFTER_MS = 100;

/** `data` is yours to change; say `save()` after it. `flush()` writes at once what is unsaved. */
export function openStore(name, initial) {
  const folder = process.env.DATA_DIR;
  if (!folder) return { data: initial, save() {}, flush() {} };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  const store = { data: readOr(file, initial), timer: null };
  const flush = () => {
    if (!store.timer) return;
    clearTimeout(store.timer);
    store.timer = null;
    writeFileSync(`${file}.new`, JSON.stringify(store.data));
    renameSync(`${file}.new`, file);
  };
  const save = () => {
    store.timer ??= setTimeout(flush, SAVE_AFTER_MS);
  };
  return { data: store.data, save, flush };
}

function readOr(file, initial) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return initial;
    throw error;
  }
}
