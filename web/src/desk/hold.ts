import { useEffect } from "preact/hooks";
import { isTyping, singleKeys } from "../ui";

// Space, held: true from down to up. It ends by itself when the window or the tab is left, for then no key comes up, and
// leaves Space alone wherever it has a use of its own.
export function useSpace(set: (held: boolean) => void): void {
  useEffect(() => {
    let held = false;
    const change = (to: boolean) => {
      if (to !== held) set((held = to));
    };
    const down = (event: KeyboardEvent) => {
      if (event.code !== "Space" || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey)
        return;
      if (!singleKeys.get() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
      if (!held && event.target instanceof Element && event.target.closest("button,input,summary,[role=tab]"))
        return;
      event.preventDefault();
      if (!event.repeat) change(true);
    };
    const up = (event: KeyboardEvent) => {
      if (event.code === "Space") change(false);
    };
    const end = () => change(false);
    document.addEventListener("keydown", down);
    document.addEventListener("keyup", up);
    window.addEventListener("blur", end);
    document.addEventListener("visibilitychange", end);
    return () => {
      document.removeEventListener("keydown", down);
      document.removeEventListener("keyup", up);
      window.removeEventListener("blur", end);
      document.removeEventListener("visibilitychange", end);
      end();
    };
  }, []);
}
