import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { useTexts } from "../i18n";

// A label, what is entered, what helps with it, and what is wrong with it; all told to a screen reader, too.
interface FieldProps {
  label: ComponentChildren;
  hint?: ComponentChildren;
  error?: string | null | undefined;
  optional?: boolean;
  hideLabel?: boolean;
}
export interface Wired {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

export function Field({
  label,
  hint,
  error,
  optional,
  hideLabel,
  children,
}: FieldProps & { children: (wired: Wired) => ComponentChildren }) {
  const t = useTexts().shell;
  const id = useId();
  const described = [hint ? id + "h" : "", error ? id + "e" : ""].filter(Boolean).join(" ");
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={id} class={hideLabel ? "unseen" : undefined}>
        {label}
        {optional && <span class="muted"> ({t.optional})</span>}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {hint && (
        <div class="hint" id={id + "h"}>
          {hint}
        </div>
      )}
      {error && (
        <div class="wrong-text" id={id + "e"}>
          {error}
        </div>
      )}
    </div>
  );
}

type Input = Omit<JSX.IntrinsicElements["input"], "label" | "onInput" | "value" | "ref">;

export function TextField({
  label,
  hint,
  error,
  optional,
  hideLabel,
  value,
  onValue,
  ...rest
}: FieldProps & Input & { value: string; onValue: (value: string) => void }) {
  return (
    <Field {...{ label, hint, error, optional, hideLabel }}>
      {wired => (
        <input
          type="text"
          {...rest}
          {...wired}
          value={value}
          onInput={event => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  error,
  optional,
  hideLabel,
  value,
  onValue,
  ...rest
}: FieldProps &
  Omit<JSX.IntrinsicElements["textarea"], "label" | "onInput" | "value" | "ref"> & {
    value: string;
    onValue: (value: string) => void;
  }) {
  return (
    <Field {...{ label, hint, error, optional, hideLabel }}>
      {wired => (
        <textarea
          rows={4}
          dir="auto"
          {...rest}
          {...wired}
          value={value}
          onInput={event => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface Option {
  value: string;
  text: string;
  disabled?: boolean;
}

export function SelectField({
  label,
  hint,
  error,
  optional,
  hideLabel,
  value,
  onValue,
  options,
  ...rest
}: FieldProps &
  Omit<JSX.IntrinsicElements["select"], "label" | "onInput" | "value" | "ref"> & {
    value: string;
    onValue: (value: string) => void;
    options: Option[];
  }) {
  return (
    <Field {...{ label, hint, error, optional, hideLabel }}>
      {wired => (
        <select {...rest} {...wired} value={value} onChange={event => onValue(event.currentTarget.value)}>
          {options.map(option => (
            <option
              key={option.value}
              value={option.value}
              disabled={option.disabled}
              selected={option.value === value}
            >
              {option.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function CheckField({
  label,
  hint,
  checked,
  onValue,
  ...rest
}: {
  label: ComponentChildren;
  hint?: ComponentChildren;
  checked: boolean;
  onValue: (checked: boolean) => void;
} & Omit<Input, "checked" | "type">) {
  const id = useId();
  return (
    <div class="check">
      <input
        type="checkbox"
        {...rest}
        id={id}
        checked={checked}
        aria-describedby={hint ? id + "h" : undefined}
        onChange={event => onValue(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint && (
        <div class="hint" id={id + "h"}>
          {hint}
        </div>
      )}
    </div>
  );
}

// One of a few, all in sight.
export function RadioField({
  label,
  hint,
  value,
  onValue,
  options,
}: {
  label: ComponentChildren;
  hint?: ComponentChildren;
  value: string;
  onValue: (value: string) => void;
  options: (Option & { hint?: string })[];
}) {
  const id = useId();
  return (
    <fieldset class="field radios">
      <legend>{label}</legend>
      {hint && <div class="hint">{hint}</div>}
      {options.map(option => (
        <div class="check" key={option.value}>
          <input
            type="radio"
            name={id}
            id={id + option.value}
            value={option.value}
            checked={option.value === value}
            disabled={option.disabled}
            aria-describedby={option.hint ? id + option.value + "h" : undefined}
            onChange={() => onValue(option.value)}
          />
          <label for={id + option.value}>{option.text}</label>
          {option.hint && (
            <div class="hint" id={id + option.value + "h"}>
              {option.hint}
            </div>
          )}
        </div>
      ))}
    </fieldset>
  );
}
