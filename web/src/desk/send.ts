/* A POST whose answer nobody waits for, on its way even when the page is left. */
export type Send = (path: string, body: unknown) => Promise<unknown>;
