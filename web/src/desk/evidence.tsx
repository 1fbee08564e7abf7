import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { cell, useCell } from "../cell";
import { number, useTexts } from "../i18n";
import { keep, kept } from "../keep";
import type { Place } from "../types";
import { Button, Icon, Note } from "../ui";
import type { Exposure } from "./exposure";
import { draw, load, LoadError, release, webAddress, type Still, type Trouble } from "./load";
import { Passages, Regions, Timeline } from "./places";
import { iso } from "./words";

// One side of the comparison: a picture that is covered, grey and still until the reviewer says otherwise. What covers it
// is drawn, not styled: the canvas then holds no more than a few pixels of it.
export interface View {
  sharp: boolean;
  colour: boolean;
  motion: boolean;
  straight: boolean;
}
export const COVERED: View = { sharp: false, colour: false, motion: false, straight: false };

export interface Source {
  address: string;
  kept: "page" | "frame" | "region" | null; // from this node's vault; null: the platform's address
}

// How much of a covered picture may be guessed, in pixels along its long edge: the reviewer's own choice.
const edges = [6, 14, 28] as const;
const blur = cell(Math.max(0, ["0", "1", "2"].indexOf(kept("blur") ?? "1")));
function setBlur(level: number): void {
  blur.set(level);
  keep("blur", String(level));
}

type Phase =
  { at: "waiting" } | { at: "loading" } | { at: "ready"; still: Still } | { at: Trouble; size: string };

export function Evidence({
  id,
  name,
  sources,
  early,
  held,
  view,
  onView,
  onOpen,
  places,
  orientation,
  exposure,
  children,
}: {
  id: string;
  name: string;
  sources: Source[];
  early: boolean; // loaded before anybody asks, and shown covered
  held: boolean;
  view: View;
  onView: (view: View) => void;
  onOpen?: () => void; // it was uncovered
  places: Place[];
  orientation: string | null;
  exposure: Exposure;
  children?: ComponentChildren; // where there is nothing to load
}) {
  const t = useTexts().desk.evidence;
  const [at, setAt] = useState(0);
  const [pressed, setPressed] = useState(false);
  const source = sources[Math.min(at, sources.length - 1)];
  const from_s = places.find(place => place.kind === "time")?.from_s ?? 0;
  const wanted = held || pressed || view.sharp;
  const [phase, again] = useStill(source, early, wanted, from_s);
  const open = wanted && phase.at === "ready";
  useEffect(() => setAt(0), [id]);
  useEffect(() => {
    exposure.set(id, open);
    if (open) onOpen?.();
    return () => exposure.set(id, false);
  }, [id, open, exposure]);
  if (!source) {
    return (
      <section class="evidence" aria-label={name}>
        <h3>{name}</h3>
        <div class="stage none">{children ?? <p>{t.none}</p>}</div>
        <Passages places={places} open={wanted} />
      </section>
    );
  }
  const set = (change: Partial<View>) => onView({ ...view, ...change });
  return (
    <section class="evidence" aria-label={name}>
      <div class="row between">
        <h3>{name}</h3>
        <span class={open ? "state open" : "state"}>
          <Icon name={open ? "eye" : "eye-off"} />
          {open ? t.uncovered : t.covered}
        </span>
      </div>
      <div class={view.colour ? "stage" : "stage grey"}>
        {phase.at === "ready" ? (
          <Picture
            still={phase.still}
            open={open}
            motion={open && view.motion}
            turn={view.straight ? (orientation ?? "") : ""}
            label={t.picture(name, open ? t.uncovered : t.covered)}
          >
            <Regions places={places} turned={view.straight && !!orientation && orientation !== "original"} />
          </Picture>
        ) : (
          <Instead phase={phase} source={source} again={again} />
        )}
      </div>
      <p class="unseen" role="status">
        {open ? t.uncoveredNow(name) : ""}
      </p>
      {sources.length > 1 && <Leaf at={at} count={sources.length} go={setAt} kind={source.kept} />}
      <div class="tools" role="group" aria-label={name}>
        <HoldButton press={setPressed} />
        <Toggle on={view.sharp} set={sharp => set({ sharp })} text={t.sharp} />
        <Toggle on={view.colour} set={colour => set({ colour })} text={t.colour} />
        {!source.kept && <Toggle on={view.motion} set={motion => set({ motion })} text={t.motion} />}
        {orientation && orientation !== "original" && (
          <Toggle on={view.straight} set={straight => set({ straight })} text={t.straight} />
        )}
      </div>
      <Timeline places={places} still={phase.at === "ready" ? phase.still : null} />
      <Passages places={places} open={wanted} />
    </section>
  );
}

// Loads once it may; a picture that was let go of is loaded anew. Leaving ends the download.
function useStill(
  source: Source | undefined,
  early: boolean,
  wanted: boolean,
  from_s: number,
): [Phase, () => void] {
  const [phase, setPhase] = useState<Phase>({ at: "waiting" });
  const [turn, setTurn] = useState(0);
  const address = source?.address ?? "";
  // What is kept here is not loaded before it is wanted: each view of it is recorded.
  const may = wanted || (early && !source?.kept);
  const [asked, setAsked] = useState("");
  const key = `${address} ${turn}`;
  useEffect(() => {
    if (may) setAsked(key);
  }, [may, key]);
  const go = !!address && (may || asked === key || turn > 0);
  useEffect(() => {
    if (!go) return setPhase({ at: "waiting" });
    const abort = new AbortController();
    let still: Still | null = null;
    setPhase({ at: "loading" });
    load(address, from_s, abort.signal).then(
      loaded => {
        still = loaded;
        setPhase({ at: "ready", still: loaded });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const known = error instanceof LoadError;
        const size = known && error.width ? `${number(error.width)} × ${number(error.height)}` : "";
        setPhase({ at: known ? error.trouble : "gone", size });
      },
    );
    return () => {
      abort.abort();
      if (still) release(still.source);
    };
  }, [go, key]);
  return [phase, () => setTurn(turn + 1)];
}

