import { useState } from "preact/hooks";
import { list, number, useTexts } from "../i18n";
import type { Place } from "../types";
import { Button } from "../ui";
import type { Still } from "./load";
import { clock } from "./words";

// Where in the content it is: regions over the picture, seconds on a line, pages by number, passages in their own words.
type Of<K extends Place["kind"]> = Extract<Place, { kind: K }>;
const only = <K extends Place["kind"]>(places: Place[], kind: K): Of<K>[] =>
  places.filter((place): place is Of<K> => place.kind === kind);

const within = (n: number) => Math.min(1, Math.max(0, n));

export function Regions({ places, turned }: { places: Place[]; turned: boolean }) {
  const t = useTexts().desk.evidence;
  const regions = only(places, "region");
  if (!regions.length || turned) return null; // they are told of the content as it came
  return (
    <svg
      class="regions"
      viewBox="0 0 1 1"
      preserveAspectRatio="none"
      role="img"
      aria-label={t.region(regions.length)}
    >
      {regions.map((region, at) => (
        <rect
          key={at}
          x={within(region.x)}
          y={within(region.y)}
          width={within(region.w)}
          height={within(region.h)}
        />
      ))}
    </svg>
  );
}

export function Timeline({ places, still }: { places: Place[]; still: Still | null }) {
  const t = useTexts().desk.evidence;
  const spans = only(places, "time");
  const pages = only(places, "page");
  const film = still?.source instanceof HTMLVideoElement ? still.source : null;
  const whole = Math.max(still?.duration_s ?? 0, ...spans.map(span => span.to_s), 1);
  return (
    <>
      {spans.length > 0 && (
        <div class="timeline">
          <h4>{t.timeline}</h4>
          <svg viewBox={`0 0 ${whole} 1`} preserveAspectRatio="none" aria-hidden="true" dir="ltr">
            {spans.map((span, at) => (
              <rect
                key={at}
                x={span.from_s}
                y="0"
                width={Math.max(span.to_s - span.from_s, whole / 200)}
                height="1"
              />
            ))}
          </svg>
          <ul class="row">
            {spans.map((span, at) => (
              <li key={at}>
                <Button
                  small
                  kind="quiet"
                  disabled={!film}
                  onClick={() => film && (film.currentTime = span.from_s)}
                >
                  <bdi>{t.second(clock(span.from_s), clock(span.to_s))}</bdi>
                </Button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {pages.length > 0 && <p>{t.pages(list(pages.map(page => number(page.page))))}</p>}
    </>
  );
}

// Words can weigh as much as pictures: they are shown when asked for.
export function Passages({ places, open }: { places: Place[]; open: boolean }) {
  const t = useTexts().desk.evidence;
  const [shown, setShown] = useState(false);
  const quotes = only(places, "text");
  if (!quotes.length) return null;
  return (
    <div class="passages">
      <div class="row between">
        <h4>{t.passage}</h4>
        <Button small kind="quiet" aria-expanded={shown} onClick={() => setShown(!shown)}>
          {shown ? t.passageHide : t.passageShow}
        </Button>
      </div>
      {(shown || open) &&
        quotes.map((quote, at) => (
          <blockquote key={at} dir="auto">
            {quote.quote}
          </blockquote>
        ))}
    </div>
  );
}
