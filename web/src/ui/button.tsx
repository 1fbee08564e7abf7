import type { ComponentChildren, JSX } from "preact";
import { Icon, type IconName } from "./icon";

type Own = {
  kind?: "plain" | "primary" | "danger" | "quiet";
  icon?: IconName;
  busy?: boolean; // pressed and under way: it stays focusable and does nothing
  small?: boolean;
  label?: string; // for those who cannot see an icon alone
  children?: ComponentChildren;
};
export type ButtonProps = Own & Omit<JSX.IntrinsicElements["button"], keyof Own>;

export function Button({ kind = "plain", icon, busy, small, label, children, ...rest }: ButtonProps) {
  const names = ["button", rest.class, kind, small ? "small" : "", children ? "" : "alone", busy ? "busy" : ""];
  return (
    <button
      type="button"
      {...rest}
      class={names.filter(Boolean).join(" ")}
      aria-label={label}
      title={label}
      aria-disabled={busy || rest["aria-disabled"] || undefined}
      onClick={event => {
        if (busy || rest["aria-disabled"]) event.preventDefault();
        else rest.onClick?.(event);
      }}
    >
      {icon && <Icon name={icon} />}
      {children && <span>{children}</span>}
    </button>
  );
}

// A link that looks like a button.
export function LinkButton({
  href,
  kind = "plain",
  icon,
  children,
}: {
  href: string;
  kind?: "plain" | "primary" | "quiet";
  icon?: IconName;
  children: ComponentChildren;
}) {
  return (
    <a class={"button " + kind} href={href}>
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </a>
  );
}
