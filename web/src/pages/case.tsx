import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, post, useAction, useLoad, withQuery } from "../api";
import { useCell } from "../cell";
import { AppealForm, AppealText } from "../desk/appeal-form";
import { PriorityMark } from "../desk/case-list";
import { takeNext } from "../desk/case-actions";
import { EntryFacts, Groups, KnownCopy, LeaseNote, Notes, Second, Why } from "../desk/case-parts";
import { ConflictNote, DecideForm, type Conflict } from "../desk/decide-form";
import { DecisionCard } from "../desk/decision-card";
import { EscalateDialog, EscalationCard } from "../desk/escalation";
import { BlurControl, COVERED, Evidence, type Source, type View } from "../desk/evidence";
import { Exposure } from "../desk/exposure";
import { useSpace } from "../desk/hold";
import { Section } from "../desk/section";
import { undone } from "../desk/undo";
import { Reports, Uploads, useUploads } from "../desk/uploads";
import { word } from "../desk/words";
import { casePath } from "../first";
import { about, nameOf, number, useTexts } from "../i18n";
import { useLater } from "../in-view";
import { useMay } from "../may";
import { useRoute } from "../router";
import type { CaseFull, Cluster, Decision, Preview, Upload } from "../types";
import { Ago, Badge, Button, Empty, LinkButton, Load, Note, Page, useKeys } from "../ui";
import "../styles/desk.css";

// One case: what is asked, what it is compared with, and what is decided of it.
export default function CasePage() {
  const t = useTexts().desk.case;
  const id = useRoute().params["case"] ?? "";
  const of = useLoad<CaseFull>(casePath(id));
  const back = useCell(undone);
  useEffect(() => {
    if (back && of.data?.decisions.some(one => one.id === back.decision)) of.reload();
  }, [back]);
  if (of.error?.status === 404) {
    return (
      <Page title={t.title(id)} right="case.read">
        <Empty title={t.gone}>
          <LinkButton href="/queue">{t.back}</LinkButton>
        </Empty>
      </Page>
    );
  }
  const here = of.data && String(of.data.id) === id ? of.data : null;
  if (here) return <Whole key={id} of={here} set={of.set} reload={of.reload} />;
  return (
    <Page title={t.title(id)} right="case.read">
      <Load of={{ ...of, data: null }} lines={10}>
        {() => null}
      </Load>
    </Page>
  );
}

// What this person is asked about: the group of a decision that waits for a second word, else one with something open.
function firstOpen(of: CaseFull): Cluster | null {
  const waits = of.decisions.find(one => one.state === "waiting_second" && !one.mine)?.cluster;
  return (
    of.clusters.find(one => one.id === waits) ??
    of.clusters.find(one => one.open_count > 0) ??
    of.clusters[0] ??
    null
  );
}

