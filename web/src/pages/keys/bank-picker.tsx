import { useLoad } from "../../api";
import { useTexts } from "../../i18n";
import { CheckField } from "../../ui";

// Some banks, or none chosen: all of them.
export function BankPicker({ value, onValue }: { value: string[]; onValue: (banks: string[]) => void }) {
  const t = useTexts().shell.keys;
  const banks = useLoad<{ banks: { name: string }[] }>("/v1/banks?limit=1000");
  if (!banks.data?.banks.length) return null;
  return (
    <fieldset class="field">
      <legend>{t.banks}</legend>
      <div class="hint">{t.banksHint}</div>
      <div class="choices scrolls">
        {banks.data.banks.map(({ name }) => (
          <CheckField
            key={name}
            label={<bdi>{name}</bdi>}
            checked={value.includes(name)}
            onValue={on => onValue(on ? [...value, name] : value.filter(one => one !== name))}
          />
        ))}
      </div>
    </fieldset>
  );
}
