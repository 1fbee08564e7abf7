import type { ComponentChildren, JSX } from "preact";
import type { ApiError } from "../api";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { ErrorNote } from "./states";

// What is filled in and then sent, by its button or with Enter; the page stays.
export function Form({
  onSend,
  ...rest
}: Omit<JSX.IntrinsicElements["form"], "onSubmit"> & { onSend: () => void }) {
  return (
    <form
      class="stack"
      {...rest}
      onSubmit={event => {
        event.preventDefault();
        onSend();
      }}
    />
  );
}

// A form in a dialog of its own: above it what went wrong, below it the button that says what it does.
export function FormDialog({
  title,
  action,
  of,
  incomplete,
  onClose,
  children,
}: {
  title: string;
  action: string;
  of: { run: () => void; busy: boolean; error: ApiError | null }; // useAction
  incomplete?: boolean; // nothing to send yet
  onClose: () => void;
  children: ComponentChildren;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSend={of.run}>
        <ErrorNote error={of.error} />
        {children}
        <Button kind="primary" type="submit" busy={of.busy} aria-disabled={incomplete}>
          {action}
        </Button>
      </Form>
    </Dialog>
  );
}
