import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useTexts } from "../i18n";
import { Button } from "./button";

// The browser's own modal dialog: it keeps the focus inside, ends with Escape and gives the focus back.
export function Dialog({
  title,
  onClose,
  children,
  footer,
  wide,
  stay,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  footer?: ComponentChildren; // buttons
  wide?: boolean;
  stay?: boolean; // no way out but its buttons
}) {
  const t = useTexts().shell;
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault();
        if (!stay) onClose();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {!stay && <Button kind="quiet" icon="close" label={t.close} onClick={onClose} />}
      </header>
      <div class="dialog-body">{children}</div>
      {footer && <footer>{footer}</footer>}
    </dialog>
  );
}

// "Are you sure", in the words of the deed: the button says what it does.
export function Confirm({
  title,
  children,
  action,
  danger,
  busy,
  onYes,
  onClose,
}: {
  title: string;
  children: ComponentChildren;
  action: string;
  danger?: boolean;
  busy?: boolean;
  onYes: () => void;
  onClose: () => void;
}) {
  const t = useTexts().shell;
  const footer = (
    <>
      <Button onClick={onClose}>{t.cancel}</Button>
      <Button kind={danger ? "danger" : "primary"} busy={busy ?? false} onClick={onYes}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} footer={footer}>
      {children}
    </Dialog>
  );
}
