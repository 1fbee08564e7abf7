import { useEffect, useState } from "preact/hooks";
import { put, useAction, useLoad } from "../api";
import { bytes, number, span, useTexts, type Texts } from "../i18n";
import { useMay } from "../may";
import { useUnsaved } from "../router";
import type { DeskSetting, Settings } from "../types";
import { Button, CheckField, Confirm, ErrorNote, Facts, Form, Load, Page, TextField, toast } from "../ui";

export default function SettingsPage() {
  const t = useTexts().shell;
  const settings = useLoad<Settings>("/v1/settings");
  return (
    <Page title={t.pages.settings} right="status.read">
      <Load of={settings} lines={10}>
        {data => (
          <>
            {data.desk && <Desk settings={data.desk} onChanged={settings.reload} />}
            <Basis basis={data.private_basis} onChanged={settings.reload} />
            <Node settings={data} />
          </>
        )}
      </Load>
    </Page>
  );
}

function Desk({ settings, onChanged }: { settings: DeskSetting[]; onChanged: () => void }) {
  const t = useTexts().shell.settings;
  return (
    <section class="card stack">
      <h2>{t.desk}</h2>
      <p class="muted">{t.deskText}</p>
      <div class="settings">
        {settings.map(setting => (
          <Setting key={setting.name} of={setting} onChanged={onChanged} />
        ))}
      </div>
    </section>
  );
}

// Names and help in this language; what a newer node has besides is told in its own words.
function wordsOf(t: Texts["shell"]["settings"], setting: DeskSetting) {
  const name = (t.names as Record<string, string>)[setting.name] ?? setting.name;
  const help = (t.help as Record<string, string>)[setting.name] ?? setting.help;
  const unit = (t.units as Record<string, (n: number) => string>)[setting.unit] ?? ((n: number) => number(n));
  return { name, help, unit };
}

function Setting({ of, onChanged }: { of: DeskSetting; onChanged: () => void }) {
  const t = useTexts().shell;
  const mayChange = useMay()("setting.change");
  const { name, help, unit } = wordsOf(t.settings, of);
  const [text, setText] = useState(String(of.value));
  useEffect(() => setText(String(of.value)), [of.value]);
  const value = Number(text);
  const good = text.trim() !== "" && Number.isInteger(value) && value >= of.min && value <= of.max;
  const changed = text !== String(of.value);
  useUnsaved(changed, t.leave);
  const { run, busy, error } = useAction(async (next: number) => {
    await put("/v1/settings/desk/" + of.name, { value: next });
    toast(t.saved);
    onChanged();
  });
  if (of.unit === "bool") {
    return (
      <div class="setting">
        <ErrorNote error={error} />
        <CheckField
          label={name}
          hint={help}
          checked={of.value !== 0}
          disabled={!mayChange}
          onValue={on => run(on ? 1 : 0)}
        />
      </div>
    );
  }
  const hint = (
    <>
      {help} {t.settings.bounds(number(of.min), unit(of.max), unit(of.default))}
    </>
  );
  return (
    <Form
      class="setting"
      onSend={() => {
        if (good) run(value);
      }}
    >
      <TextField
        label={name}
        hint={hint}
        error={good ? null : t.settings.outside(number(of.min), number(of.max))}
        type="number"
        min={of.min}
        max={of.max}
        step={1}
        value={text}
        onValue={setText}
        readOnly={!mayChange}
        dir="ltr"
      />
      {/* Its number stands in the field. */}
      <span class="setting-now">{good && unit(value).replace(number(value), "").trim()}</span>
      {changed && (
        <Button type="submit" kind="primary" busy={busy} aria-disabled={!good}>
          {t.save}
        </Button>
      )}
      {!changed && mayChange && of.value !== of.default && (
        <Button
          kind="quiet"
          icon="undo"
          busy={busy}
          onClick={() => run(of.default)}
          label={`${t.settings.standard}: ${name}`}
        >
          {t.settings.standard}
        </Button>
      )}
      <ErrorNote error={error} />
    </Form>
  );
}

function Basis({ basis, onChanged }: { basis: string | null; onChanged: () => void }) {
  const t = useTexts().shell;
  const mayChange = useMay()("setting.change");
  const [text, setText] = useState(basis ?? "");
  const [asking, setAsking] = useState(false);
  const changed = text.trim() !== (basis ?? "");
  useUnsaved(changed, t.leave);
  const { run, busy, error } = useAction(async (next: string) => {
    await put("/v1/settings/private_basis", { basis: next });
    setText(next);
    setAsking(false);
    toast(t.saved);
    onChanged();
  });
  return (
    <section class="card stack">
      <h2>{t.settings.basis}</h2>
      <p class="muted">{t.settings.basisText}</p>
      <ErrorNote error={error} />
      {!mayChange && <p dir="auto">{basis ?? t.settings.basisNone}</p>}
      {mayChange && (
        <Form onSend={() => run(text.trim())}>
          <TextField
            label={t.settings.basisLabel}
            hint={basis ? undefined : t.settings.basisNone}
            value={text}
            onValue={setText}
            maxLength={1000}
            dir="auto"
            required
          />
          <div class="row">
            <Button type="submit" busy={busy} aria-disabled={!changed || !text.trim()}>
              {t.settings.record}
            </Button>
            {basis && (
              <Button kind="quiet" onClick={() => setAsking(true)}>
                {t.settings.takeBack}
              </Button>
            )}
          </div>
        </Form>
      )}
      {asking && (
        <Confirm
          title={t.settings.basis}
          action={t.settings.takeBack}
          danger
          busy={busy}
          onYes={() => run("")}
          onClose={() => setAsking(false)}
        >
          <p>{t.settings.basisNone}</p>
        </Confirm>
      )}
    </section>
  );
}

function Node({ settings }: { settings: Settings }) {
  const t = useTexts().shell.settings;
  const onOff = (on: boolean) => (on ? t.on : t.off);
  return (
    <section class="card stack">
      <h2>{t.node}</h2>
      <p class="muted">{t.nodeText}</p>
      <Facts
        rows={[
          [t.facts.open, onOff(settings.open)],
          [t.facts.fetch, onOff(settings.fetch)],
          [t.facts.lookback, onOff(settings.lookback)],
          [t.facts.check_budget_ms, span(settings.check_budget_ms / 1000)],
          [t.facts.file_max, bytes(settings.file_max)],
          [t.facts.batch_max, number(settings.batch_max)],
          [t.facts.rate_per_s, settings.rate_per_s ? number(settings.rate_per_s) : t.unlimited],
          ...(settings.leader
            ? [[t.facts.leader, <bdi class="mono">{settings.leader}</bdi>] as [string, preact.JSX.Element]]
            : []),
        ]}
      />
    </section>
  );
}
