/* How long pictures stood uncovered, for the reviewer's own eyes. Two pictures uncovered at once count once. What could
 * not be sent waits for the next time; a page that is left sends what it has. */

import type { Send } from "./send";

const UNSENT_MAX_S = 3_600;

export class Exposure {
  private uncovered = new Set<string>();
  private began_ms = 0;
  private unsent_s = 0;

  constructor(
    private readonly caseId: number,
    private readonly send: Send,
  ) {}

  set(picture: string, open: boolean): void {
    const before = this.uncovered.size;
    if (open) this.uncovered.add(picture);
    else this.uncovered.delete(picture);
    if (!before && this.uncovered.size) this.began_ms = performance.now();
    if (before && !this.uncovered.size) this.stop();
  }

  private stop(): void {
    const seconds = Math.max(1, Math.round((performance.now() - this.began_ms) / 1_000));
    void this.post(seconds);
  }

  private async post(seconds: number): Promise<void> {
    const whole = Math.min(UNSENT_MAX_S, seconds + this.unsent_s);
    this.unsent_s = 0;
    try {
      await this.send(`/v1/cases/${this.caseId}/exposure`, { seconds: whole });
    } catch {
      this.unsent_s = whole;
    }
  }

  /** Everything is covered again: a case is left, a tab is hidden. */
  end(): void {
    if (!this.uncovered.size) return;
    this.uncovered.clear();
    this.stop();
  }
}
