/** A file of the state folder, read and written as a whole. */
export interface StateFile {
  /** The content; null: there is none yet. @throws (rejects) when it cannot be read. */
  read(): Promise<string | null>;
  /** Writes it whole or not at all. @throws (rejects) */
  write(text: string): Promise<void>;
}
