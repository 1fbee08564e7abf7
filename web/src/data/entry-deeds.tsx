import { useState } from "preact/hooks";
import { patch, post, useAction } from "../api";
import { CLASSES } from "../desk/lists";
import { number, useTexts } from "../i18n";
import { useMay } from "../may";
import {
  Button,
  Confirm,
  ErrorNote,
  FormDialog,
  Menu,
  type MenuItem,
  SelectField,
  TextArea,
  TextField,
  toast,
} from "../ui";
import type { Entry } from "./types";
import { readLabels } from "./words";

// What people do to an entry. Each answer is the entry as it stands then.
type Deed = "change" | "mute" | "expire" | "withdraw" | "erase";
interface Props {
  of: Entry;
  onDone: (entry: Entry) => void;
  onClose: () => void;
}
const path = (of: Entry): string => "/v1/entries/" + of.entry;

export function EntryDeeds({
  of,
  onDone,
  reload,
}: {
  of: Entry;
  onDone: (entry: Entry) => void;
  reload: () => void;
}) {
  const t = useTexts().data.one;
  const may = useMay();
  const [open, setOpen] = useState<Deed | null>(null);
  const close = () => setOpen(null);
  const done = (entry: Entry) => {
    onDone(entry);
    close();
  };
  const inForce = of.state === "in_force";
  const unmute = useAction(async () => {
    onDone(await post<Entry>(path(of) + "/mute", { muted: false }));
    toast(t.unmuted);
  });
  const items: MenuItem[] = [];
  const offer = (on: boolean, text: string, deed: Deed, danger = false) =>
    on && items.push({ text, danger, run: () => setOpen(deed) });
  offer(of.own && inForce && may("entry.change"), t.change, "change");
  offer(inForce && !of.muted_until && may("entry.mute"), t.mute, "mute");
  offer(of.own && inForce && may("entry.change"), t.expire, "expire");
  offer(of.own && (inForce || of.state === "expired") && may("entry.withdraw"), t.withdraw, "withdraw", true);
  offer(of.own && of.state !== "erased" && may("entry.erase"), t.erase, "erase", true);
  const props = { of, onDone: done, onClose: close };
  return (
    <>
      {inForce && of.muted_until && may("entry.mute") && (
        <Button onClick={unmute.run} busy={unmute.busy}>
          {t.unmute}
        </Button>
      )}
      {items.length > 0 && <Menu label={t.end} text={t.end} icon="down" items={items} />}
      {open === "change" && <Change {...props} />}
      {open === "mute" && <Mute {...props} />}
      {open === "expire" && <Expire {...props} />}
      {open === "withdraw" && <Withdraw {...props} />}
      {open === "erase" && (
        <Erase
          of={of}
          onDone={() => {
            close();
            reload();
          }}
          onClose={close}
        />
      )}
    </>
  );
}

function Change({ of, onDone, onClose }: Props) {
  const texts = useTexts();
  const t = texts.data;
  const lines = Object.entries(of.labels).map(([key, value]) => `${key}=${value}`);
  const [content_class, setClass] = useState(of.class);
  const [ground, setGround] = useState(of.ground ?? "");
  const [expires, setExpires] = useState("");
  const [text, setText] = useState(lines.join("\n"));
  const { labels, wrong } = readLabels(text);
  const sending = useAction(async () => {
    const change = {
      ...(content_class !== of.class ? { class: content_class } : {}),
      ...(ground.trim() !== (of.ground ?? "") ? { ground: ground.trim() } : {}),
      ...(expires ? { expires } : {}),
      ...(text !== lines.join("\n") ? { labels } : {}),
    };
    if (!wrong) onDone(Object.keys(change).length ? await patch<Entry>(path(of), change) : of);
    toast(t.one.changed);
  });
  return (
    <FormDialog
      title={t.one.change}
      action={texts.shell.save}
      of={sending}
      incomplete={!!wrong}
      onClose={onClose}
    >
      <SelectField
        label={t.class}
        value={content_class}
        onValue={setClass}
        options={CLASSES.map(value => ({ value, text: texts.desk.classes[value] }))}
      />
      <TextField
        label={t.ground}
        hint={t.add.groundHint}
        value={ground}
        onValue={setGround}
        maxLength={96}
        dir="auto"
        optional
      />
      <TextField
        label={t.one.changeExpires}
        hint={t.one.changeExpiresHint}
        type="date"
        max={of.expires?.slice(0, 10)}
        value={expires}
        onValue={setExpires}
        optional
      />
      <TextArea
        label={t.labels}
        hint={t.add.labelsHint}
        rows={3}
        value={text}
        onValue={setText}
        error={wrong && t.add.badLabel(wrong)}
      />
    </FormDialog>
  );
}

