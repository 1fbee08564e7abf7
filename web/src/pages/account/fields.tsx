import { useState } from "preact/hooks";
import { number, useTexts } from "../../i18n";
import { Button, Field, TextField } from "../../ui";

// What signing in, enrolling and changing a passphrase have in common.
const PASSPHRASE_MIN = 12;
const PASSPHRASE_KINDS = 5; // different characters

export function PassphraseField({
  label,
  value,
  onValue,
  autoComplete,
  error,
  hint,
}: {
  label: string;
  value: string;
  onValue: (value: string) => void;
  autoComplete: "current-password" | "new-password";
  error?: string | null;
  hint?: string;
}) {
  const t = useTexts().shell.sign;
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} error={error} hint={hint}>
      {wired => (
        <span class="with-button">
          <input
            {...wired}
            type={shown ? "text" : "password"}
            value={value}
            autoComplete={autoComplete}
            spellcheck={false}
            autoCapitalize="none"
            dir="auto"
            required
            onInput={event => onValue(event.currentTarget.value)}
          />
          <Button
            kind="quiet"
            icon={shown ? "eye-off" : "eye"}
            label={shown ? t.hide : t.show}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          />
        </span>
      )}
    </Field>
  );
}

export function CodeField({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  const t = useTexts().shell.sign;
  return (
    <TextField
      label={t.code}
      hint={t.codeHint}
      value={value}
      onValue={onValue}
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={12}
      class="code"
      dir="ltr"
      required
    />
  );
}

// A new passphrase, twice; says what is missing as it is typed.
export function NewPassphrase({
  label,
  value,
  again,
  onValue,
  onAgain,
}: {
  label: string;
  value: string;
  again: string;
  onValue: (value: string) => void;
  onAgain: (value: string) => void;
}) {
  const t = useTexts().shell.enrol;
  const missing = PASSPHRASE_MIN - [...value].length;
  const alike = new Set(value).size < PASSPHRASE_KINDS;
  const wanted = value && (missing > 0 ? t.passShort(missing) : alike ? t.passAlike : "");
  return (
    <>
      <PassphraseField
        label={label}
        value={value}
        onValue={onValue}
        autoComplete="new-password"
        hint={wanted || t.passRules(number(PASSPHRASE_MIN))}
      />
      <PassphraseField
        label={t.passAgain}
        value={again}
        onValue={onAgain}
        autoComplete="new-password"
        error={again && again !== value && !value.startsWith(again) ? t.passDiffers : null}
      />
    </>
  );
}

export function passphraseGood(value: string, again: string): boolean {
  return value === again && [...value].length >= PASSPHRASE_MIN && new Set(value).size >= PASSPHRASE_KINDS;
}
