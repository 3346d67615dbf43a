import { formatDuration } from '../model/quantity.ts';
import type { Run } from '../model/run.ts';

const WIDTH = 28;
const REDRAW_MS = 200;
/** Where there is no terminal, a line so often. */
const PLAIN_MS = 5_000;

/** One line that says how far the work is: redrawn in place on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #isShown: boolean;
  readonly #startedAt = Date.now();
  #unfinished: () => readonly Run[] = () => [];
  #ended = 0;
  #failed = 0;
  #timer: NodeJS.Timeout | undefined;
  #isDrawn = false;

  constructor(stream: NodeJS.WriteStream, isShown: boolean) {
    this.#stream = stream;
    this.#isShown = isShown;
  }

  /** Shows these runs until `end`. */
  follow(unfinished: () => readonly Run[]): void {
    this.#unfinished = unfinished;
    if (this.#isShown)
      this.#timer = setInterval(() => this.#draw(), this.#stream.isTTY ? REDRAW_MS : PLAIN_MS);
  }

  count(run: Run): void {
    this.#ended += 1;
    if (run.status !== 'succeeded') this.#failed += 1;
  }

  /** A sentence above the line. */
  say(text: string): void {
    this.#clear();
    this.#stream.write(`${text}\n`);
    if (this.#stream.isTTY) this.#draw();
  }

  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#clear();
    if (this.#ended > 0) this.#stream.write(`${this.#text()}\n`);
  }

  #draw(): void {
    const left = this.#unfinished().length;
    // What has all ended is said once, at the end, where lines are not redrawn.
    if (this.#timer === undefined || (left === 0 && !(this.#stream.isTTY && this.#ended > 0)))
      return;
    this.#clear();
    this.#stream.write(
      this.#stream.isTTY ? this.#text().slice(0, this.#stream.columns - 1) : `${this.#text()}\n`,
    );
    this.#isDrawn = this.#stream.isTTY === true;
  }

  #clear(): void {
    if (this.#isDrawn) this.#stream.write('\r\u001b[2K');
    this.#isDrawn = false;
  }

  #text(): string {
    const unfinished = this.#unfinished();
    const total = this.#ended + unfinished.length;
    const running = unfinished.filter(({ status }) => status === 'running').length;
    const filled = Math.round((WIDTH * this.#ended) / Math.max(1, total));
    const parts = [
      `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${this.#ended}/${total} runs`,
      ...(running > 0 ? [`${running} running`] : []),
      ...(this.#failed > 0 ? [`${this.#failed} not succeeded`] : []),
      formatDuration(Date.now() - this.#startedAt),
      ...this.#timeLeft(total),
    ];
    return parts.join(' · ');
  }

  /** By the mean so far: honest only once some have ended. */
  #timeLeft(total: number): readonly string[] {
    if (this.#ended < 5 || this.#ended === total) return [];
    const perRun = (Date.now() - this.#startedAt) / this.#ended;
    return [`about ${formatDuration(perRun * (total - this.#ended))} left`];
  }
}
