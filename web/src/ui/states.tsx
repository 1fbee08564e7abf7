import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ApiError, Loaded, Pages } from "../api";
import { ago, dateTime, useTexts } from "../i18n";
import { Button } from "./button";
import { Icon } from "./icon";

export type Tone = "plain" | "good" | "note" | "warn" | "bad";

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={"badge " + tone}>{children}</span>;
}

// A message that stays in the page.
export function Note({ tone = "note", children }: { tone?: Tone; children: ComponentChildren }) {
  return (
    <div class={"note " + tone} role={tone === "bad" ? "alert" : undefined}>
      <Icon name={tone === "bad" || tone === "warn" ? "warn" : tone === "good" ? "check" : "info"} />
      <div>{children}</div>
    </div>
  );
}

// Nothing there, and what to do about it.
export function Empty({ title, children }: { title?: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      {title && <h2>{title}</h2>}
      {children}
    </div>
  );
}

export function Skeleton({ lines = 4 }: { lines?: number }) {
  const t = useTexts().shell;
  return (
    <div class="skeleton" role="status" aria-label={t.loading}>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}

// What went wrong, in the API's words with their hint, or in this language where the console knows the code.
export function ErrorNote({ error, retry }: { error: ApiError | null; retry?: (() => void) | undefined }) {
  const t = useTexts().shell;
  if (!error) return null;
  const known = (t.errors as Record<string, string>)[error.code];
  return (
    <Note tone="bad">
      <p>{known ?? <span dir="auto">{error.message || t.failed}</span>}</p>
      {!known && error.hint && (
        <p class="muted" dir="auto">
          {error.hint}
        </p>
      )}
      {retry && (
        <Button small icon="reload" onClick={retry}>
          {t.retry}
        </Button>
      )}
    </Note>
  );
}

// What is loaded, or that it is loading, or why it is not there.
export function Load<T>({
  of,
  lines,
  children,
}: {
  of: Loaded<T>;
  lines?: number;
  children: (data: T) => ComponentChildren;
}) {
  return (
    <>
      {of.error && !of.error.passing && <ErrorNote error={of.error} retry={of.reload} />}
      {of.data !== null ? (
        children(of.data)
      ) : of.error && !of.error.passing ? null : (
        <Skeleton lines={lines ?? 4} />
      )}
    </>
  );
}

// Under a list that comes in pages.
export function Pager<T>({ of }: { of: Pages<T> }) {
  const t = useTexts().shell;
  if (!of.more) return null;
  return (
    <div class="pager">
      <Button onClick={of.more} busy={of.loadingMore}>
        {t.more}
      </Button>
    </div>
  );
}

// A time in other words, with the exact one for who points at it; until then it costs nothing.
export function Moment({ ms, children }: { ms: number; children: ComponentChildren }) {
  return (
    <time
      dateTime={new Date(ms).toISOString()}
      onPointerEnter={event => (event.currentTarget.title = dateTime(ms))}
    >
      {children}
    </time>
  );
}
// "3 minutes ago"
export function Ago({ ms }: { ms: number }) {
  return <Moment ms={ms}>{ago(ms)}</Moment>;
}
export function When({ ms }: { ms: number }) {
  return <time dateTime={new Date(ms).toISOString()}>{dateTime(ms)}</time>;
}

// Names and values, one under the other.
export function Facts({ rows }: { rows: [ComponentChildren, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value], i) => (
        <div key={i}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

// Something to be taken elsewhere: shown to be read, with a button that copies it.
export function CopyText({ text, shown }: { text: string; shown?: string }) {
  const t = useTexts().shell;
  const [copied, setCopied] = useState(false);
  const copy = () => {
    const field = document.createElement("textarea");
    const write = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    void write
      .catch(() => {
        // Without TLS there is no clipboard but this old one.
        const place = document.querySelector("dialog[open]") ?? document.body;
        field.value = text;
        place.append(field);
        field.select();
        document.execCommand("copy");
        field.remove();
      })
      .then(() => setCopied(true));
  };
  return (
    <div class="copy-text">
      <code tabIndex={0}>{shown ?? text}</code>
      <Button icon={copied ? "check" : "copy"} onClick={copy}>
        {copied ? t.copied : t.copy}
      </Button>
    </div>
  );
}