function Whole({ of, set, reload }: { of: CaseFull; set: (of: CaseFull) => void; reload: () => void }) {
  const texts = useTexts();
  const t = texts.desk.case;
  const may = useMay();
  const [groupId, showGroup] = useState(firstOpen(of)?.id ?? 0);
  const cluster = of.clusters.find(one => one.id === groupId) ?? firstOpen(of);
  const { items, pages } = useUploads(of, cluster);
  const [uploadId, setUpload] = useState<Upload["id"] | null>(null);
  const upload = items.find(one => one.id === uploadId) ?? items[0] ?? null;
  const [chosen, setChosen] = useState<Upload["id"][]>([]);
  // What was chosen is of the group that was shown: no decision crosses groups.
  const setGroup = (group: number) => {
    if (group !== groupId) setChosen([]);
    showGroup(group);
  };
  const later = useLater();
  const [looked, setLooked] = useState(false);
  const [asked, setAsked] = useState(false); // to look at a copy that is known
  const [escalating, setEscalating] = useState(false);
  const [done, setDone] = useState<Decision | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const form = useRef<{ submit(): void; focus(): void } | null>(null);
  const next = useAction(async () => setNoneLeft(!(await takeNext({ after: of.id }))));
  const more = useAction(async () => {
    const path = withQuery(`/v1/cases/${of.id}/clusters`, { cursor: of.clusters_cursor });
    const page = await get<{ clusters: Cluster[]; cursor: string | null }>(path);
    set({ ...of, clusters: [...of.clusters, ...page.clusters], clusters_cursor: page.cursor });
  });
  const [noneLeft, setNoneLeft] = useState(false);

  const known = !!cluster?.known && cluster.open_count > 0 && !asked && of.can.decide;
  const finish = (decision: Decision, wantsNext: boolean) => {
    setChosen([]);
    setConflict(null);
    setDone(decision);
    const other = of.clusters.find(one => one.id !== decision.cluster && one.open_count > 0);
    if (other && !chosen.length) setGroup(other.id);
    else if (wantsNext && !chosen.length) return next.run();
    reload();
  };
  const walk = (step: number) => {
    const at = items.findIndex(one => one.id === upload?.id);
    const to = items[at + step];
    if (to) setUpload(to.id);
    else if (step > 0 && pages.more) pages.more();
  };
  const walkGroups = (step: number) => {
    const at = of.clusters.findIndex(one => one.id === cluster?.id);
    const to = of.clusters[at + step];
    if (to) setGroup(to.id);
  };
  useKeys(
    [
      { key: "j", text: texts.desk.keys.nextUpload, run: () => walk(1) },
      { key: "k", text: texts.desk.keys.previousUpload, run: () => walk(-1) },
      { key: "]", text: texts.desk.keys.nextGroup, run: () => walkGroups(1) },
      { key: "[", text: texts.desk.keys.previousGroup, run: () => walkGroups(-1) },
      { key: "e", text: texts.desk.keys.escalate, run: () => may("escalate") && setEscalating(true) },
      { key: "x", text: t.nextCase, run: () => may("case.work") && next.run() },
    ],
    texts.desk.keys.group.case,
  );
  const waiting = of.decisions.filter(one => one.state === "waiting_second");
  const answered = of.kind === "appeal";
  const deciding = !answered && !!cluster?.open_count && of.state === "open" && may("decide");
  const actions = (
    <>
      {may("escalate") && (
        <Button icon="warn" onClick={() => setEscalating(true)}>
          {t.escalate}
        </Button>
      )}
      {may("case.work") && (
        <Button icon="next" busy={next.busy} onClick={() => next.run()}>
          {t.nextCase}
        </Button>
      )}
    </>
  );
  return (
    <Page title={t.title(String(of.id))} right="case.read" actions={actions}>
      <Head of={of} />
      <LeaseNote of={of} set={lease => set({ ...of, lease })} />
      {noneLeft && <Note>{texts.desk.queue.noneNext}</Note>}
      {of.state === "closed" && (
        <Note>{t.closed(word(t.closedWhy, of.closed_why) || t.closedWhy.other)}</Note>
      )}
      <div class="case-grid">
        <div class="case-main">
          {known && cluster && (
            <KnownCopy
              key={cluster.id}
              of={of}
              cluster={cluster}
              onDone={finish}
              look={() => setAsked(true)}
            />
          )}
          <AppealText of={of} />
          <Compare
            of={of}
            cluster={cluster}
            upload={upload}
            early={!known}
            onLook={() => setLooked(true)}
            onEntrySeen={reload}
          />
          {of.clusters.length > 1 && cluster && (
            <Section title={t.groups} count={of.cluster_count}>
              <p class="muted small">{t.groupsHelp}</p>
              <Groups clusters={of.clusters} current={cluster.id} choose={setGroup} />
              {of.clusters_cursor && (
                <Button busy={more.busy} onClick={() => more.run()}>
                  {t.groupsMore}
                </Button>
              )}
            </Section>
          )}
        </div>
        <div class="case-side">
          {waiting.map(decision => (
            <Second key={decision.id} decision={decision} done={reload} />
          ))}
          {answered && <AppealForm of={of} onDone={reload} />}
          {conflict && <ConflictNote of={conflict} />}
          {done && <Done key={done.id} looked={looked} next={() => next.run()} busy={next.busy} />}
          {deciding && cluster && (
            <Section title={texts.desk.decide.title}>
              <DecideForm
                of={of}
                cluster={cluster}
                chosen={chosen}
                looked={looked}
                onDone={finish}
                onConflict={found => {
                  if (found.decision) setConflict(found);
                  reload();
                }}
                formRef={form}
              />
            </Section>
          )}
        </div>
        <div class="case-rest">
          {cluster && cluster.upload_count > 1 && (
            <Section title={t.uploads(number(cluster.id))} count={cluster.upload_count}>
              <Uploads
                cluster={cluster}
                items={items}
                pages={pages}
                shown={upload?.id ?? null}
                show={setUpload}
                canChoose={deciding}
                chosen={chosen}
                choose={setChosen}
              />
            </Section>
          )}
          <Notes of={of} added={note => set({ ...of, notes: [...of.notes, note] })} />
          {of.escalations.length > 0 && (
            <Section title={t.escalations} count={of.escalations.length}>
              {of.escalations.map(one => (
                <EscalationCard key={one.id} of={one} onDone={reload} />
              ))}
            </Section>
          )}
          {of.decisions.length > waiting.length && (
            <Section title={t.decisions} count={of.decisions.length}>
              {of.decisions
                .filter(one => !waiting.includes(one))
                .map(one => (
                  <DecisionCard key={one.id} of={one} />
                ))}
            </Section>
          )}
          {later && (
            <Section title={t.entry}>
              {of.entry_info ? <EntryFacts of={of.entry_info} /> : <p class="muted">{t.entryNone}</p>}
            </Section>
          )}
        </div>
      </div>
      {escalating && <EscalateDialog of={of.id} onClose={() => setEscalating(false)} onDone={reload} />}
    </Page>
  );
}

