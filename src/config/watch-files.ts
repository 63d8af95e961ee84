import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { legacyOnlyPath } from './read-input.ts';

/**
 * Says that the routes file or LEGACY_ONLY may have changed. Two sources: events of the folder, which are quick and
 * see renames and a ConfigMap's symlink swap (`..data`); and a steady beat, since events do not cross every bind mount.
 * What changed, if anything, is for the listener to read.
 */
export function watchRoutesFiles(file: string, beatMs: number, onMaybe: () => void): () => void {
  const names = new Set([basename(file), basename(legacyOnlyPath(file)), '..data']);
  let watcher = openWatcher(dirname(file), names, onMaybe);
  const beat = setInterval(() => {
    // A folder that was deleted and made again has lost its watcher.
    watcher.current ??= openWatcher(dirname(file), names, onMaybe).current;
    onMaybe();
  }, beatMs).unref();
  return () => {
    clearInterval(beat);
    watcher.current?.close();
    watcher = { current: null };
  };
}

function openWatcher(
  folder: string,
  names: ReadonlySet<string>,
  onMaybe: () => void,
): { current: FSWatcher | null } {
  const holder: { current: FSWatcher | null } = { current: null };
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name === null || names.has(name)) onMaybe();
    });
    watcher.on('error', () => {
      watcher.close();
      holder.current = null;
    });
    holder.current = watcher;
  } catch {
    // No events here (too many watches, no such folder): the beat alone will do.
  }
  return holder;
}