function Mute({ of, onDone, onClose }: Props) {
  const t = useTexts().data.one;
  const [days, setDays] = useState("7");
  const { run, busy, error } = useAction(async () => {
    onDone(await post<Entry>(path(of) + "/mute", { until: days + "d" }));
    toast(t.muteDone);
  });
  return (
    <Confirm title={t.muteTitle(number(of.entry))} action={t.mute} busy={busy} onYes={run} onClose={onClose}>
      <ErrorNote error={error} />
      <p>{t.muteText}</p>
      <SelectField
        label={t.muteFor}
        value={days}
        onValue={setDays}
        options={[1, 7, 30, 90, 365].map(n => ({ value: String(n), text: t.muteDays(n) }))}
      />
    </Confirm>
  );
}

function Expire({ of, onDone, onClose }: Props) {
  const t = useTexts().data.one;
  const { run, busy, error } = useAction(async () => {
    onDone(await post<Entry>(path(of) + "/expire"));
    toast(t.expireDone);
  });
  return (
    <Confirm
      title={t.expireTitle(number(of.entry))}
      action={t.expire}
      danger
      busy={busy}
      onYes={run}
      onClose={onClose}
    >
      <ErrorNote error={error} />
      <p>{t.expireText}</p>
    </Confirm>
  );
}

const REASONS = ["error", "duplicate", "appeal", "dispute", "court", "expired", "other"] as const;
type Reason = (typeof REASONS)[number];

function useReason(): [{ reason: Reason; note?: string }, preact.JSX.Element] {
  const t = useTexts().data.one;
  const [reason, setReason] = useState<Reason>("error");
  const [note, setNote] = useState("");
  const fields = (
    <>
      <SelectField
        label={t.reason}
        value={reason}
        onValue={value => setReason(value as Reason)}
        options={REASONS.map(value => ({ value, text: t.reasons[value] }))}
      />
      <TextArea
        label={t.note}
        hint={t.noteHint}
        rows={2}
        maxLength={500}
        value={note}
        onValue={setNote}
        optional
      />
    </>
  );
  return [{ reason, ...(note.trim() ? { note: note.trim() } : {}) }, fields];
}

function Withdraw({ of, onDone, onClose }: Props) {
  const t = useTexts().data.one;
  const [body, fields] = useReason();
  const { run, busy, error } = useAction(async () => {
    onDone(await post<Entry>(path(of) + "/withdraw", body));
    toast(t.withdrawDone);
  });
  return (
    <Confirm
      title={t.withdrawTitle(number(of.entry))}
      action={t.withdraw}
      danger
      busy={busy}
      onYes={run}
      onClose={onClose}
    >
      <ErrorNote error={error} />
      <p>{t.withdrawText}</p>
      {fields}
    </Confirm>
  );
}

function Erase({ of, onDone, onClose }: { of: Entry; onDone: () => void; onClose: () => void }) {
  const t = useTexts().data.one;
  const [body, fields] = useReason();
  const [typed, setTyped] = useState("");
  const sure = typed.trim() === String(of.entry);
  const { run, busy, error } = useAction(async () => {
    if (!sure) return;
    const { erased } = await post<{ erased: number }>(path(of) + "/erase", body);
    toast(t.eraseDone(erased));
    onDone();
  });
  return (
    <Confirm
      title={t.eraseTitle(number(of.entry))}
      action={t.erase}
      danger
      busy={busy || !sure}
      onYes={run}
      onClose={onClose}
    >
      <ErrorNote error={error} />
      <p>{t.eraseText}</p>
      {fields}
      <TextField
        label={t.eraseType(String(of.entry))}
        value={typed}
        onValue={setTyped}
        dir="ltr"
        inputMode="numeric"
        autoComplete="off"
      />
    </Confirm>
  );
}
