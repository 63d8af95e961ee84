import type { HeaderList } from '../../model/header-list.ts';

/** What a stream needs of its session. */
export interface StreamHost<Stream> {
  /** Sends the head; gives the stream's number. */
  begin(stream: Stream, fields: HeaderList, isEnd: boolean): number;
  /** How many of the bytes were sent: as many as the windows and the connection take. */
  sendData(stream: Stream, bytes: Buffer): number;
  /** Ends the request. */
  sendEnd(stream: Stream, trailers: HeaderList): void;
  /** The connection takes more now. */
  readonly takesMore: boolean;
  /** The stream is to be flushed when more can be sent. */
  awaitRoom(stream: Stream): void;
  grant(stream: Stream, bytes: number): void;
  reset(stream: Stream, code: number): void;
  /** No new exchanges on it. */
  leave(): void;
  /** Nothing of its answer came in time. */
  doubt(stream: Stream): void;
  /** Pieces that were just told may be lent to a client: the buffer that they lie in is not read into again. */
  lend(): void;
  /** Its answer was told, whole or not: no frame is meant for it any more. */
  over(stream: Stream): void;
}