function Picture({
  still,
  open,
  motion,
  turn,
  label,
  children,
}: {
  still: Still;
  open: boolean;
  motion: boolean;
  turn: string;
  label: string;
  children: ComponentChildren;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const alive = useRef<HTMLDivElement>(null);
  const level = useCell(blur);
  const cover_edge = edges[level] ?? edges[1];
  useEffect(() => {
    if (canvas.current) draw(canvas.current, still, { covered: !open, cover_edge, turn });
  }, [still, open, motion, turn, cover_edge]);
  useEffect(() => {
    const place = alive.current;
    if (!motion || !place) return;
    const { source } = still;
    place.append(source);
    if (source instanceof HTMLVideoElement) {
      source.controls = true;
      void source.play().catch(() => {});
    }
    return () => {
      if (source instanceof HTMLVideoElement) {
        source.pause();
        source.controls = false;
      }
      source.remove();
    };
  }, [still, motion]);
  return (
    <div class="picture">
      <canvas ref={canvas} role="img" aria-label={label} hidden={motion} />
      <div ref={alive} class="alive" hidden={!motion} />
      {!motion && children}
    </div>
  );
}

function Instead({ phase, source, again }: { phase: Phase; source: Source; again: () => void }) {
  const t = useTexts().desk.evidence;
  const host = iso(
    source.kept ? location.host : (webAddress(source.address)?.host ?? source.address.slice(0, 60)),
  );
  if (phase.at === "ready") return null;
  if (phase.at === "loading") {
    return (
      <p class="instead" role="status">
        {t.loading(host)}
      </p>
    );
  }
  if (phase.at === "waiting") {
    return (
      <div class="instead">
        <p>{source.kept ? t.keptWait : t.waiting}</p>
        {!source.kept && (
          <Button small onClick={again}>
            {t.ask}
          </Button>
        )}
      </div>
    );
  }
  const said = {
    gone: t.gone(host),
    slow: t.slow(host),
    large: t.large(phase.size),
    refused: t.refused,
  }[phase.at];
  return (
    <div class="instead" role="status">
      <Note tone="warn">
        <p>{said}</p>
        <div class="row">
          {phase.at !== "refused" && (
            <Button small icon="reload" onClick={again}>
              {t.retry}
            </Button>
          )}
          {!source.kept && webAddress(source.address) && (
            <a
              href={source.address}
              target="_blank"
              rel="noopener noreferrer"
              referrerpolicy="no-referrer"
              title={t.openHelp}
            >
              {t.open}
            </a>
          )}
        </div>
      </Note>
    </div>
  );
}

// Uncovered for as long as it is pressed, with pointer or keys.
function HoldButton({ press }: { press: (down: boolean) => void }) {
  const t = useTexts().desk.evidence;
  const end = () => press(false);
  useEffect(() => {
    window.addEventListener("blur", end);
    document.addEventListener("visibilitychange", end);
    return () => {
      window.removeEventListener("blur", end);
      document.removeEventListener("visibilitychange", end);
    };
  }, []);
  return (
    <button
      type="button"
      class="button small hold"
      title={t.holdHelp}
      onPointerDown={event => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        press(true);
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onLostPointerCapture={end}
      onBlur={end}
      onContextMenu={event => event.preventDefault()}
      onKeyDown={event => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault();
        if (!event.repeat) press(true);
      }}
      onKeyUp={end}
    >
      <Icon name="eye" />
      <span>{t.hold}</span>
    </button>
  );
}

function Toggle({ on, set, text }: { on: boolean; set: (on: boolean) => void; text: string }) {
  return (
    <button type="button" class="button small toggle" aria-pressed={on} onClick={() => set(!on)}>
      {text}
    </button>
  );
}

function Leaf({
  at,
  count,
  go,
  kind,
}: {
  at: number;
  count: number;
  go: (at: number) => void;
  kind: Source["kept"];
}) {
  const t = useTexts().desk.evidence;
  const words = { page: t.keptPage, frame: t.keptFrame, region: t.keptRegion };
  return (
    <div class="row leaf">
      <Button
        small
        kind="quiet"
        icon="back"
        label={t.previous}
        disabled={at === 0}
        onClick={() => go(at - 1)}
      />
      <span>{kind ? words[kind](number(at + 1)) : t.ofCount(number(at + 1), number(count))}</span>
      <Button
        small
        kind="quiet"
        icon="next"
        label={t.next}
        disabled={at >= count - 1}
        onClick={() => go(at + 1)}
      />
    </div>
  );
}

export function BlurControl() {
  const t = useTexts().desk.evidence;
  const level = useCell(blur);
  return (
    <span class="row blur-control">
      <Button small kind="quiet" disabled={level === 0} onClick={() => setBlur(level - 1)}>
        {t.blurMore}
      </Button>
      <Button small kind="quiet" disabled={level === 2} onClick={() => setBlur(level + 1)}>
        {t.blurLess}
      </Button>
    </span>
  );
}
