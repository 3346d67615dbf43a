const NEWLINE = 10;

export interface TextLine {
  readonly text: string;
  /** Byte after the line's end. */
  readonly end: number;
}

/** The complete lines of a file's content; what follows the last line end is torn and left out. */
export function* linesOf(content: Buffer): Generator<TextLine> {
  let start = 0;
  for (let at = content.indexOf(NEWLINE); at >= 0; at = content.indexOf(NEWLINE, start)) {
    yield { text: content.toString('utf8', start, at), end: at + 1 };
    start = at + 1;
  }
}
