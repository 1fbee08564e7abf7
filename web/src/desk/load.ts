/* Loads evidence from the platform's address without trusting it. Nothing that arrives is ever put into the page by
 * itself: the picture is held aside, its dimensions are looked at before anything decodes it, and only then is its first
 * frame drawn to a canvas, where it stands still. What is slow, gone, enormous or no picture ends as a word, not as a
 * page that hangs: the time is bounded here, and a server that sends a byte now and then does not lengthen it. */

export type Trouble = "gone" | "slow" | "large" | "refused";

export interface Still {
  kind: "image" | "video";
  /** What is drawn: an element that is not in the page. */
  source: HTMLImageElement | HTMLVideoElement;
  width: number;
  height: number;
  /** Of a video; 0 for a picture. */
  duration_s: number;
}

/** A decoded picture takes four bytes a pixel: beyond this a tab may fall over. */
const PIXELS_MAX = 60_000_000;
const TIME_MAX_MS = 15_000;
/** Long edge of what is drawn; more than a screen shows side by side. */
export const EDGE_MAX = 1_600;
// And the least: a small picture is drawn larger.
const EDGE_MIN = 640;

export class LoadError extends Error {
  constructor(
    readonly trouble: Trouble,
    readonly width = 0,
    readonly height = 0,
  ) {
    super(trouble);
  }
}

/** Web addresses only: no data:, blob:, javascript: or file: comes from a platform's evidence field. */
export function webAddress(text: string | null | undefined): URL | null {
  if (!text) return null;
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}

function measure(kind: Still["kind"], source: Still["source"], width: number, height: number): Still {
  if (!(width > 0 && height > 0)) throw new LoadError("gone");
  if (width * height > PIXELS_MAX) throw new LoadError("large", width, height);
  const seconds = source instanceof HTMLVideoElement ? source.duration : 0;
  return { kind, source, width, height, duration_s: Number.isFinite(seconds) ? seconds : 0 };
}

/** Settles once, whatever the element does later; lets go of the download in every case but success. */
function race<T extends HTMLImageElement | HTMLVideoElement>(
  element: T,
  ready: string,
  start: () => void,
  finish: () => Still,
  signal: AbortSignal,
  left_ms: number,
): Promise<Still> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void, keep: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      element.removeEventListener(ready, done);
      element.removeEventListener("error", fail);
      if (!keep) release(element);
      act();
    };
    const done = () => {
      try {
        const still = finish();
        end(() => resolve(still), true);
      } catch (error) {
        end(() => reject(error), false);
      }
    };
    const fail = () => end(() => reject(new LoadError("gone")), false);
    const stop = () => end(() => reject(signal.reason), false);
    const timer = setTimeout(() => end(() => reject(new LoadError("slow")), false), left_ms);
    element.addEventListener(ready, done);
    element.addEventListener("error", fail);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    else start();
  });
}

export function release(element: HTMLImageElement | HTMLVideoElement): void {
  element.removeAttribute("src");
  if (element instanceof HTMLVideoElement) element.load();
}

function image(address: string, signal: AbortSignal, left_ms: number): Promise<Still> {
  const picture = new Image();
  picture.referrerPolicy = "no-referrer";
  picture.decoding = "async";
  return race(
    picture,
    "load",
    () => (picture.src = address),
    () => measure("image", picture, picture.naturalWidth, picture.naturalHeight),
    signal,
    left_ms,
  );
}

function video(address: string, from_s: number, signal: AbortSignal, left_ms: number): Promise<Still> {
  const film = document.createElement("video");
  film.muted = true;
  film.defaultMuted = true;
  film.playsInline = true;
  film.preload = "metadata";
  film.disablePictureInPicture = true;
  film.disableRemotePlayback = true;
  return race(
    film,
    "seeked",
    () => {
      film.addEventListener("loadedmetadata", () => (film.currentTime = Math.max(from_s, 0.05)), {
        once: true,
      });
      film.src = address;
    },
    () => measure("video", film, film.videoWidth, film.videoHeight),
    signal,
    left_ms,
  );
}

/** The evidence at an address, to be drawn. Rejects with LoadError, or with the signal's reason. */
export async function load(address: string, from_s: number, signal: AbortSignal): Promise<Still> {
  const url =
    webAddress(address) ?? (address.startsWith("/v1/previews/") ? new URL(address, location.href) : null);
  if (!url) throw new LoadError("refused");
  const began = performance.now();
  try {
    return await image(url.href, signal, TIME_MAX_MS);
  } catch (error) {
    if (!(error instanceof LoadError) || error.trouble !== "gone") throw error;
    /* No picture. It may be a film; whoever says 404 to the one says it to the other. */
    const left_ms = TIME_MAX_MS - (performance.now() - began);
    if (left_ms < 500) throw error;
    return video(url.href, from_s, signal, left_ms);
  }
}

export interface Drawing {
  covered: boolean;
  cover_edge: number; // of a covered picture no more is drawn than so many pixels along its long edge
  turn: string; // an orientation: how it is turned, which is undone
}

// Draws the still into a canvas: whole, or from so few pixels that nothing can be made out even where the style sheet is
// gone. The canvas has the same size either way, so that nothing moves when a picture is uncovered.
export function draw(canvas: HTMLCanvasElement, still: Still, how: Drawing): void {
  const long = Math.max(still.width, still.height);
  const scale = Math.min(Math.max(1, EDGE_MIN / long), EDGE_MAX / long);
  const width = Math.max(1, Math.round(still.width * scale));
  const height = Math.max(1, Math.round(still.height * scale));
  const lying = ["rotate90", "rotate270", "flip_plus1", "flip_minus1"].includes(how.turn);
  canvas.width = lying ? height : width;
  canvas.height = lying ? width : height;
  const paper = canvas.getContext("2d");
  if (!paper) return;
  const [a, b, c, d] = undo[how.turn] ?? [1, 0, 0, 1];
  paper.setTransform(a, b, c, d, canvas.width / 2, canvas.height / 2);
  const source = how.covered ? small(still, how.cover_edge) : still.source;
  paper.imageSmoothingQuality = "high";
  try {
    if (source) paper.drawImage(source, -width / 2, -height / 2, width, height);
  } catch {
    // A picture the browser took and then could not decode: the canvas stays empty.
  }
}

// What puts each orientation right again.
const undo: Record<string, [number, number, number, number]> = {
  rotate90: [0, -1, 1, 0],
  rotate180: [-1, 0, 0, -1],
  rotate270: [0, 1, -1, 0],
  flipx: [1, 0, 0, -1],
  flipy: [-1, 0, 0, 1],
  flip_plus1: [0, 1, 1, 0],
  flip_minus1: [0, -1, -1, 0],
};

function small(still: Still, edge: number): HTMLCanvasElement | null {
  const scale = edge / Math.max(still.width, still.height);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(still.width * scale));
  canvas.height = Math.max(1, Math.round(still.height * scale));
  try {
    canvas.getContext("2d")?.drawImage(still.source, 0, 0, canvas.width, canvas.height);
    return canvas;
  } catch {
    return null;
  }
}
