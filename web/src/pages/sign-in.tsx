import { useState } from "preact/hooks";
import { session, useAction } from "../api";
import { useCell } from "../cell";
import { useTexts } from "../i18n";
import { match, navigate, useRoute } from "../router";
import { signIn } from "../session";
import { Button, ErrorNote, Form, LinkButton, Note, Page, TextField } from "../ui";
import { CodeField, PassphraseField } from "./account/fields";

// Where to go on: a page of this console and nothing else.
function nextOf(query: URLSearchParams): string {
  const next = query.get("next") ?? "/";
  const path = next.split(/[?#]/)[0] ?? "";
  return next.startsWith("/") && !next.startsWith("//") && match(path) ? next : "/";
}

export default function SignIn() {
  const t = useTexts().shell;
  const now = useCell(session);
  const next = nextOf(useRoute().query);
  const [name, setName] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [code, setCode] = useState("");
  const { run, busy, error } = useAction(async () => {
    await signIn(name.trim(), passphrase, code.replace(/\s/g, "")).catch((cause: unknown) => {
      setCode("");
      throw cause;
    });
    navigate(next, { replace: true });
  });
  return (
    <Page title={t.pages.signIn} narrow>
      {now?.open && (
        <Note tone="warn">
          <p>{t.sign.open}</p>
          <LinkButton href={next}>{t.sign.openGo}</LinkButton>
        </Note>
      )}
      {now?.user && (
        <Note>
          <p>{t.sign.already(now.user.name)}</p>
          <LinkButton href={next}>{t.sign.openGo}</LinkButton>
        </Note>
      )}
      <Form class="stack card" onSend={run}>
        <ErrorNote error={error} />
        <TextField
          label={t.sign.name}
          value={name}
          onValue={setName}
          autoComplete="username"
          autoCapitalize="none"
          spellcheck={false}
          dir="auto"
          maxLength={64}
          required
          autoFocus
        />
        <PassphraseField
          label={t.sign.passphrase}
          value={passphrase}
          onValue={setPassphrase}
          autoComplete="current-password"
        />
        <CodeField value={code} onValue={setCode} />
        <Button kind="primary" type="submit" busy={busy}>
          {t.signIn}
        </Button>
      </Form>
      <p class="muted small">
        {t.sign.noAccount} {t.sign.invited} <a href="/enrol">{t.sign.enrol}</a>
      </p>
    </Page>
  );
}
