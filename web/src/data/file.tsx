import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { list, number, useTexts } from "../i18n";
import type { Wired } from "../ui/field";

// The browser's own control speaks the browser's language, and not always the reader's.
export function FileInput({
  wired,
  onFiles,
  ...rest
}: { wired: Wired; onFiles: (files: File[]) => void } & Pick<
  JSX.InputHTMLAttributes<HTMLInputElement>,
  "accept" | "multiple" | "required" | "disabled"
>) {
  const t = useTexts().data.find;
  const input = useRef<HTMLInputElement>(null);
  const [names, setNames] = useState<string[]>([]);
  return (
    <span class="file">
      <input
        ref={input}
        type="file"
        class="unseen"
        {...wired}
        {...rest}
        onChange={event => {
          const files = [...(event.currentTarget.files ?? [])];
          setNames(files.map(file => file.name));
          onFiles(files);
        }}
      />
      <span class="button small" aria-hidden="true" onClick={() => input.current?.click()}>
        {t.choose}
      </span>
      <bdi class="muted small">
        {names.length > 3 ? number(names.length) : names.length ? list(names) : t.noFile}
      </bdi>
    </span>
  );
}