function Head({ of }: { of: CaseFull }) {
  const texts = useTexts();
  const t = texts.desk;
  return (
    <div class="case-head row">
      <PriorityMark of={of} />
      <Badge>{t.kinds[of.kind]}</Badge>
      <Badge>{word(t.classes, of.content_class ?? "unclassified")}</Badge>
      {of.state !== "open" && <Badge tone="note">{t.states[of.state]}</Badge>}
      {of.known_copy && <Badge tone="good">{t.queue.knownCopy}</Badge>}
      {of.second_needed && <Badge tone="note">{t.queue.secondNeeded}</Badge>}
      {of.report_count > 0 && <Badge>{t.queue.reportCount(of.report_count)}</Badge>}
      <span class="muted">
        {t.queue.uploadCount(of.upload_count)}
        {of.reach !== null && " · " + t.queue.reach + " " + about(of.reach)}
        {" · "}
        <Ago ms={of.opened_ms} />
      </span>
      <p class="muted small whole-line">{t.kindHelp[of.kind]}</p>
    </div>
  );
}

// The decision is made. After a look at pictures nothing comes by itself.
function Done({ looked, next, busy }: { looked: boolean; next: () => void; busy: boolean }) {
  const t = useTexts().desk.case;
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => ref.current?.querySelector("button")?.focus(), []);
  return (
    <div ref={ref}>
      <Note tone="good">
        <p role="status">{t.decidedDone}</p>
        {looked && <p>{t.nextWaits}</p>}
        <Button kind="primary" icon="next" busy={busy} onClick={next}>
          {t.nextCase}
        </Button>
      </Note>
    </div>
  );
}

const keptOf = (previews: Preview[], of: CaseFull): Source[] =>
  previews.map(one => ({
    address: `/v1/previews/${encodeURIComponent(one.id)}?case=${of.id}`,
    kept: one.kind,
  }));

