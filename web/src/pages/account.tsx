import { useRef, useState } from "preact/hooks";
import { patch, refreshSession, session, useAction, useLoad } from "../api";
import { useCell } from "../cell";
import { isLanguage, languages, setLanguage, span, useLanguage, useTexts } from "../i18n";
import type { Exposure, Me } from "../types";
import {
  Button,
  CheckField,
  ErrorNote,
  Form,
  Load,
  Page,
  SelectField,
  setSingleKeys,
  singleKeys,
  toast,
} from "../ui";
import { NewPassphrase, PassphraseField, passphraseGood } from "./account/fields";

export default function Account() {
  const t = useTexts().shell;
  const now = useCell(session);
  const me = useLoad<Me>(now?.user ? "/v1/me" : null);
  return (
    <Page title={t.pages.account} narrow>
      <p class="muted">{now?.user ? t.account.lead : t.account.openText}</p>
      <Choices />
      {now?.user && (
        <Load of={me}>
          {data => (
            <>
              <Declined me={data} />
              <Seen exposure={data.exposure} />
              <ChangePassphrase name={data.name} />
            </>
          )}
        </Load>
      )}
    </Page>
  );
}

function Choices() {
  const t = useTexts().shell;
  const now = useCell(session);
  const language = useLanguage();
  const keys = useCell(singleKeys);
  const { run, error } = useAction(async (next: string) => {
    if (!isLanguage(next)) return;
    await setLanguage(next);
    if (now?.user) await patch("/v1/me", { language: next });
  });
  const options = Object.entries(languages).map(([value, text]) => ({ value, text }));
  return (
    <section class="card stack">
      <ErrorNote error={error} />
      <SelectField
        label={t.account.language}
        hint={now?.user ? t.account.languageHint : undefined}
        value={language}
        onValue={run}
        options={options}
      />
      <CheckField label={t.account.keys} hint={t.account.keysHint} checked={keys} onValue={setSingleKeys} />
    </section>
  );
}

function Declined({ me }: { me: Me }) {
  const { shell: t, desk } = useTexts();
  const saved = useRef(me.declined);
  const wanted = useRef(me.declined);
  const [declined, show] = useState(me.declined);
  const choose = (next: string[]) => show((wanted.current = next));
  // What is chosen while an earlier choice is being saved is saved after it: no click is lost, and the last one counts.
  const { run, error } = useAction(async () => {
    while (saved.current !== wanted.current) {
      const next = wanted.current;
      await patch("/v1/me", { declined: next }).catch((cause: unknown) => {
        choose(saved.current);
        throw cause;
      });
      saved.current = next;
    }
    toast(t.saved);
  });
  const decline = (name: string, on: boolean) => {
    const others = wanted.current.filter(one => one !== name);
    choose(on ? [...others, name] : others);
    run();
  };
  const classes = Object.entries(desk.classes).filter(
    ([name]) => name !== "unclassified" && name !== "other",
  );
  return (
    <section class="card stack">
      <h2>{t.account.declined}</h2>
      <p class="muted">{t.account.declinedText}</p>
      <ErrorNote error={error} />
      <div class="choices">
        {classes.map(([name, text]) => (
          <CheckField
            key={name}
            label={text}
            checked={declined.includes(name)}
            onValue={on => decline(name, on)}
          />
        ))}
      </div>
    </section>
  );
}

function Seen({ exposure }: { exposure: Me["exposure"] }) {
  const t = useTexts().shell.account;
  const line = (title: string, one: Exposure) => (
    <div>
      <dt>{title}</dt>
      <dd>
        {t.reveals(one.reveals)}
        {one.seconds > 0 && <> · {t.seconds(span(one.seconds))}</>}
      </dd>
    </div>
  );
  return (
    <section class="card stack">
      <h2>{t.exposure}</h2>
      <p class="muted">{t.exposureText}</p>
      <dl class="facts">
        {line(t.today, exposure.today)}
        {line(t.week, exposure.week)}
      </dl>
    </section>
  );
}

function ChangePassphrase({ name }: { name: string }) {
  const t = useTexts().shell;
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const { run, busy, error } = useAction(async () => {
    await patch("/v1/me", { passphrase: { old, new: fresh } });
    await refreshSession(); // it began a new one
    setOld("");
    setFresh("");
    setAgain("");
    toast(t.account.changed);
  });
  const good = passphraseGood(fresh, again) && old !== "";
  return (
    <Form
      class="card stack"
      onSend={() => {
        if (good) run();
      }}
    >
      <h2>{t.account.change}</h2>
      <ErrorNote error={error} />
      <input
        type="text"
        class="unseen"
        autoComplete="username"
        value={name}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      <PassphraseField label={t.account.old} value={old} onValue={setOld} autoComplete="current-password" />
      <NewPassphrase
        label={t.account.fresh}
        value={fresh}
        again={again}
        onValue={setFresh}
        onAgain={setAgain}
      />
      <Button type="submit" kind="primary" busy={busy} aria-disabled={!good}>
        {t.account.doChange}
      </Button>
    </Form>
  );
}
