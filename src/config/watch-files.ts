import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { legacyOnlyPath } from './read-input.ts';

/**
 * Says that the routes file or LEGACY_ONLY may have changed. Two sources: events of the folder, which are quick and
 * see renames and a ConfigMap's symlink swap (`..data`); and a steady beat, since events do not cross every bind mount,
 * and end for good with a folder that is deleted, though another takes its place.
 * What changed, if anything, is for the listener to read.
 */
export function watchRoutesFiles(file: string, beatMs: number, onMaybe: () => void): () => void {
  const names = new Set([basename(file), basename(legacyOnlyPath(file)), '..data']);
  let watcher: FSWatcher | null = null;
  const open = (): void => {
    watcher = openWatcher(dirname(file), names, onMaybe);
    watcher?.on('error', () => {
      watcher?.close();
      watcher = null;
    });
  };
  open();
  const beat = setInterval(() => {
    if (watcher === null) open();
    onMaybe();
  }, beatMs).unref();
  return () => {
    clearInterval(beat);
    watcher?.close();
  };
}

/** Null: no events here (too many watches, no such folder); the beat alone will do. */
function openWatcher(folder: string, names: ReadonlySet<string>, onMaybe: () => void): FSWatcher | null {
  try {
    return watch(folder, { persistent: false }, (_event, name) => {
      if (name === null || names.has(name)) onMaybe();
    });
  } catch {
    return null;
  }
}