// The upload and the entry, side by side. Both are covered; Space uncovers both for as long as it is held.
function Compare({
  of,
  cluster,
  upload,
  early,
  onLook,
  onEntrySeen,
}: {
  of: CaseFull;
  cluster: Cluster | null;
  upload: Upload | null;
  early: boolean;
  onLook: () => void;
  onEntrySeen: () => void;
}) {
  const texts = useTexts();
  const t = texts.desk.case;
  const may = useMay();
  const [held, setHeld] = useState(false);
  const [view, setView] = useState<View>(COVERED);
  const [entryView, setEntryView] = useState<View>(COVERED);
  const exposure = useMemo(() => new Exposure(of.id, (path, body) => post(path, body)), [of.id]);
  useSpace(setHeld);
  const cover = () => {
    setView(COVERED);
    setEntryView(COVERED);
  };
  useEffect(cover, [of.id, upload?.id]);
  useEffect(() => {
    const hidden = () => document.hidden && cover();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      exposure.end();
    };
  }, [exposure]);
  const keys = texts.desk.keys;
  useKeys(
    [
      { key: " ", text: keys.hold, run: null },
      { key: "b", text: keys.sharp, run: () => setView({ ...view, sharp: !view.sharp }) },
      { key: "y", text: keys.entry, run: () => setEntryView({ ...entryView, sharp: !entryView.sharp }) },
      { key: "c", text: keys.colour, run: () => setView({ ...view, colour: !view.colour }) },
      { key: "m", text: keys.motion, run: () => setView({ ...view, motion: !view.motion }) },
      { key: "Escape", text: keys.coverAll, run: cover },
    ],
    keys.group.evidence,
  );
  const sources: Source[] = upload
    ? [
        ...(upload.evidence_url ? [{ address: upload.evidence_url, kept: null }] : []),
        ...keptOf(upload.previews ?? [], of),
      ]
    : [];
  const copies = keptOf(of.copy.previews, of);
  const caption = upload?.caption ?? cluster?.caption;
  const secret = !may("preview.read");
  const seen = useRef(false);
  return (
    <Section title={t.compare} actions={!secret && <BlurControl />}>
      <div class="pair">
        <div>
          <Evidence
            id={`upload ${upload?.id ?? ""}`}
            name={t.upload}
            sources={secret ? [] : sources}
            early={early}
            held={held}
            view={view}
            onView={setView}
            onOpen={onLook}
            places={upload?.places ?? []}
            orientation={upload?.orientation ?? null}
            exposure={exposure}
          >
            {secret ? <p>{texts.desk.evidence.tooSecret}</p> : undefined}
          </Evidence>
          {upload && (
            <dl class="beside">
              <div>
                <dt>{t.caption}</dt>
                <dd dir="auto">{caption || <span class="muted">{t.noCaption}</span>}</dd>
              </div>
              <div>
                <dt>{t.uploadId}</dt>
                <dd>
                  <bdi class="mono">{upload.content_id}</bdi>
                </dd>
              </div>
              {upload.uploader_ref && (
                <div>
                  <dt>{t.uploader}</dt>
                  <dd>
                    <bdi class="mono">{upload.uploader_ref}</bdi>
                  </dd>
                </div>
              )}
              <div>
                <dt>{t.surface}</dt>
                <dd>
                  {word(texts.desk.surfaces, upload.surface)}
                  {upload.language && " · " + nameOf("language", upload.language)}
                  {" · "}
                  <Ago ms={upload.time_ms} />
                </dd>
              </div>
            </dl>
          )}
          {upload && <Reports of={upload} />}
        </div>
        <div>
          <Evidence
            id="entry"
            name={t.entry}
            sources={secret ? [] : copies}
            early={false}
            held={held}
            view={entryView}
            onView={setEntryView}
            onOpen={() => {
              onLook();
              if (!seen.current && !of.can.confirm) onEntrySeen();
              seen.current = true;
            }}
            places={[]}
            orientation={null}
            exposure={exposure}
          >
            <p>
              {!of.entry ? t.entryNone : of.copy.kept && secret ? texts.desk.evidence.tooSecret : t.noCopy}
            </p>
          </Evidence>
          <Why of={of} upload={upload} />
        </div>
      </div>
    </Section>
  );
}
