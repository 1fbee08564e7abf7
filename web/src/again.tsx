import { useState } from "preact/hooks";
import { refreshSession, session, useAction } from "./api";
import { useCell } from "./cell";
import { useTexts } from "./i18n";
import { again, signIn, signOut, type Again } from "./session";
import { Button, Dialog, ErrorNote, Form, TextField } from "./ui";

// The session ended in mid-sentence: the person signs in again on top of the page, and goes on.
export function SignInAgain() {
  const now = useCell(again);
  return now ? <AgainDialog now={now} /> : null;
}

function AgainDialog({ now }: { now: Again }) {
  const t = useTexts().shell;
  const [passphrase, setPassphrase] = useState("");
  const [code, setCode] = useState("");
  const { run, busy, error } = useAction(async () => {
    await signIn(now.name, passphrase, code).catch((cause: unknown) => {
      setCode(""); // each holds once
      throw cause;
    });
    if (!session.get()?.csrf) await refreshSession();
    now.done();
  });
  return (
    <Dialog title={t.again.title} onClose={now.give_up}>
      <Form onSend={run}>
        <p>{t.again.text}</p>
        <ErrorNote error={error} />
        <TextField
          label={t.sign.name}
          value={now.name}
          onValue={() => {}}
          readOnly
          autoComplete="username"
          dir="auto"
        />
        <TextField
          label={t.sign.passphrase}
          type="password"
          value={passphrase}
          onValue={setPassphrase}
          autoComplete="current-password"
          required
          autoFocus
        />
        <TextField
          label={t.sign.code}
          hint={t.sign.codeHint}
          value={code}
          onValue={setCode}
          inputMode="numeric"
          autoComplete="one-time-code"
          class="code"
          dir="ltr"
          required
        />
        <div class="row">
          <Button kind="primary" type="submit" busy={busy}>
            {t.signIn}
          </Button>
          <Button kind="quiet" onClick={() => void signOut()}>
            {t.again.other}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
