import { useEffect, useMemo, useState } from "preact/hooks";
import { post, request, useAction, useLoad } from "../api";
import { Section } from "../desk/section";
import { COVERED, Evidence, type View } from "../desk/evidence";
import { Exposure } from "../desk/exposure";
import { useTexts } from "../i18n";
import { useMay } from "../may";
import { ErrorNote, Field, Load, toast } from "../ui";
import { FileInput } from "./file";
import type { Entry, EntryCopy as Copy } from "./types";

// The copy of an entry that the vault keeps: covered until somebody wants to see it, and each look is recorded.
export function EntryCopy({ of }: { of: Entry }) {
  const t = useTexts().data.one;
  const may = useMay();
  const copy = useLoad<Copy>(may("preview.read") ? `/v1/entries/${of.entry}/copy` : null);
  if (!may("preview.read") || of.state === "erased") return null;
  return (
    <Section title={t.copy}>
      <Load of={copy} lines={2}>
        {data => (
          <>
            {data.kept ? (
              <Covered of={of} copy={data} />
            ) : (
              <p class="muted">{data.vault ? t.copyNone : t.copyOff}</p>
            )}
            {data.vault && of.state === "in_force" && <Keep of={of} onKept={copy.reload} />}
          </>
        )}
      </Load>
    </Section>
  );
}

function Covered({ of, copy }: { of: Entry; copy: Copy }) {
  const t = useTexts().data.one;
  const [view, setView] = useState<View>(COVERED);
  const path = `/v1/entries/${of.entry}/exposure`;
  const exposure = useMemo(() => new Exposure(of.entry, (_, body) => post(path, body)), [of.entry]);
  useEffect(() => {
    const hidden = () => document.hidden && setView(COVERED);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      exposure.end();
    };
  }, [exposure]);
  return (
    <>
      <p class="muted">{t.copyWait}</p>
      <Evidence
        id={"copy" + of.entry}
        name={t.copy}
        sources={copy.previews.map(one => ({
          address: `/v1/previews/${one.id}?entry=${of.entry}`,
          kept: one.kind,
        }))}
        early={false}
        held={false}
        view={view}
        onView={setView}
        places={[]}
        orientation={null}
        exposure={exposure}
      />
    </>
  );
}

function Keep({ of, onKept }: { of: Entry; onKept: () => void }) {
  const t = useTexts().data.one;
  const may = useMay();
  const { run, busy, error } = useAction(async (file: File) => {
    const bytes = new Blob([file], { type: "application/octet-stream" });
    await request("PUT", `/v1/entries/${of.entry}/copy`, undefined, { file: bytes });
    toast(t.copyKept);
    onKept();
  });
  if (!may("opinion.give")) return null;
  return (
    <>
      <ErrorNote error={error} />
      <Field label={t.copyKeep} hint={t.copyHint}>
        {wired => (
          <FileInput
            wired={wired}
            accept="image/*"
            disabled={busy}
            onFiles={([file]) => {
              if (file) run(file);
            }}
          />
        )}
      </Field>
    </>
  );
}
