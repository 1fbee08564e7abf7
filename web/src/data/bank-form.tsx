import { number, useTexts } from "../i18n";
import type { Mode } from "../types";
import { Field, RadioField } from "../ui";

const MODES: Mode[] = ["shadow", "review", "block"];
export const RADIUS_MAX = 48;
export const NAME = "[A-Za-z_][A-Za-z0-9_.\\-]{0,63}";

export function ModeField({ value, onValue }: { value: Mode; onValue: (mode: Mode) => void }) {
  const t = useTexts().data;
  return (
    <RadioField
      label={t.banks.mode}
      value={value}
      onValue={mode => onValue(mode as Mode)}
      options={MODES.map(mode => ({ value: mode, text: t.modes[mode], hint: t.modeHelp[mode] }))}
    />
  );
}

export function ThresholdField({ value, onValue }: { value: number; onValue: (bits: number) => void }) {
  const t = useTexts().data;
  return (
    <Field label={t.threshold} hint={t.thresholdHelp}>
      {wired => (
        <div class="threshold">
          <input
            type="range"
            {...wired}
            min={0}
            max={RADIUS_MAX}
            value={value}
            aria-valuetext={t.bits(value)}
            onInput={event => onValue(Number(event.currentTarget.value))}
          />
          <output>{number(value)}</output>
        </div>
      )}
    </Field>
  );
}
