import type { ComponentChildren } from "preact";
import { dateTime, list, nameOf, number, useTexts } from "../i18n";
import type { Decision } from "../types";
import { Badge, Facts, When, type Tone } from "../ui";
import { iso, word } from "./words";

// One decision, as it stands: in a case, in a conflict, on its own page.
const tones: Record<Decision["state"], Tone> = {
  pending: "note",
  waiting_second: "warn",
  standing: "good",
  undone: "plain",
  refused: "plain",
  reversed: "bad",
  expired: "plain",
};

export function StateBadge({ state }: { state: Decision["state"] }) {
  const t = useTexts().desk;
  return <Badge tone={tones[state] ?? "plain"}>{word(t.decisionStates, state)}</Badge>;
}

const lower = (text: string): string => text.charAt(0).toLocaleLowerCase() + text.slice(1);

export function useActionWords(): (of: Pick<Decision, "actions">) => string {
  const t = useTexts().desk;
  // Each begins with a capital where it stands alone.
  return of =>
    of.actions.length
      ? list(of.actions.map((action, at) => (at ? lower(word(t.actions, action)) : word(t.actions, action))))
      : t.actions.none;
}

export function Actor({ by, mine }: { by: string | null; mine: boolean }) {
  const t = useTexts().desk;
  return mine ? <>{t.aliasYou}</> : <bdi class="mono">{by ?? "–"}</bdi>;
}

export function DecisionCard({
  of,
  full,
  children,
}: {
  of: Decision;
  full?: boolean;
  children?: ComponentChildren;
}) {
  const t = useTexts().desk;
  const words = useActionWords();
  const rows: [ComponentChildren, ComponentChildren][] = [
    [t.decisions.made, <When ms={of.made_ms} />],
    [t.decisions.by, of.automated ? t.decisions.automated : <Actor by={of.by} mine={of.mine} />],
    [
      t.decisions.ground,
      <>
        {t.bases[of.ground.basis]}
        {of.ground.article && (
          <>
            {" · "}
            <bdi>{of.ground.article}</bdi>
          </>
        )}
      </>,
    ],
  ];
  if (of.ground.text) rows.push([t.decide.text, <span dir="auto">{of.ground.text}</span>]);
  if (of.second?.needed) {
    const who = of.second.by ? iso(of.second.by) : "";
    const said =
      of.second.agreed === null || !who
        ? t.decisions.secondWaiting
        : of.second.agreed
          ? t.decisions.secondAgreed(who)
          : t.decisions.secondRefused(who);
    const why = of.second.text;
    rows.push([
      t.decisions.second,
      why ? (
        <>
          {said}: <span dir="auto">{why}</span>
        </>
      ) : (
        said
      ),
    ]);
  }
  const territory = of.territory ?? [];
  if (full || territory.length) {
    const places = territory.map(code => nameOf("region", code));
    rows.push([t.decisions.territory, places.length ? list(places) : t.case.everywhere]);
  }
  if (full || of.until_ms)
    rows.push([t.decisions.until, of.until_ms ? <When ms={of.until_ms} /> : t.decisions.noEnd]);
  if (full && of.appeal_until_ms) rows.push([t.decisions.appealUntil, <When ms={of.appeal_until_ms} />]);
  if (of.withheld) {
    rows.push([
      t.decide.withhold,
      <>
        {t.decisions.withheld(dateTime(of.withheld.until_ms))}{" "}
        {t.decisions.withheldBy(iso(of.withheld.authority), iso(of.withheld.ground))}
        {of.withheld.extended && " " + t.decisions.withheldOnce}
      </>,
    ]);
  }
  if (of.entry_opinion === "confirm") rows.push([t.decide.opinion, t.decisions.opinionConfirm]);
  if (of.entry_opinion === "dispute") rows.push([t.decide.opinion, t.decisions.opinionDispute]);
  return (
    <article class="decision-card">
      <div class="row">
        <a href={`/decisions/${of.id}`}>
          <strong>{words(of)}</strong>
        </a>
        <StateBadge state={of.state} />
        <span class="muted">{t.queue.uploadCount(of.upload_count)}</span>
        {of.cluster && <span class="muted">{t.case.group(number(of.cluster))}</span>}
      </div>
      <Facts rows={rows} />
      {children}
    </article>
  );
}
