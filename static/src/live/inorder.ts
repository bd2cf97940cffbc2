/** Which answers count when questions cross: one to an earlier question never replaces one to a later. Pure.
 *
 * An earlier one counts until the later has come: who asks every five seconds a server that takes six would else take none.
 */

export class InOrder {
  #asked = 0;
  #taken = 0;

  /** The number of a new question. */
  ask(): number {
    return ++this.#asked;
  }

  /** Whether the answer to a question counts still. */
  counts(question: number): boolean {
    return question > this.#taken;
  }

  /** Whether the answer to a question counts; once it is taken, those to earlier ones do no more. */
  takes(question: number): boolean {
    if (!this.counts(question)) return false;
    this.#taken = question;
    return true;
  }

  isLast(question: number): boolean {
    return question === this.#asked;
  }

  /** What was asked so far is not wanted any more. */
  forget(): void {
    this.#taken = this.#asked;
  }
}
