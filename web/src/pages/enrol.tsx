import { useEffect, useState } from "preact/hooks";
import { post, useAction } from "../api";
import { useTexts } from "../i18n";
import { navigate, useRoute } from "../router";
import { entered } from "../session";
import type { Session, Totp } from "../types";
import { Button, CopyText, ErrorNote, Form, Page, TextField } from "../ui";
import { CodeField, NewPassphrase, passphraseGood } from "./account/fields";

interface Look {
  name: string;
  totp: Totp;
}

// The invitation is in the link behind '#', so that no server on the way and no log sees it.
export default function Enrol() {
  const t = useTexts().shell;
  const { hash } = useRoute();
  const [invitation, setInvitation] = useState(hash.slice(1));
  const [look, setLook] = useState<Look | null>(null);
  const { run, busy, error } = useAction(async (text: string) => {
    const code = text.trim().replace(/^.*#/, "");
    setLook(await post<Look>("/v1/session/enrol", { invitation: code }));
    setInvitation(code);
  });
  useEffect(() => {
    if (hash.length > 1) run(hash.slice(1));
  }, [hash]);
  return (
    <Page title={t.pages.enrol} narrow>
      <ErrorNote error={error} />
      {look ? (
        <Steps look={look} invitation={invitation} />
      ) : (
        <Form class="stack card" onSend={() => run(invitation)}>
          <TextField
            label={t.enrol.invitation}
            hint={t.enrol.invitationHint}
            value={invitation}
            onValue={setInvitation}
            class="mono"
            dir="ltr"
            autoComplete="off"
            spellcheck={false}
            required
          />
          <Button kind="primary" type="submit" busy={busy}>
            {t.enrol.look}
          </Button>
        </Form>
      )}
    </Page>
  );
}

function Steps({ look, invitation }: { look: Look; invitation: string }) {
  const t = useTexts().shell;
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [code, setCode] = useState("");
  const { run, busy, error } = useAction(async () => {
    const body = { invitation, passphrase, code: code.replace(/\s/g, "") };
    await entered(await post<Session>("/v1/session/enrol", body));
    navigate("/", { replace: true });
  });
  return (
    <Form
      onSend={() => {
        if (passphraseGood(passphrase, again)) run();
      }}
    >
      <p>{t.enrol.text(look.name)}</p>
      <section class="card stack">
        <h2>{t.enrol.appTitle}</h2>
        <p>{t.enrol.appText}</p>
        <div class="enrol-app">
          <Qr svg={look.totp.svg} alt={t.enrol.qr} />
          <div class="stack">
            <div>
              <div class="muted small">{t.enrol.secret}</div>
              <CopyText text={look.totp.secret} shown={look.totp.secret.replace(/(.{4})(?=.)/g, "$1 ")} />
            </div>
            <a href={look.totp.uri}>{t.enrol.openApp}</a>
          </div>
        </div>
      </section>
      <section class="card stack">
        <h2>{t.enrol.passTitle}</h2>
        <input
          type="text"
          class="unseen"
          autoComplete="username"
          value={look.name}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <NewPassphrase
          label={t.sign.passphrase}
          value={passphrase}
          again={again}
          onValue={setPassphrase}
          onAgain={setAgain}
        />
      </section>
      <section class="card stack">
        <h2>{t.enrol.codeTitle}</h2>
        <p>{t.enrol.codeText}</p>
        <CodeField value={code} onValue={setCode} />
      </section>
      <ErrorNote error={error} />
      <Button kind="primary" type="submit" busy={busy} aria-disabled={!passphraseGood(passphrase, again)}>
        {t.enrol.done}
      </Button>
    </Form>
  );
}

// As a picture, so that nothing in it could run.
function Qr({ svg, alt }: { svg: string; alt: string }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [svg]);
  return url ? <img class="qr" src={url} alt={alt} width={200} height={200} /> : null;
}
